"""Reading passages that came with the question (closed context): which of their words answer, and how surely.

The program itself reads ``asked``, ``units``, ``features``, ``model`` and ``weights.safetensors``; ``train``
runs when the weights are made again: ``python -m assistant.reader.train --data DIR --store STORE``.
"""
