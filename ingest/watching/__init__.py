"""Folders that are watched: what comes, changes or goes there."""
