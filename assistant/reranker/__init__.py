"""The learned reranker (学习排序): its features, its weights, and the code that trained them.

The program itself reads ``features``, ``model`` and ``weights.safetensors``; ``train`` runs when the
weights are made again: ``python -m assistant.reranker.train --data DIR --work DIR``.
"""
