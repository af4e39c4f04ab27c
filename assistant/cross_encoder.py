"""A reranker by name or path: any ``CrossEncoder`` that is on this machine, for those who have the time.

Question and passage go through a transformer together, 50 times a question: seconds on a plain
processor. The built-in reranker needs none of it. Only this file knows the class, and imports the
library (ten seconds) when a model is configured.
"""

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from corpus.errors import UserError

_BATCH = 16


class CrossEncoderReader:
    """A ``retrieve.PairReader`` that loads its model when it is first asked. Safe to share between threads."""

    def __init__(self, name: str) -> None:
        """``name``: a folder, or a name that is in the cache of this machine."""
        self.name = name
        self._lock = threading.Lock()

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """See ``PairReader``. Raises ``UserError`` where the model is not to be had."""
        if not texts:
            return []
        with self._lock:
            pairs = [(question, text) for text in texts]
            found = self._model.predict(pairs, batch_size=_BATCH, show_progress_bar=False)
        if found.ndim != 1:
            raise UserError(
                f"模型“{self.name}”不是重排模型：它给每一对文字不止一个得分。",
                "请换一个重排（reranker）模型。",
            )
        return [float(score) for score in found]

    @cached_property
    def _model(self) -> Any:
        if self.name.startswith(("/", ".", "~")) and not Path(self.name).is_dir():
            raise self._missing()
        try:
            from sentence_transformers import CrossEncoder

            # Offline: what is not on this machine is a mistake to report, not to download.
            return CrossEncoder(self.name, local_files_only=True, device="cpu")
        except (ImportError, OSError, ValueError, RuntimeError) as error:
            raise self._missing() from error

    def _missing(self) -> UserError:
        return UserError(
            f"这台机器上没有重排模型“{self.name}”，或者它读不出来。",
            "请先把模型下载到一个文件夹，再把设置 UNIONQA_RERANKER 改为它；留空则用自带的重排。",
        )
