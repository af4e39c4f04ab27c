"""The store: articles, passages and the two indexes over them. Imports nothing of ours."""
