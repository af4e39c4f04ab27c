"""Settings of the store. Only entry points call ``from_environment``."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

BUNDLED_ENCODER = Path(__file__).parent / "encoder" / "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusSettings:
    """Where the store is and which encoder fills it.

    ``encoder`` is a folder of a ``SentenceTransformer`` or a name that
    sentence-transformers finds on this machine.
    """

    store: Path = Path("store")
    encoder: str = str(BUNDLED_ENCODER)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "CorpusSettings":
        """Defaults, overridden by ``UNIONQA_STORE`` and ``UNIONQA_ENCODER``."""
        return cls(
            store=Path(environ.get("UNIONQA_STORE") or cls().store),
            encoder=environ.get("UNIONQA_ENCODER") or cls().encoder,
        )
