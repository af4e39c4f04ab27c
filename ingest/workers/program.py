"""Which program read a file: what failed once is tried again by another one."""

from functools import cache
from hashlib import sha256
from pathlib import Path

_HERE = Path(__file__).parents[1]


@cache
def fingerprint() -> str:
    """A digest of the code that reads files, 16 hex digits; it changes whenever that code does."""
    digest = sha256()
    for file in sorted(_HERE.rglob("*.py")):
        if "tests" not in file.relative_to(_HERE).parts:
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]
