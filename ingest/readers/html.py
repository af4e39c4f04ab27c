"""Web pages: the piece itself, without menus, footers and recommendations."""

import re
from collections.abc import Iterator

import lxml.html
from lxml.html import HtmlElement

from corpus.errors import UserError
from ingest.lines import Line, Page, Reading
from ingest.readers.tables import SPANNED, rows_as_text
from ingest.readers.text import Decoded, decode

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_XML_HEAD = re.compile(r"^\s*<\?xml[^>]*\?>")
_NEVER_TEXT = frozenset({"script", "style", "noscript", "template", "head", "svg"})
_DROP = _NEVER_TEXT | {"iframe", "object", "nav", "footer", "aside", "form", "button", "select", "textarea"}
_NOISE = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|menu|breadcrumbs?|crumbs?|footer|foot|sidebar|share|comments?|related|recommend"
    r"|copyright|advert|ads?|toolbar|login|search|pagination|pager|qrcode|hot-?news|hidden|tool-?tip)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|(?:font-size|opacity)\s*:\s*0(?![.\d]*[1-9])"
    r"|(?:text-indent|left|top)\s*:\s*-\d{3,}",
    re.IGNORECASE,
)
_MAX_SPAN = 1000  # columns and rows, as in browsers
_BLOCKS = frozenset(
    {"p", "div", "section", "article", "main", "header", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li"}
    | {"dl", "dt", "dd", "table", "tr", "td", "th", "caption", "blockquote", "pre", "figure", "figcaption"}
    | {"body", "address", "center", "fieldset", "details", "summary", "hr", "br"}
)
# Text directly inside one of these speaks for the element around it.
_PARAGRAPHS = frozenset(
    {
        "p",
        "span",
        "font",
        "b",
        "strong",
        "em",
        "i",
        "u",
        "a",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "li",
        "td",
        "tr",
    }
)
_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_BYLINE = re.compile(
    r"来源|作者|记者|编辑|时间|日期|发布|文号|发文|索引|\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}"
)
_SITE = re.compile(r"\s+[-_|—]+\s*|[-_|—]{2,}|[_|]")
_SPACE = re.compile(r"[ \t\r\n\f\v\xa0]+")
_BLANK, _INDENT = re.compile(r"(\s+)"), "\u3000\u3000"


def read(data: bytes, name: str) -> Reading:
    """The article's heading, byline and body; every block element is a whole paragraph."""
    decoded = _decoded(data)
    tree = _parse(_XML_HEAD.sub("", decoded.text))
    metadata = _metadata(tree)
    _remove_noise(tree)
    lines = list(_lines(_content(tree)))
    head = _head(tree, lines, metadata.get("title", ""))
    return Reading(
        pages=(Page(number=1, lines=tuple(head + lines)),),
        media_type="text/html",
        reader=f"html/{decoded.encoding}",
        warnings=decoded.warnings,
        metadata=metadata,
    )


def whole_page(data: bytes) -> list[Line]:
    """Every block of a page that is a document through and through, nothing of it left out as a menu."""
    tree = _parse(_XML_HEAD.sub("", _decoded(data).text))
    for node in [node for node in tree.iter() if node.tag in _NEVER_TEXT]:
        if node.getparent() is not None:
            node.drop_tree()
    return list(_lines(_body(tree)))


def _decoded(data: bytes) -> Decoded:
    declared = _CHARSET.search(data[:4096])
    return decode(data, declared=declared.group(1).decode() if declared else "")


def _parse(text: str) -> HtmlElement:
    parser = lxml.html.HTMLParser(huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        tree = lxml.html.document_fromstring(text, parser=parser)
    except (lxml.etree.LxmlError, ValueError) as error:
        raise UserError(
            "网页内容已损坏，无法解析。", "请在浏览器里重新打开并另存为网页或 PDF 后再加入。"
        ) from error
    return tree


def _metadata(tree: HtmlElement) -> dict[str, str]:
    """What ``<title>`` and ``<meta>`` declare, under lower-case names."""
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        key = (meta.get("name") or meta.get("property") or "").strip().lower()
        if key and (content := (meta.get("content") or "").strip()):
            found.setdefault(key, content)
    title = tree.findtext(".//title") or ""
    title = found.get("articletitle") or found.get("og:title") or _squeeze(title)
    title = "" if "<" in title else title  # a template's mark that was never filled in
    return {**found, "title": title} if title else found


def _remove_noise(tree: HtmlElement) -> None:
    """Drop what is never the piece; a block that holds a third of the page's text is no noise."""
    total = max(len(tree.text_content()), 1)
    for node in list(tree.iter()):
        if not isinstance(node.tag, str) or node.tag in ("html", "body"):
            continue
        names = f"{node.get('class') or ''} {node.get('id') or ''}"
        hidden = node.get("hidden") is not None or _HIDDEN.search(node.get("style") or "")
        if not (node.tag in _DROP or hidden or _NOISE.search(names)) or node.getparent() is None:
            continue
        if node.tag in _NEVER_TEXT or len(node.text_content()) < total / 3:
            node.drop_tree()


def _content(tree: HtmlElement) -> HtmlElement:
    """The element whose own paragraphs hold the most text outside links."""
    scores: dict[HtmlElement, float] = {}
    for node in tree.iter():
        if not isinstance(node.tag, str):
            continue
        own = _own_weight(node)
        if own <= 0:
            continue
        at: HtmlElement | None = node if node.tag not in _PARAGRAPHS else node.getparent()
        for share in (1.0, 0.6, 0.3):
            if at is None:
                break
            scores[at] = scores.get(at, 0.0) + own * share
            at = at.getparent()
    if not scores:
        return _body(tree)
    best = max(scores, key=lambda node: scores[node])
    while (parent := best.getparent()) is not None and scores.get(parent, 0) > scores[best] * 0.9:
        best = parent
    return best


def _own_weight(node: HtmlElement) -> float:
    """Characters of text directly in ``node``; text in links counts against it."""
    own = len(_squeeze(node.text or "")) + sum(len(_squeeze(child.tail or "")) for child in node)
    linked = any(up.tag == "a" for up in (node, *node.iterancestors("a")))
    return -own if linked else own


def _body(tree: HtmlElement) -> HtmlElement:
    found = tree.find("body")
    return tree if found is None else found


def _head(tree: HtmlElement, lines: list[Line], title: str) -> list[Line]:
    """Heading and byline where they stand outside the content: as the first lines."""
    inside = {line.text for line in lines}
    chosen = _heading(tree, title)
    if not chosen or chosen in inside:
        return []
    around = (
        line.text
        for line in _lines(_body(tree))
        if line.text not in inside
        and line.text != chosen
        and len(line.text) <= 80
        and _BYLINE.search(line.text)
    )
    return [
        Line(text=chosen, level=1, whole=True, blank_before=True),
        *(Line(text=text, whole=True, blank_before=True) for text in list(dict.fromkeys(around))[:3]),
    ]


def _heading(tree: HtmlElement, title: str) -> str:
    """The ``h1`` that the page's title repeats; where none does, the title without the site's name."""
    headings = [text for node in tree.iter("h1") if (text := _squeeze(node.text_content()))]
    if not title:
        return headings[0] if headings else ""
    repeated = (text for text in headings if text in title or title[:8] in text)
    return next(repeated, _SITE.split(title)[0].strip())


def _lines(root: HtmlElement) -> Iterator[Line]:
    for text, level in _blocks(root, 0, ""):
        yield Line(text=text, level=level, whole=True, blank_before=True)


def _blocks(node: HtmlElement, level: int, mark: str) -> Iterator[tuple[str, int]]:
    """Texts of the blocks below ``node`` in order, each with its heading level."""
    level = _HEADINGS.get(node.tag, level)
    if node.tag == "table" and not _is_layout(node):
        yield from ((row, 0) for row in rows_as_text(_rows(node)))
        return
    pending = [mark, node.text or ""]
    for position, child in enumerate(node):
        if not isinstance(child.tag, str):
            pending.append(child.tail or "")
        elif (
            child.tag == "br"
            or child.tag in _BLOCKS
            or any(d.tag in _BLOCKS for d in child.iterdescendants())
        ):
            yield from _flush(pending, level)
            yield from _blocks(child, level, _mark(node, child, position))
            pending = [child.tail or ""]
        else:
            pending += [child.text_content(), child.tail or ""]
    yield from _flush(pending, level)


def _flush(pending: list[str], level: int) -> Iterator[tuple[str, int]]:
    """The paragraphs of running text: some pages part them by an indent alone."""
    parts = [""]
    for piece in _BLANK.split("".join(pending)):
        if _INDENT in piece:
            parts.append("")
        else:
            parts[-1] += piece
    for text in map(_squeeze, parts):
        if text and text != "•":
            yield text, level


def _mark(parent: HtmlElement, child: HtmlElement, position: int) -> str:
    if child.tag != "li":
        return ""
    if parent.tag != "ol":
        return "• "
    return f"{sum(1 for node in parent[: position + 1] if node.tag == 'li')}. "


def _is_layout(table: HtmlElement) -> bool:
    """A table that only places things: one inside another, one cell a row, or cells of many paragraphs."""
    if next(table.iterdescendants("table"), None) is not None:
        return True
    cells = list(table.iter("td", "th"))
    return len(cells) <= 1 or any(
        len(cell.findall(".//p")) > 2 or len(cell.text_content()) > 400 for cell in cells
    )


def _rows(table: HtmlElement) -> list[list[str]]:
    """The cells by row and column: what spans rows stands in each, what spans columns is marked."""
    rows: list[list[str]] = []
    reaching: dict[int, tuple[int, str]] = {}  # column → rows still to come, and what stands there
    for node in table.iter("tr"):
        row: list[str] = []
        for cell in (cell for cell in node if cell.tag in ("td", "th")):
            _reach_down(row, reaching)
            spanned = [_squeeze(cell.text_content()), *[SPANNED] * (_span(cell, "colspan") - 1)]
            if (down := _span(cell, "rowspan") - 1) > 0:
                reaching |= {len(row) + n: (down, text) for n, text in enumerate(spanned)}
            row += spanned
        _reach_down(row, reaching)
        rows.append(row)
    return rows


def _reach_down(row: list[str], reaching: dict[int, tuple[int, str]]) -> None:
    """Put what reaches down from the rows above where the row has come to."""
    while (at := len(row)) in reaching:
        left, text = reaching.pop(at)
        row.append(text)
        if left > 1:
            reaching[at] = (left - 1, text)


def _span(cell: HtmlElement, name: str) -> int:
    value = (cell.get(name) or "").strip()
    return min(max(int(value), 1), _MAX_SPAN) if value.isascii() and value.isdigit() and len(value) < 6 else 1


def _squeeze(text: str) -> str:
    return _SPACE.sub(" ", text).strip()
