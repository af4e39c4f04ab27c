"""Question sets, measures and runs: what trainers trust."""
