"""The learned reranker (学习排序): its features, its weights, and the code that trained them.

The program itself reads ``features``, ``model`` and ``weights.safetensors``. When the weights are
made again, ``groups`` makes what is learned from and ``train`` learns and measures:
``python -m assistant.reranker.train --data DIR --work DIR``.
"""
