"""E-mails (.eml) and web pages saved as one file (.mht): the text here, attachments as files of their own."""

import email
import email.policy
import re
from collections.abc import Iterator
from email.message import EmailMessage, Message

from corpus.errors import UserError
from ingest.lines import Line, Page, Reading
from ingest.readers import html
from ingest.readers.text import decode, plain_lines

_HEADER = re.compile(rb"^([A-Za-z][A-Za-z0-9-]{1,40}):[ \t]?")
_TELLING = {
    *(b"from", b"to", b"subject", b"date", b"received", b"return-path", b"message-id", b"mime-version"),
    *(b"content-type", b"delivered-to", b"x-mailer", b"x-originating-ip", b"reply-to"),
}
_NEEDED = {b"from", b"received", b"return-path", b"mime-version", b"message-id", b"delivered-to"}
_HEADS = (("subject", 1), ("from", 0), ("to", 0), ("date", 0))
_NAMES = {"from": "发件人", "to": "收件人", "date": "日期"}
_MAX_PARTS = 1000


def is_mail(data: bytes) -> bool:
    """Whether the bytes begin with the headers of a message, three at least that every mail has."""
    seen = set()
    for line in data[:8192].lstrip(b"\xef\xbb\xbf\r\n").splitlines()[:60]:
        if found := _HEADER.match(line):
            seen.add(found.group(1).lower())
        elif not line.startswith((b" ", b"\t")):
            break
    return len(seen & _TELLING) >= 3 and bool(seen & _NEEDED)


def read(data: bytes, name: str) -> Reading:
    """Subject, sender, recipients and date, then the text. Raises ``UserError`` for what cannot be parsed."""
    message = _parsed(data)
    lines, encoding, warnings = _body(message)
    web_page = message.get_content_type() == "multipart/related" and not message["to"]
    if not web_page:
        lines = [*_heads(message), *lines]
    return Reading(
        pages=(Page(number=1, lines=tuple(lines)),),
        media_type="multipart/related" if web_page else "message/rfc822",
        reader=f"eml/{encoding}",
        warnings=warnings,
        metadata={"title": subject} if (subject := _header(message, "subject")) else {},
    )


def attachments(data: bytes) -> Iterator[tuple[str, bytes]]:
    """``(file name, bytes)`` of every attached file."""
    message = _parsed(data)
    for number, part in enumerate(message.walk()):
        if number > _MAX_PARTS:
            return
        if part.is_multipart() and part.get_content_type() != "message/rfc822":
            continue
        name = _file_name(part)
        if part.get_content_disposition() != "attachment" or not name:
            continue
        content = _content(part)
        if content:
            yield name, content


def _parsed(data: bytes) -> EmailMessage:
    try:
        return email.message_from_bytes(data.lstrip(b"\xef\xbb\xbf\r\n"), policy=email.policy.default)
    except Exception as error:  # the parser raises whatever a broken header makes it raise
        raise UserError("邮件已损坏，打不开。", "请在邮箱里打开原邮件，另存为 PDF 或重新导出。") from error


def _file_name(part: EmailMessage) -> str:
    try:
        return (part.get_filename() or "").strip()
    except Exception:  # a broken name costs no mail
        return ""


def _content(part: EmailMessage) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        return bytes(inner[0]) if isinstance(inner, list) and isinstance(inner[0], Message) else b""
    try:
        payload = part.get_payload(decode=True)
    except Exception:  # as above
        return b""
    return payload if isinstance(payload, bytes) else b""


def _header(message: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(message[name] or "").split())
    except Exception:  # a broken header costs itself
        return ""


def _heads(message: EmailMessage) -> Iterator[Line]:
    for name, level in _HEADS:
        if value := _header(message, name):
            label = f"{_NAMES[name]}：" if name in _NAMES else ""
            yield Line(text=label + value, level=level, whole=True, blank_before=True)


def _body(message: EmailMessage) -> tuple[list[Line], str, tuple[str, ...]]:
    """The lines of the text, which encoding it was in, and what was lost; HTML before plain text."""
    texts = [
        part
        for part in message.walk()
        if part.get_content_type() in ("text/html", "text/plain")
        and part.get_content_disposition() != "attachment"
    ]
    pages = [part for part in texts if part.get_content_type() == "text/html"]
    for part in pages or texts:
        content = _content(part)
        if not content.strip():
            continue
        if pages:
            reading = html.read(content, "")
            return reading.lines, reading.reader, reading.warnings
        decoded = decode(content, declared=part.get_content_charset() or "")
        return plain_lines(decoded.text), decoded.encoding, decoded.warnings
    return [], "", ()
