"""The store: articles, passages and the two indexes over them. Imports nothing of ours.

``store`` is the only facade, ``types`` the nouns, ``catalogue`` the SQLite file that is the truth;
``lexical`` and ``vectors`` (``vector_index``, ``segments``, ``encoder``) find passages in it. What
stands on them has rooms: ``versions`` (what follows, amends or repeats what, what is in force),
``table`` (all that is held, sorted and counted), ``records`` (audit log, questions, trainers'
queue), ``accounts`` (people and keys) and ``web`` (what is served besides the panels).
"""
