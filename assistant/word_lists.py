"""Lists of words that offices may extend, kept beside the program as text."""

from pathlib import Path


def section(file: str, name: str) -> list[str]:
    """The words under ``[name]`` in a text file of this folder, in their order; lines with # are remarks."""
    text = Path(__file__).with_name(file).read_text("utf8")
    under = text.split(f"[{name}]\n")[1].split("\n[")[0]
    return [w for line in under.splitlines() if not line.startswith("#") for w in line.split()]
