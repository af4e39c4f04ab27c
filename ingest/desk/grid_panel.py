"""资料表: what the corpus holds, and what is done to it. The rows come over ``routes``; this is the frame."""

import json
from html import escape
from pathlib import Path

import gradio as gr

from corpus.store import Store
from ingest.desk.grid_actions import CONFIRMATION
from ingest.desk.grid_query import COLUMNS

_HERE = Path(__file__).parent
_SCRIPT = "\n".join((_HERE / name).read_text(encoding="utf-8") for name in ("grid.js", "grid_files.js"))
_FRAME = (_HERE / "grid.html").read_text(encoding="utf-8")
#: An address that names the table or a file's versions opens their tab. Others open with the first.
_TO_TAB = """() => {
  const open = () => {
    const name = { '#table': '资料表', '#version': '版本与撤下' }[location.hash.split(/[?=]/)[0]];
    [...document.querySelectorAll('#desk [role=tab]')].find((tab) => tab.textContent.trim() === name)?.click();
  };
  open();
  addEventListener('hashchange', open);
}"""
#: Asks for the first rows while the page is still being built; grid.js takes them up.
FIRST_SCRIPT = """
if (location.hash.split('?')[0] === '#table') {
  const asked = new URLSearchParams(location.hash.split('?')[1] || '');
  const sort = asked.get('sort') || '-received_at';
  asked.delete('open');
  asked.delete('sort');
  for (const [name, value] of [['sort', sort], ['offset', 0], ['limit', 100], ['counts', 1]]) asked.set(name, value);
  const address = `rows?${asked}`;
  window.firstRows = { address, reply: fetch(`holdings/${address}`) };
  window.firstRows.reply.catch(() => {});
}
"""


def build(page: gr.Blocks, tab: gr.Tab, store: Store) -> None:
    """Lays the tab out where it is open. The table asks for its rows itself."""
    columns = json.dumps([column._asdict() for column in COLUMNS], ensure_ascii=False)
    frame = _FRAME.replace("@columns", escape(columns)).replace("@confirmation", CONFIRMATION)
    gr.HTML(frame, js_on_load=_SCRIPT, apply_default_css=False, elem_id="holdings")
    page.load(None, None, None, js=_TO_TAB)
