"""The table of all that is held: its rows, its columns, sorted and counted."""
