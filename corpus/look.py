"""What all pages share in looks. Each panel adds its own style sheet to it."""

from pathlib import Path

#: Colours for light and dark, the head of the page, focus.
CSS = (Path(__file__).parent / "look.css").read_text(encoding="utf-8")
