"""What a question means in its conversation, a matter a file.

``talk`` is what asks for no document, and what is said to it; ``past`` is what was asked and answered
before, ``pointing`` what "第二点" points at in that. ``readings`` are the ways a question can be read, the
likeliest first; which of them holds, the evidence decides (``choosing``). ``doubts`` looks into what
somebody claims against an answer.
"""
