"""Broken files: whatever happens to the bytes, a file is read or refused in words, and nothing else comes out."""

import io
import random
import re
import zipfile

import docx
import pytest

from corpus.errors import UserError
from ingest.pipeline import parse
from ingest.tests.pdfs import Run, make_pdf

TEXT = "云河街道灯会办法\n第一条　灯会每年一次。\n第二条　会费按下列标准收取：\n（一）成人每人十元；\n（二）学生每人五元。\n"


def word():
    document = docx.Document()
    document.add_heading("云河街道灯会办法", level=1)
    for text in TEXT.split("\n"):
        document.add_paragraph(text, style="List Number")
    table = document.add_table(rows=2, cols=2)
    table.cell(0, 0).text, table.cell(1, 1).text = "项目", "10元"
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


WORD = word()
FILES = {
    "办法.txt": TEXT.encode("gb18030"),
    "办法.md": f"# {TEXT}\n| 项目 | 标准 |\n| --- | --- |\n| 成人 | 10元 |\n".encode(),
    "办法.html": f"<html><body><h1>办法</h1><table><tr><td>{TEXT}</td></tr></table></body></html>".encode(),
    "办法.docx": WORD,
    "办法.pdf": make_pdf([[Run(50, 100 + 20 * n, line) for n, line in enumerate(TEXT.split("\n"))]]),
}


def cut_off(data, chance):
    return data[: chance.randrange(1, len(data))]


def flipped(data, chance):
    changed = bytearray(data)
    for _ in range(chance.randint(1, 40)):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def blanked(data, chance):
    start = chance.randrange(len(data))
    return data[:start] + bytes(len(data[start : start + 300])) + data[start + 300 :]


def stuffed(data, chance):
    start = chance.randrange(len(data))
    return data[:start] + chance.randbytes(100) + data[start:]


def read_or_refused(data, name):
    try:
        document = parse(data, name, "1")
    except UserError as error:
        return error.message.endswith("。") and error.hint.startswith("请")
    return "".join(passage.text for passage in document.passages).encode() is not None


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("harm", [cut_off, flipped, blanked, stuffed])
def test_a_harmed_file_is_read_or_refused_in_words(name, harm):
    assert read_or_refused(harm(FILES[name], random.Random(name + harm.__name__)), name)


@pytest.mark.parametrize("value", ["²", "", "-1", "9" * 5000, "甲"])
def test_a_word_document_with_a_number_that_is_none_is_read(value):
    harmed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WORD)) as whole, zipfile.ZipFile(harmed, "w") as out:
        for name in whole.namelist():
            part = whole.read(name)
            if name.startswith("word/") and name.endswith(".xml"):
                part = re.sub(r'w:(val|ilvl|start)="\d+"', f'w:\\1="{value}"', part.decode()).encode()
            out.writestr(name, part)
    assert read_or_refused(harmed.getvalue(), "办法.docx")
