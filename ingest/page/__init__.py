"""What stands on a page and where: blocks, columns, furniture, headlines, the articles of a newspaper."""
