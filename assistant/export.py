"""Conversations as files: Markdown and Word, each answer with its sources."""

import io
import re
from collections.abc import Sequence

from assistant.types import Answer
from assistant.window.footnotes import OUTCOME_HEADS, footnotes
from assistant.window.turn import Turn

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_TITLE = "工会政策问答记录"
_MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~])")
#: Word cannot hold these characters; a broken PDF can put them into a text.
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def to_markdown(turns: Sequence[Turn]) -> str:
    """The conversation as Markdown; what documents and people wrote is escaped."""
    parts = [f"# {_TITLE}"]
    for number, turn in enumerate(turns, start=1):
        if turn.answer is None:
            continue
        parts += [f"## {number}. {_plain(turn.question)}", *_markdown_answer(turn.answer)]
    return "\n\n".join(parts) + "\n"


def _markdown_answer(answer: Answer) -> list[str]:
    head = _head(answer)
    lines = [f"**{head}**"] if head else []
    for statement in answer.statements:
        marks = "".join(rf"\[{m}\]" for m in dict.fromkeys(c.marker for c in statement.citations))
        lines.append(_plain(statement.text) + marks)
    notes = footnotes(answer)
    if notes:
        lines.append("**来源**")
    for note in notes:
        quotes = "".join(f"\n  > {_plain(quote)}" for quote in note.quotes)
        lines.append(rf"- \[{note.marker}\] {_plain(note.place)}{quotes}")
    lines += [f"说明：{_plain(text)}" for text in answer.notes]
    return lines


def _plain(text: str) -> str:
    return _MARKDOWN_SIGNS.sub(r"\\\1", " ".join(text.split()))


def _head(answer: Answer) -> str:
    head = OUTCOME_HEADS[answer.outcome]
    return f"{answer.outcome}：{head}" if head else ""


def to_docx(turns: Sequence[Turn]) -> bytes:
    """The conversation as a Word document, in the fonts that Chinese offices have."""
    import docx  # costs 0.2 s that a page without exports need not pay

    document = docx.Document()
    _set_fonts(document)
    document.add_heading(_TITLE, level=0)
    for number, turn in enumerate(turns, start=1):
        if turn.answer is not None:
            document.add_heading(_xml(f"{number}. {turn.question}"), level=1)
            _write_answer(document, turn.answer)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _write_answer(document, answer: Answer) -> None:  # type: ignore[no-untyped-def]
    head = _head(answer)
    if head:
        document.add_paragraph().add_run(_xml(head)).bold = True
    for statement in answer.statements:
        paragraph = document.add_paragraph(_xml(statement.text))
        for marker in dict.fromkeys(c.marker for c in statement.citations):
            paragraph.add_run(f"[{marker}]").font.superscript = True
    notes = footnotes(answer)
    if notes:
        document.add_paragraph().add_run("来源").bold = True
    for note in notes:
        document.add_paragraph(_xml(f"[{note.marker}] {note.place}"))
        for quote in note.quotes:
            document.add_paragraph(_xml(quote), style="Quote")
    for text in answer.notes:
        document.add_paragraph(_xml(f"说明：{text}"))


def _set_fonts(document) -> None:  # type: ignore[no-untyped-def]
    from docx.oxml.ns import qn

    for name, chinese in (("Normal", "宋体"), ("Title", "黑体"), ("Heading 1", "黑体"), ("Quote", "楷体")):
        style = document.styles[name]
        style.font.name = "Times New Roman"
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        fonts.set(qn("w:eastAsia"), chinese)
        for attribute in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(attribute), None)


def _xml(text: str) -> str:
    return _NOT_IN_XML.sub("", text)
