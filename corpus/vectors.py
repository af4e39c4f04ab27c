"""Vectors: the encoder behind its protocol, and the form in which vectors are kept.

An encoder is a ``SentenceTransformer`` folder. Static ones (word vectors, mean, normalise)
go through model2vec, which does not import torch; any other through sentence-transformers.
"""

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.characters import simplified
from corpus.errors import UserError
from corpus.settings import BUNDLED_ENCODER

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]
Prompt = Literal["query", "passage"]

#: In a model's folder: the keys of the questions that it learned from, a line each.
QUESTIONS = "learned_questions.txt"
#: How models call the prompts of the two sides, in their config. Sentence Transformers' own names come first.
_QUERY = ("query", "s2p_query", "web_search_query", "search_query", "retrieval.query")
_PASSAGE = ("document", "passage", "corpus", "search_document", "retrieval.passage")
_log = logging.getLogger(__name__)


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


def _prompts(folder: Path) -> dict[Prompt, str]:
    """The prompt put before queries and passages, as the model's own config names them."""
    try:
        config = json.loads((folder / "config_sentence_transformers.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        config = {}
    return prompts_of(config.get("prompts") or {}, config.get("default_prompt_name"))


def prompts_of(named: Mapping[str, str | None], usual: str | None = None) -> dict[Prompt, str]:
    """What is put before queries and passages, out of a model's named prompts.

    ``usual`` names the prompt for whatever has none; one that is of a side stays on that side.
    """
    other = "" if usual in (*_QUERY, *_PASSAGE) else named.get(usual or "") or ""

    def of(names: Sequence[str]) -> str:
        return next((named[name] or "" for name in names if name in named), other)

    return {"query": of(_QUERY), "passage": of(_PASSAGE)}


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
            self._prompts = _prompts(folder)
            kept = weights.read_bytes() + tokenizer.read_bytes() + self._prompts["passage"].encode()
            digest = sha256(kept).hexdigest()
        except Exception as error:  # tokenizers and safetensors raise kinds of their own
            raise UserError(
                f"向量模型的文件夹不完整：{folder}。", "请重新下载或重新训练这个模型。"
            ) from error
        self.name = f"static-{digest[:16]}"
        self.dimensions = int(vectors.shape[1])
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
        before = self._prompts[prompt]
        # The table was made from simplified text.
        plain = [before + simplified(text) for text in texts]
        return _unit(self._model.encode(plain, use_multiprocessing=False))


class TransformerEncoder:
    """Any other model, through sentence-transformers (6 s to import, so only here)."""

    def __init__(self, name: str) -> None:
        from sentence_transformers import SentenceTransformer

        try:
            # Offline: what is not on this machine is a mistake to report, not to download.
            self._model = SentenceTransformer(name, local_files_only=True)
        except (OSError, ValueError) as error:
            raise UserError(
                f"这台机器上没有向量模型“{name}”。", "请先下载模型，并把设置 UNIONQA_ENCODER 改为它的文件夹。"
            ) from error
        self._prompts = prompts_of(self._model.prompts, self._model.default_prompt_name)
        self.name = _transformer_name(name, self._prompts["passage"])
        self.dimensions = int(self._model.get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str], prompt: Prompt) -> Floats:
        """See ``Encoder``."""
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        # For a model that has a part for each side, these know which; "" is no prompt, not the usual one.
        encode = self._model.encode_query if prompt == "query" else self._model.encode_document
        before = self._prompts[prompt]
        return _unit(encode(list(texts), prompt=before, show_progress_bar=False, convert_to_numpy=True))


def _transformer_name(name: str, prompt: str) -> str:
    """Tells apart models by their weights, and by the prompt that is in the passages' vectors."""
    folder = Path(name)
    if not folder.is_dir():
        return name
    digest = sha256()
    weights = sorted(folder.rglob("*.safetensors")) or sorted(folder.rglob("pytorch_model*.bin"))
    for file in [*weights, *sorted(folder.rglob("tokenizer.json"))]:
        with file.open("rb") as opened:
            for block in iter(lambda: opened.read(1 << 20), b""):
                digest.update(block)
    digest.update(prompt.encode())
    return f"{folder.name}-{digest.hexdigest()[:16]}"


def recorded_place(encoder: Encoder | str) -> str | None:
    """Where an encoder can be loaded from again, as a store keeps it: ``""`` for the bundled one.

    None for an encoder that is no name and no folder.
    """
    if not isinstance(encoder, str):
        return None
    folder = Path(encoder)
    if not folder.is_dir():
        return encoder
    return "" if folder.resolve() == BUNDLED_ENCODER.resolve() else str(folder.resolve())


class Encoders:
    """The encoders at hand: the one that was given, and the one that the store names. Loaded when needed.

    ``place_of`` tells for a name what ``recorded_place`` told when the store began to use it.
    Safe to share between threads.
    """

    def __init__(self, given: Encoder | str, place_of: Callable[[str], str | None]) -> None:
        #: The given one, as it was given.
        self.choice = given
        self._place_of = place_of
        self._lock = threading.Lock()
        self._loaded: dict[str, Encoder] = {}

    @property
    def place(self) -> str | None:
        """The given one's place, see ``recorded_place``."""
        return recorded_place(self.choice)

    def given(self) -> Encoder:
        """The given one. Raises ``UserError`` where it is not to be had."""
        with self._lock:
            return self._at(self.choice)

    def named(self, name: str) -> Encoder:
        """The encoder of that name. Raises ``UserError`` where it is not to be had, or only another is."""
        held = self._held(name)
        if held:
            return held
        with self._lock:
            found: Encoder | None = self._held(name)
            missing: UserError | None = None
            for place in () if found else self._places(name):
                try:
                    found = self._at(place)
                except UserError as error:
                    missing = missing or _gone(error, name)
                    continue
                if found.name == name:
                    if place != self.choice and self.place:
                        _log.warning("the store's encoder %s is used, not %s", name, self.choice)
                    # Of the one before, which may be large, nothing is left.
                    self._loaded = {key: held for key, held in self._loaded.items() if held is found}
                    break
            if found and found.name == name:
                return found
            raise missing or _not_mixed(name, found)

    def hold(self, encoder: Encoder, place: str | None) -> None:
        """One that is loaded already: it need not be loaded again."""
        with self._lock:
            self._loaded[str(BUNDLED_ENCODER) if place == "" else place or encoder.name] = encoder

    def _held(self, name: str) -> Encoder | None:
        if not isinstance(self.choice, str) and self.choice.name == name:
            return self.choice
        return next((held for held in self._loaded.values() if held.name == name), None)

    def _places(self, name: str) -> Iterator[Encoder | str]:
        place = self._place_of(name)
        if place is not None:
            yield place or str(BUNDLED_ENCODER)
        yield self.choice

    def _at(self, place: Encoder | str) -> Encoder:
        if not isinstance(place, str):
            return place
        if place not in self._loaded:
            self._loaded[place] = load_encoder(place)
        return self._loaded[place]


def _gone(error: UserError, name: str) -> UserError:
    return UserError(
        f"{error.message}资料库的向量是用它（{name}）计算的。",
        "请把它放回原处，或用设置 UNIONQA_ENCODER 指明它现在的文件夹；"
        "要换一个，请运行 python -m corpus rebuild --encoder 文件夹或名称。",
    )


def _not_mixed(name: str, found: Encoder | None) -> UserError:
    return UserError(
        f"资料库是用另一个向量模型（{name}）建立的，与现在的模型（{found.name if found else '无'}）不能混用。",
        "请改回原来的模型，或运行 python -m corpus rebuild --encoder 文件夹或名称（bundled 是随附的），"
        "用它重新计算。",
    )


def to_blob(vectors: Floats) -> list[bytes]:
    """Vectors as they are kept: float16, little endian."""
    return [v.tobytes() for v in vectors.astype("<f2")]


def from_blobs(blobs: Sequence[bytes]) -> Halves:
    """float16 ``(n, d)`` out of what ``to_blob`` made."""
    if not blobs:
        return np.zeros((0, 0), np.float16)
    return np.frombuffer(b"".join(blobs), "<f2").reshape(len(blobs), -1)
