"""The bundled encoder (内置向量模型): its model folder, its card, and the code that trained it.

The program itself only reads ``model/``; everything else here runs when the model is
made again: ``python -m corpus.encoder.train --data DIR --work DIR --out FOLDER``.
"""
