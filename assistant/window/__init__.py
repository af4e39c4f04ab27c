"""What the chat window shows, as HTML: pure functions from the nouns to text.

Everything that comes from documents or from people passes ``escape`` exactly once, here.
Buttons carry ``data-do`` (an event's name) and its data; ``window.js`` sends them on.

``conversation`` draws the turns (``turn``), ``reply`` what answers one of them, with ``cards`` for
evidence, ``tools`` below it and ``footnotes`` as plain text; ``sources`` is the panel beside it.
"""
