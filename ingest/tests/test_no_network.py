"""Reading a file asks nobody: what a document names elsewhere is never fetched (no SSRF)."""

import ast
import io
import socket
import zipfile
from pathlib import Path

import docx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE

from corpus.errors import UserError
from ingest import readers

ROOT = Path(__file__).parents[2]
FAR = "http://169.254.169.254/latest/meta-data"
#: Libraries that fetch; a chat model's own is configured by whoever runs the program.
FETCHING = {"requests", "httpx", "aiohttp", "urllib3", "ftplib", "smtplib", "telnetlib", "websockets"}


def word() -> bytes:
    """With a linked picture and a link."""
    document = docx.Document()
    document.add_paragraph("云河市总工会关于消夏晚会的通知")
    document.add_paragraph("消夏晚会每年八月举行一次。")
    document.part.relate_to(f"{FAR}/a.png", RELATIONSHIP_TYPE.IMAGE, is_external=True)
    document.part.relate_to(f"{FAR}/t.dotm", RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    held = io.BytesIO()
    document.save(held)
    return held.getvalue()


def with_entity(data: bytes) -> bytes:
    """The same with a document type that names a file of the server and one elsewhere."""
    held = io.BytesIO()
    kinds = (
        f'<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b SYSTEM "{FAR}"><!ENTITY % c SYSTEM "{FAR}/x">'
        "%c;]>"
    )
    with zipfile.ZipFile(io.BytesIO(data)) as packed, zipfile.ZipFile(held, "w") as made:
        for name in packed.namelist():
            text = packed.read(name)
            if name == "word/document.xml":
                text = text.replace(b"?>", b"?>" + kinds.encode(), 1)
                text = text.replace("消夏晚会每年".encode(), "&a;&b;消夏晚会每年".encode())
            made.writestr(name, text)
    return held.getvalue()


HTML = f"""<html><head><base href="{FAR}/"><link rel="stylesheet" href="{FAR}/a.css">
<meta http-equiv="refresh" content="0;url={FAR}"><script src="{FAR}/a.js"></script></head><body>
<h1>云河市总工会关于消夏晚会的通知</h1><p>消夏晚会每年八月举行一次。</p><img src="{FAR}/a.png">
<iframe src="file:///etc/passwd"></iframe><object data="{FAR}/o"></object><p>由宣传部负责。</p></body></html>"""
XHTML = (
    f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b SYSTEM "{FAR}">]>'
    "<html><body><h1>消夏晚会的通知</h1><p>消夏晚会每年八月举行一次。&a;&b;</p></body></html>"
)
SVG = (
    f'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a SYSTEM "{FAR}">]><svg xmlns="http://www.w3.org/2000/svg" '
    f'xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="{FAR}/a.png"/><text>消夏晚会&a;</text></svg>'
)
MAIL = (
    "From: a@example.org\r\nSubject: =?utf-8?b?5raI5aSP5pma5Lya?=\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    + HTML
)
OUTSIDE = (
    f"From: a@example.org\r\nSubject: x\r\nContent-Type: message/external-body; access-type=URL; "
    f'URL="{FAR}"\r\n\r\nContent-Type: text/plain\r\n\r\n消夏晚会每年八月举行一次。\r\n'
)
MARKDOWN = f"# 消夏晚会\n\n![图]({FAR}/a.png)\n\n消夏晚会每年八月举行一次，见[附件]({FAR})。\n"
FILES = {
    "a.html": HTML.encode(),
    "b.xhtml": XHTML.encode(),
    "c.svg": SVG.encode(),
    "d.eml": MAIL.encode(),
    "e.eml": OUTSIDE.encode(),
    "f.md": MARKDOWN.encode(),
    "g.docx": word(),
    "h.docx": with_entity(word()),
}


@pytest.fixture
def asked(monkeypatch):
    """Whom anything here asks; nothing of it gets through."""
    names = []

    def refused(*address, **_):
        names.append(address)
        raise OSError("no network here")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refused, raising=False)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    monkeypatch.setattr(socket, "create_connection", refused)
    return names


@pytest.mark.parametrize("name", FILES)
def test_nothing_that_a_file_names_is_fetched_or_read_from_the_server(asked, name):
    try:
        reading = readers.read(FILES[name], name)
    except UserError as error:
        text = str(error)
    else:
        text = "\n".join(line.text for line in reading.lines)
        assert "消夏晚会" in text
    assert asked == []
    assert "root:" not in text


def test_nothing_of_ours_fetches_an_address():
    wrong = []
    for room in ("corpus", "ingest", "assistant"):
        for path in (ROOT / room).rglob("*.py"):
            if {"tests", "documents"} & set(path.parts):
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom):
                    names = [f"{node.module}.{a.name}" for a in node.names]
                wrong += [
                    (str(path.relative_to(ROOT)), name)
                    for name in names
                    if name.split(".")[0] in FETCHING or name.startswith(("urllib.request", "http.client"))
                ]
    assert wrong == []
