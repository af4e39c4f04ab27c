"""What a document says of itself: number, dates, names, bodies, whether it holds."""
