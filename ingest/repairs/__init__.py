"""Repairs: what undoes the damage of printing, extraction and recognition, a kind of damage a file."""
