"""What all pages share in looks. Each panel adds its own style sheet to it."""

import re
from pathlib import Path

HERE = Path(__file__).parent

#: Colours for light and dark, the head of the page, focus.
CSS = (HERE / "look.css").read_text(encoding="utf-8")
_DARK = re.findall(r"^\.dark \{(.*?)\}", CSS, re.DOTALL | re.MULTILINE)
#: The same for pages without gradio, which tell light from dark by the browser's word alone.
PLAIN_CSS = (
    f"{CSS}{(HERE / 'plain.css').read_text(encoding='utf-8')}"
    f"@media (prefers-color-scheme: dark) {{ :root {{{''.join(_DARK)}}} }}\n"
)
