"""Pages as pictures, and where a quote stands on them."""
