"""Files in, articles and passages out."""
