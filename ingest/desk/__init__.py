"""The office's page, a tab a file."""
