"""The stages of ``assistant.pipeline``, a file each, in the order a question goes through them.

``read`` finds the reading of the question that has an answer, by ``search``ing for one after the other:
that retrieves, tries what a document's own data say (``look_up``) and grades segments (``judge``; ``set_back`` puts behind what does not hold).
``draft`` chooses the words, ``withhold`` drops what is too unsure, ``given`` reads passages that came
with the question, ``word`` lets a language model write. ``assemble`` makes the answer. ``work`` is
what they hand on and what they read from.
"""
