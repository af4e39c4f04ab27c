"""Whether a sentence speaks of what was asked, and says it.

``judge`` grades every segment; it asks ``worth`` how near one is (``nearness``: where each word
stands; ``needed``: which words), ``subject`` whether it speaks of the place, year and document,
``form`` whether it can be an answer, ``held`` whether the thing asked for is in it (``people`` for
persons and offices), and ``ordering`` which goes first. ``context`` takes an article apart.
"""
