"""Writing the model folder, so that both loaders read the same vectors from it.

Rows are stored in 8 bits with a scale per token: a quarter of the size, and errors far
below what separates two passages. ``model2vec`` multiplies at each use, while
``sentence-transformers`` does it once at loading.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer

from corpus.vectors import QUESTIONS, question_key

_MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.StaticEmbedding"},
    {"idx": 1, "name": "1", "path": "1_Normalize", "type": "sentence_transformers.models.Normalize"},
]


def write(folder: Path, table: np.ndarray, tokenizer: Tokenizer, questions: Sequence[str] = ()) -> None:
    """``table`` float32 (tokens, dimensions), row for row with the tokenizer's ids.

    Of the ``questions`` it learned from the keys are kept, so that nobody measures on them unawares.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows, scales = to_bytes(table)
    save_file({"embeddings": rows, "weights": scales}, folder / "model.safetensors")
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    # max_length null: both loaders read a text to its end.
    _json(folder / "config.json", {"normalize": True, "max_length": None, "embedding_dtype": "int8"})
    _json(folder / "config_sentence_transformers.json", {"prompts": {}, "similarity_fn_name": "cosine"})
    _json(folder / "modules.json", _MODULES)
    (folder / "1_Normalize").mkdir(exist_ok=True)
    # Git keeps no empty folder, and sentence-transformers looks for this one.
    _json(folder / "1_Normalize" / "config.json", {})
    keys = sorted({question_key(question) for question in questions})
    (folder / QUESTIONS).write_text("".join(f"{key}\n" for key in keys), encoding="utf8")


def to_bytes(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """``(int8 rows, float32 scales)`` with ``rows * scales[:, None]`` close to ``table``."""
    scales = np.abs(table).max(axis=1) / 127
    safe = np.where(scales > 0, scales, 1)
    return np.round(table / safe[:, None]).astype(np.int8), scales.astype(np.float32)


def _json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf8")
