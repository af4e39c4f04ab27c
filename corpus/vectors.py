"""Vectors: the encoder behind its protocol, and the FAISS index over what it encoded.

An encoder is a ``SentenceTransformer`` folder. Static ones (word vectors, mean, normalise)
go through model2vec, which does not import torch; any other through sentence-transformers.
The index is one file that carries its own stamp and checksum and is replaced as a whole.
"""

import json
import os
import struct
import threading
import zlib
from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.errors import UserError
from corpus.lexical import IndexBrokenError, Stamp

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]
Prompt = Literal["query", "passage"]

_MAGIC = b"UQVEC1\n"
_BATCH = 1024


class Encoder(Protocol):
    """Texts → vectors. ``name`` tells apart encoders whose vectors must not be mixed."""

    name: str
    dimensions: int

    def encode(self, texts: Sequence[str], prompt: Prompt) -> Floats:
        """float32 ``(n, dimensions)``, each row of length 1 (or 0 for a text it knows nothing of)."""


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

    def encode(self, texts: Sequence[str], prompt: Prompt) -> Floats:
        """See ``Encoder``."""
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        before = self._prompts.get(prompt, "")
        return _unit(self._model.encode([before + t for t in texts], use_multiprocessing=False))


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


class VectorIndex(Protocol):
    """What the store asks of a vector index; another engine can stand behind it."""

    def stamp(self) -> Stamp | None:
        """What it reflects now, or None where there is nothing readable."""

    def rows(self) -> Rows:
        """The row numbers it holds."""

    def search(self, vector: Floats, k: int, allowed: Sequence[int] | None) -> list[tuple[int, float]]:
        """``(row, cosine)`` of the k nearest among the allowed rows (None: all), best first."""

    def vectors_at(self, rows: Sequence[int]) -> tuple[list[int], Floats]:
        """Those of the rows that it holds, and their vectors in the same order."""

    def apply(self, stamp: Stamp, removed: Rows, rows: Rows, vectors: Floats) -> None:
        """Forget and add rows, set the stamp; atomic."""

    def clear(self) -> None:
        """Forget everything."""

    def close(self) -> None:
        """Let go of its files."""


class _Header(NamedTuple):
    file: tuple[int, int, int]
    stamp: Stamp
    checksum: int
    offset: int


class FlatIndex:
    """An exact ``VectorIndex`` in one file. Only the holder of the store's lock writes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._loaded: tuple[_Header, Any] | None = None

    def close(self) -> None:
        """Let go of the vectors."""
        self._loaded = None

    def clear(self) -> None:
        """Delete the file."""
        self._loaded = None
        self._path.unlink(missing_ok=True)

    def stamp(self) -> Stamp | None:
        """See ``VectorIndex``. Reads the file's head alone."""
        header = self._header()
        return header.stamp if header else None

    def _header(self) -> _Header | None:
        try:
            with self._path.open("rb") as file:
                info = os.fstat(file.fileno())
                start = file.read(len(_MAGIC) + 4)
                if not start.startswith(_MAGIC):
                    return None
                (size,) = struct.unpack("<I", start[len(_MAGIC) :])
                told = json.loads(file.read(size))
            identity = (info.st_ino, info.st_mtime_ns, info.st_size)
            return _Header(identity, Stamp(*told["stamp"]), told["checksum"], len(start) + size)
        except (OSError, ValueError, KeyError, TypeError, struct.error):
            return None

    def _index(self) -> Any:
        """The FAISS index as the file is now; None where there is none, or a damaged one."""
        with self._lock:
            header = self._header()
            if header is None:
                self._loaded = None
            elif self._loaded is None or self._loaded[0].file != header.file:
                self._loaded = self._load(header)
            return self._loaded[1] if self._loaded else None

    def _whole(self) -> Any:
        index = self._index()
        if index is None and self._header() is not None and self._loaded is None:
            raise IndexBrokenError(str(self._path))
        return index

    def _load(self, header: _Header) -> tuple[_Header, Any] | None:
        data = np.fromfile(self._path, np.uint8, offset=header.offset)
        if zlib.crc32(data.data) != header.checksum:
            return None
        return header, _faiss().deserialize_index(data) if len(data) else None

    def readable(self) -> bool:
        """Whether the file is whole, or rightly empty."""
        self._index()
        return self._loaded is not None

    def rows(self) -> Rows:
        """See ``VectorIndex``."""
        index = self._index()
        if index is None:
            return np.zeros(0, np.int64)
        rows: Rows = _faiss().vector_to_array(index.id_map)
        return rows

    def vectors(self) -> Floats:
        """The vectors it holds, in the order of ``rows()``."""
        index = self._index()
        if index is None:
            return np.zeros((0, 0), np.float32)
        vectors: Floats = index.index.reconstruct_n(0, index.ntotal)
        return vectors

    def search(self, vector: Floats, k: int, allowed: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """See ``VectorIndex``. Raises ``IndexBrokenError`` where its file is damaged."""
        index = self._whole()
        if index is None or k < 1 or (allowed is not None and not len(allowed)):
            return []
        parameters = None
        if allowed is not None:
            parameters = _faiss().SearchParameters(sel=_selector(np.asarray(allowed, np.int64)))
        scores, rows = index.search(vector.reshape(1, -1), min(k, index.ntotal), params=parameters)
        found = zip(rows[0].tolist(), scores[0].tolist(), strict=True)
        return sorted(((row, score) for row, score in found if row >= 0), key=lambda f: (-f[1], f[0]))

    def vectors_at(self, rows: Sequence[int]) -> tuple[list[int], Floats]:
        """See ``VectorIndex``. Raises ``IndexBrokenError`` where its file is damaged."""
        index = self._whole()
        if index is None or not len(rows):
            return [], np.zeros((0, 0), np.float32)
        try:
            return list(rows), index.reconstruct_batch(np.asarray(rows, np.int64))
        except RuntimeError:  # a row that it does not hold
            held = [row for row, here in zip(rows, np.isin(rows, self.rows()), strict=True) if here]
            return held, index.reconstruct_batch(np.asarray(held, np.int64))

    def apply(self, stamp: Stamp, removed: Rows, rows: Rows, vectors: Floats) -> None:
        """See ``VectorIndex``. Searches that run meanwhile go on with what was."""
        faiss = _faiss()
        index = self._index()
        index = faiss.clone_index(index) if index is not None else None
        if index is not None and len(removed):
            index.remove_ids(faiss.IDSelectorBatch(removed))
        if len(rows):
            if index is None:
                index = faiss.IndexIDMap2(faiss.IndexFlatIP(vectors.shape[1]))
            index.add_with_ids(np.ascontiguousarray(vectors, np.float32), rows)
        self._save(stamp, index)

    def _save(self, stamp: Stamp, index: Any) -> None:
        data = (
            _faiss().serialize_index(index) if index is not None and index.ntotal else np.zeros(0, np.uint8)
        )
        head = json.dumps({"stamp": list(stamp), "checksum": zlib.crc32(data.data)}).encode()
        temporary = self._path.with_suffix(".tmp")
        with temporary.open("wb") as file:
            file.write(_MAGIC + struct.pack("<I", len(head)) + head)
            file.write(data.data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._path)


def _selector(allowed: Rows) -> Any:
    """A bit for every row up to the greatest allowed one."""
    bits = np.zeros(int(allowed.max()) // 8 + 1, np.uint8)
    np.bitwise_or.at(bits, allowed // 8, (1 << (allowed % 8)).astype(np.uint8))
    return _faiss().IDSelectorBitmap(bits)


def _faiss() -> Any:
    import faiss  # 0.05 s, and a keyword search needs none of it

    return faiss


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


def from_blobs(blobs: Sequence[bytes]) -> Floats:
    """float32 ``(n, d)`` out of what ``to_blob`` made."""
    if not blobs:
        return np.zeros((0, 0), np.float32)
    return np.frombuffer(b"".join(blobs), "<f2").reshape(len(blobs), -1).astype(np.float32)
