"""Pictures of a document's pages with labelled boxes over them, for the page of any room.

In a panel: add ``CSS`` to the page's style sheet, give the component
``gr.HTML(page_view(...) + rest, js_on_load=SCRIPT + own)``, and in ``own`` mount what has come::

    watch('value', () => pageViews.mount(element));
    pageViews.mount(element);

The view fetches ``info`` (``ingest.pictures.picture_routes`` answers: the pages' sizes in points) and each
picture when it is shown. Hovering a box lights everything in the component that has the same
``data-group``, and the other way round; a click on such a thing turns to its first box, a click on
a box scrolls to that thing. Group ``quote`` is drawn as a quotation, ``passage`` as its ground;
the others, articles for instance, get a colour each.
"""

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

from corpus.types import Box

_HERE = Path(__file__).parent
CSS = (_HERE / "page_view.css").read_text(encoding="utf-8")
SCRIPT = (_HERE / "page_view.js").read_text(encoding="utf-8")


class Mark(NamedTuple):
    """标框: a box on a page; boxes of one ``group`` light up together, ``label`` stands above the first."""

    box: Box
    group: str
    label: str = ""


def page_view(
    pictures: str,
    *,
    info: str = "",
    page: int = 1,
    marks: Sequence[Mark] = (),
    group: str = "",
    close: bool = False,
) -> str:
    """The view as HTML, for ``SCRIPT`` to fill; it takes the height that the style sheet gives it.

    ``pictures`` is the relative address of the folder of pictures (``"drafts/7/pages/"``), ``info``
    that of their sizes (default: ``"drafts/7/pages.json"``), whose answer may bring marks too. The
    view opens at the first box of ``group``, or else at ``page``; ``close``: enlarged until that
    group's lines can be read.
    """
    rows = json.dumps([[*mark.box, mark.group, mark.label] for mark in marks], ensure_ascii=False)
    attributes = {
        "data-pictures": pictures,
        "data-info": info or f"{pictures.rstrip('/')}.json",
        "data-page": str(page),
        "data-first": group,
        "data-marks": rows,
    }
    told = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items() if value)
    return f'<div class="page-view"{told}{" data-close" if close else ""}></div>'
