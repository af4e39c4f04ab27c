"""From an upload to what is live: received, read into a draft, corrected, published."""
