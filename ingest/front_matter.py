"""The YAML head of a text: plain ``key: value`` lines between two lines of three hyphens."""

import re

_HEAD = re.compile(r"\A---[ \t]*\n(.*?\n??)---[ \t]*(?:\n|\Z)", re.DOTALL)
_PAIR = re.compile(r"\s*[\w-]+\s*[:：]|\s*#|\s*-\s|\s*$")


def split(text: str, *, strict: bool = False) -> tuple[str, dict[str, str]]:
    """The text without its head, and what the head says; ``strict``: a head holds nothing but pairs."""
    found = _HEAD.match(text)
    if found is None or (strict and not _holds_pairs(found[1])):
        return text, {}
    return text[found.end() :], pairs(found[1])


def pairs(text: str) -> dict[str, str]:
    """The ``key: value`` lines of a YAML text; a list in brackets is parted by “、”."""
    found: dict[str, str] = {}
    for line in text.split("\n"):
        key, colon, value = line.replace("：", ":", 1).partition(":")
        value = value.strip()
        if value.startswith("[") and value.endswith("]"):
            value = "、".join(part.strip().strip("\"'") for part in value[1:-1].split(","))
        if colon and value and not key.lstrip().startswith(("#", "-")):
            found[key.strip()] = value.strip("\"'")
    return found


def _holds_pairs(head: str) -> bool:
    return bool(pairs(head)) and all(_PAIR.match(line) for line in head.split("\n"))
