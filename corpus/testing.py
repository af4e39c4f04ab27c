"""Fakes and conveniences for tests: an encoder without a model, a store out of a few lines, a browser."""

import os
import re
import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from corpus.store import Store
from corpus.types import Article, Passage, Source
from corpus.vectors import Floats, Prompt


class HashingEncoder:
    """An ``Encoder`` that needs no model: character pairs hashed into a vector.

    Deterministic, and texts that share pairs are near each other. ``encoded`` counts the
    texts, so that a test can see what came from the cache.
    """

    def __init__(self, dimensions: int = 256, name: str = "hashing") -> None:
        self.name = f"{name}-{dimensions}"
        self.dimensions = dimensions
        self.encoded = 0

    def encode(self, texts: Sequence[str], prompt: Prompt) -> Floats:
        """float32 ``(n, dimensions)``, rows of length 1 (0 for an empty text)."""
        self.encoded += len(texts)
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            for a, b in pairwise(f" {text} "):
                vector[zlib.crc32((a + b).encode("utf-8", "surrogatepass")) % self.dimensions] += 1
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.where(lengths > 0, lengths, 1), np.float32)


def make_document(
    source_id: str = "1", *, name: str = "", articles: Sequence[str | dict[str, Any]]
) -> tuple[Source, list[Article], list[Passage], bytes]:
    """What ``Writer.put`` takes. An article is its text, or the fields of ``Article``.

    Each line of an article's text becomes a passage; with ``"labels"`` (a list) among the
    fields, the passages carry these labels.
    """
    made: list[Article] = []
    passages: list[Passage] = []
    for ordinal, given in enumerate(articles, 1):
        fields = {"text": given} if isinstance(given, str) else dict(given)
        labels = fields.pop("labels", ())
        article = Article(id=f"{source_id}/{ordinal}", source_id=source_id, ordinal=ordinal, **fields)
        made.append(article)
        passages += _lines(article, labels)
    original = "\n\n".join(a.text for a in made).encode()
    name = name or f"文件{source_id}.txt"
    source = Source(
        id=source_id,
        name=name,
        origin=f"/文件夹/{name}",
        sha256=sha256(original).hexdigest(),
        media_type="text/plain",
        bytes=len(original),
        received_at="2024-05-01T08:00:00+08:00",
        reader="test",
    )
    return source, made, passages, original


def _lines(article: Article, labels: Sequence[str]) -> list[Passage]:
    passages: list[Passage] = []
    start = 0
    for line in article.text.split("\n"):
        if line.strip():
            n = len(passages) + 1
            passages.append(
                Passage(
                    id=f"{article.id}/{n}",
                    article_id=article.id,
                    ordinal=n,
                    label=labels[n - 1] if n <= len(labels) else "",
                    start=start,
                    end=start + len(line),
                    text=line,
                )
            )
        start += len(line) + 1
    return passages


def make_store(
    directory: Path, articles: Sequence[str | dict[str, Any]] = (), *, encoder: Any = None
) -> Store:
    """An open store in ``directory / "store"``, each article in a source of its own.

    Ids are therefore ``"1/1"``, ``"2/1"`` …; the encoder is a ``HashingEncoder``.
    """
    store = Store.open(directory / "store", encoder=encoder or HashingEncoder())
    with store.writing() as writer:
        for number, article in enumerate(articles, 1):
            writer.put(*make_document(str(number), articles=[article]))
    return store


def curl() -> str:
    """The path of curl; the test is skipped where there is none."""
    path = shutil.which("curl")
    if path is None:
        import pytest

        pytest.skip("没有找到 curl。")
    return path


#: What keeps Chromium from calling home while it is driven.
_QUIET = ("--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update")


@contextmanager
def chromium() -> Iterator[Any]:
    """A real Chromium, as playwright's ``Browser``.

    The test is skipped where there is none, and fails where UNIONQA_REQUIRE_BROWSER is 1.
    """
    import pytest

    sync_api = pytest.importorskip("playwright.sync_api", reason="没有安装 playwright：pip install '.[dev]'")
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        words = "没有找到 Chromium：请运行 apt-get install chromium（或安装 Chrome）后再试。"
        (pytest.fail if os.environ.get("UNIONQA_REQUIRE_BROWSER") == "1" else pytest.skip)(words)
    sync_api.expect.set_options(timeout=15_000)  # two busy cores are slow; a page that hangs still fails
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", *_QUIET]
        )
        yield browser
        browser.close()


@contextmanager
def served(store: Path) -> Iterator[tuple[str, int]]:
    """The app over a store's folder, started as people start it: its address, and its process id."""
    root = Path(__file__).parents[1]
    command = [sys.executable, "app.py", "--store", str(store), "--port", "0"]
    # The flag goes before the environment.
    environment = {**os.environ, "UNIONQA_PORT": "1"}
    process = subprocess.Popen(  # noqa: S603 - our own program
        command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        assert process.stdout
        line = next((x for x in process.stdout if "已经启动" in x), "")
        found = re.search(r"http://\S+", line)
        assert found, "the app did not start"
        yield found.group(), process.pid
    finally:
        process.terminate()
        process.wait(timeout=20)
