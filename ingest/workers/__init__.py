"""Processes that read under limits and may be killed."""
