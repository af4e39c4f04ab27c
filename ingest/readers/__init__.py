"""One file a format; every reader returns pages of lines."""
