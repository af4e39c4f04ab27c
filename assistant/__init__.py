"""A question in, an answer out, every sentence of it cited."""
