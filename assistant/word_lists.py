"""Lists of words that offices may extend, kept beside the program as text."""

from pathlib import Path

_FOLDER = Path(__file__).parent


def section(file: str, name: str) -> list[str]:
    """The words under ``[name]`` in a text file of this folder, in their order; lines with # are remarks."""
    text = (_FOLDER / file).read_text("utf8")
    under = text.split(f"[{name}]\n")[1].split("\n[")[0]
    return [w for line in under.splitlines() if not line.startswith("#") for w in line.split()]


def lines(file: str) -> list[list[str]]:
    """The words of each line of a text file of this folder; lines with # are remarks."""
    text = (_FOLDER / file).read_text("utf8")
    return [line.split() for line in text.splitlines() if line and not line.startswith("#")]
