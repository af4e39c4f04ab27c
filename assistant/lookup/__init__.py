"""Questions that a document's own data answer: its author, date, number, issuer, one of its clauses.

``documents`` finds the ones that a question names, by title or 文号, ``laws`` those whose clause is
asked for. ``provenance`` says who wrote or issued a document, when, and whether it holds; ``clauses``
finds a clause by its number, ``basis`` the clause on which something rests. A ``fact`` is what
they say; ``passages`` keeps the passages of the latest articles.
"""
