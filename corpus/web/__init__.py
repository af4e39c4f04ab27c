"""What is served besides the panels: the guard and its limits, plain pages, the programs' interface, metrics."""
