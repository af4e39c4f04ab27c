"""A small sound file of every kind that no printer is needed for."""

import io
import zipfile
from email.message import EmailMessage

import docx
import openpyxl
import pptx

from ingest.tests.pdfs import Run, make_pdf

RULES = "灯会办法\n第一条　灯会每年一次。\n第二条　灯会由街道承办，费用由街道承担。\n"
ROWS = [["项目", "对象", "标准"], ["门票", "成人", "10元"], ["车票", "老人", "免"]]


def saved(thing) -> bytes:
    buffer = io.BytesIO()
    thing.save(buffer)
    return buffer.getvalue()


def word() -> bytes:
    """Headings, paragraphs, a list and a table."""
    document = docx.Document()
    document.add_heading("灯会办法", level=1)
    for line in RULES.split("\n")[1:3]:
        document.add_paragraph(line)
    document.add_paragraph("先登记", style="List Number")
    table = document.add_table(rows=3, cols=3)
    for row, values in zip(table.rows, ROWS, strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    return saved(document)


def sheet() -> bytes:
    """Two sheets with a merged title."""
    book = openpyxl.Workbook()
    for page in (book.active, book.create_sheet("二")):
        page.append(["云河街道标准"])
        page.merge_cells("A1:C1")
        for row in ROWS:
            page.append(row)
    return saved(book)


def slides() -> bytes:
    """A slide with title, text, table and notes."""
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "灯会安排"
    slide.placeholders[1].text = RULES
    table = slide.shapes.add_table(3, 3, 0, 0, 3_000_000, 900_000).table
    for at, text in enumerate(text for row in ROWS for text in row):
        table.cell(*divmod(at, 3)).text = text
    slide.notes_slide.notes_text_frame.text = "讲到这里停一下"
    return saved(deck)


def mail() -> bytes:
    """A message with an attached document."""
    message = EmailMessage()
    message["From"], message["To"] = "林小满 <lin@example.org>", "zhou@example.org"
    message["Subject"], message["Date"] = "关于灯会的通知", "Fri, 01 Mar 2024 09:00:00 +0800"
    message.set_content(RULES)
    message.add_attachment(word(), maintype="application", subtype="octet-stream", filename="办法.docx")
    return message.as_bytes()


def archive() -> bytes:
    """A text, a document and an archive in an archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("通知.txt", RULES)
        packed.writestr("夹/办法.docx", word())
    inner = buffer.getvalue()
    with zipfile.ZipFile(buffer, "a") as packed:
        packed.writestr("内.zip", inner)
    return buffer.getvalue()


def all_kinds() -> dict[str, bytes]:
    """Name → bytes."""
    page = "".join(f"<p>{line}</p>" for line in RULES.split("\n"))
    table = "\n".join(",".join(row) for row in ROWS)
    sheets = [[Run(50, 100 + 30 * n, line) for n, line in enumerate(RULES.split("\n")) if line]] * 2
    return {
        "办法.txt": RULES.encode("gb18030"),
        "办法.md": f"# {RULES}\n- 一\n- 二\n".encode(),
        "办法.html": f"<html><meta charset=gbk><body>{page}</body></html>".encode("gb18030"),
        "标准.csv": table.encode("utf-8-sig"),
        "办法.docx": word(),
        "标准.xlsx": sheet(),
        "安排.pptx": slides(),
        "通知.eml": mail(),
        "资料.zip": archive(),
        "办法.pdf": make_pdf(sheets),
    }
