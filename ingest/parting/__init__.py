"""A file's lines parted into articles: the stages of ``ingest.articles``, a file each."""
