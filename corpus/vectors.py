"""Vectors: the encoder behind its protocol, and the form in which vectors are kept.

An encoder is a ``SentenceTransformer`` folder. Static ones (word vectors, mean, normalise)
go through model2vec, which does not import torch; any other through sentence-transformers.
"""

import json
import threading
from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.characters import simplified
from corpus.errors import UserError

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]
Prompt = Literal["query", "passage"]

_BATCH = 1024
#: In a model's folder: the keys of the questions that it learned from, a line each.
QUESTIONS = "learned_questions.txt"


class Encoder(Protocol):
    """Texts → vectors. ``name`` tells apart encoders whose vectors must not be mixed."""

    name: str
    dimensions: int

    def encode(self, texts: Sequence[str], prompt: Prompt) -> Floats:
        """float32 ``(n, dimensions)``, each row of length 1 (or 0 for a text it knows nothing of)."""


def question_key(text: str) -> str:
    """Twelve hexadecimal digits that tell a question again without saying it."""
    return sha256("".join(c for c in text.lower() if c.isalnum()).encode()).hexdigest()[:12]


def load_encoder(name_or_path: str) -> Encoder:
    """The encoder of a folder, or one that sentence-transformers finds on this machine.

    Raises ``UserError`` where it is not to be had.
    """
    folder = Path(name_or_path)
    if folder.is_dir():
        return StaticEncoder(folder) if _is_static(folder) else TransformerEncoder(str(folder))
    if folder.is_absolute() or name_or_path.startswith((".", "~")):
        raise UserError(
            f"找不到向量模型的文件夹：{name_or_path}。", "请检查设置 UNIONQA_ENCODER，或重新安装本程序。"
        )
    return TransformerEncoder(name_or_path)


def _modules(folder: Path) -> list[dict[str, str]]:
    try:
        modules: list[dict[str, str]] = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return modules


def _is_static(folder: Path) -> bool:
    modules = _modules(folder)
    return bool(modules) and modules[0]["type"].endswith("StaticEmbedding")


def _prompts(folder: Path) -> dict[str, str]:
    """The prompt put before queries and passages, as the model's own config names them."""
    try:
        config = json.loads((folder / "config_sentence_transformers.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return prompts_of(config.get("prompts") or {})


def prompts_of(named: dict[str, str]) -> dict[str, str]:
    """``query`` and ``passage`` prompts out of a model's named ones (also ``document``)."""
    passage = named.get("passage") or named.get("document") or ""
    return {"query": named.get("query") or "", "passage": passage}


def _unit(vectors: NDArray[Any]) -> Floats:
    vectors = np.asarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float32)


class StaticEncoder:
    """A static model through model2vec: no torch, no GPU."""

    def __init__(self, folder: Path) -> None:
        from model2vec import StaticModel
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        part = folder / _modules(folder)[0].get("path", "")
        try:
            weights = part / "model.safetensors"
            tokenizer = part / "tokenizer.json"
            tensors = load_file(weights)
            # 8-bit rows come with a scale per token, under the name that model2vec gave them.
            scales = tensors.pop("weights", None)
            (vectors,) = tensors.values()
            # sentence-transformers truncates nothing here, so neither does this loader.
            self._model = StaticModel(
                vectors,
                Tokenizer.from_file(str(tokenizer)),
                weights=scales,
                normalize=True,
                max_length=None,
            )
            digest = sha256(weights.read_bytes() + tokenizer.read_bytes()).hexdigest()
        except Exception as error:  # tokenizers and safetensors raise kinds of their own
            raise UserError(
                f"向量模型的文件夹不完整：{folder}。", "请重新下载或重新训练这个模型。"
            ) from error
        self.name = f"static-{digest[:16]}"
        self.dimensions = int(vectors.shape[1])
        self._prompts = _prompts(folder)
        self._folder = folder

    def learned(self, questions: Sequence[str]) -> list[bool]:
        """Whether it was trained on each of the questions, as its folder tells; False where it tells nothing."""
        try:
            keys = set((self._folder / QUESTIONS).read_text(encoding="utf-8").split())
        except OSError:
            keys = set()
        return [question_key(question) in keys for question in questions]

    def encode(self, texts: Sequence[str], prompt: Prompt) -> Floats:
        """See ``Encoder``."""
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        before = self._prompts.get(prompt, "")
        # The table was made from simplified text.
        plain = [before + simplified(text) for text in texts]
        return _unit(self._model.encode(plain, use_multiprocessing=False))


class TransformerEncoder:
    """Any other model, through sentence-transformers (6 s to import, so only here)."""

    def __init__(self, name: str) -> None:
        from sentence_transformers import SentenceTransformer

        try:
            # Offline: what is not on this machine is a mistake to report, not to download.
            self._model = SentenceTransformer(name, local_files_only=True, device="cpu")
        except (OSError, ValueError) as error:
            raise UserError(
                f"这台机器上没有向量模型“{name}”。", "请先下载模型，并把设置 UNIONQA_ENCODER 改为它的文件夹。"
            ) from error
        self.name = _transformer_name(name)
        self.dimensions = int(self._model.get_embedding_dimension() or 0)
        self._prompts = prompts_of({k: v for k, v in self._model.prompts.items() if v})

    def encode(self, texts: Sequence[str], prompt: Prompt) -> Floats:
        """See ``Encoder``."""
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        vectors = self._model.encode(
            list(texts), prompt=self._prompts[prompt] or None, show_progress_bar=False, convert_to_numpy=True
        )
        return _unit(vectors)


def _transformer_name(name: str) -> str:
    folder = Path(name)
    if not folder.is_dir():
        return name
    digest = sha256()
    for file in sorted(folder.rglob("*.safetensors")) + sorted(folder.rglob("tokenizer.json")):
        digest.update(file.read_bytes())
    return f"{folder.name}-{digest.hexdigest()[:16]}"


class LazyEncoder:
    """Loads an encoder when its first vector is asked for."""

    def __init__(self, encoder: "Encoder | str") -> None:
        self._given = encoder
        self._lock = threading.Lock()

    def get(self) -> Encoder:
        """The encoder. Raises ``UserError`` where it is not to be had."""
        with self._lock:
            return self._encoder

    @cached_property
    def _encoder(self) -> Encoder:
        return load_encoder(self._given) if isinstance(self._given, str) else self._given


def to_blob(vectors: Floats) -> list[bytes]:
    """Vectors as they are kept: float16, little endian."""
    return [v.tobytes() for v in vectors.astype("<f2")]


def from_blobs(blobs: Sequence[bytes]) -> Halves:
    """float16 ``(n, d)`` out of what ``to_blob`` made."""
    if not blobs:
        return np.zeros((0, 0), np.float16)
    return np.frombuffer(b"".join(blobs), "<f2").reshape(len(blobs), -1)
