"""Readers: one format each, chosen by the bytes, and a sentence for what cannot be read."""

import io
import zipfile
from pathlib import Path

import docx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from pypdf import PdfReader, PdfWriter

from corpus.errors import UserError
from ingest.readers import read
from ingest.tests.pdfs import Run, make_pdf

TEXT = "云河街道灯会通知\n\n今年的灯会定在三月举行，请各社区做好准备。\n联系人：林小满"


def texts(reading):
    return [line.text for line in reading.lines]


def saved(document):
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


# ── text ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030", "gbk"]
)
def test_text_is_read_in_the_encodings_offices_use(encoding):
    reading = read(TEXT.encode(encoding), "通知.txt")
    assert texts(reading) == [
        "云河街道灯会通知",
        "今年的灯会定在三月举行，请各社区做好准备。",
        "联系人：林小满",
    ]
    assert [line.blank_before for line in reading.lines] == [False, True, False]
    assert reading.warnings == ()


@pytest.mark.parametrize("text", ["通知", "联通", "Café ouvert à 8 h", "Привет"])
@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_a_few_words_that_are_valid_in_two_encodings_are_read_as_what_people_write(text, encoding):
    if text.isascii() or encoding == "utf-8" or text > "\u4e00":
        assert texts(read(text.encode(encoding), "a.txt")) == [text]


def test_traditional_text_in_big5_is_read():
    text = "今年的燈會定在三月舉行，請各單位做好準備，並與我們聯絡。這是會議的通知。"
    assert texts(read(text.encode("big5"), "a.txt")) == [text]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_broken_byte_in_the_middle_costs_one_place_and_is_said(encoding):
    half = (TEXT * 20).encode(encoding)
    data = half + b"\xff" + half
    reading = read(data, "通知.txt")
    assert "".join(texts(reading)).count("联系人：林小满") == 40
    assert reading.warnings == ("有 1 处字节已损坏、无法辨认，文中以“�”代替，请核对原件。",)


def test_windows_line_ends_form_feeds_and_control_characters_leave_the_text():
    reading = read("第一页\r\n文字\x08\r\n\f第二页".encode(), "a.txt")
    assert [(line.page, line.text) for line in reading.lines] == [(1, "第一页"), (1, "文字"), (2, "第二页")]


def test_an_indent_is_kept_for_it_marks_a_paragraph():
    assert texts(read("标题\n　　正文".encode(), "a.txt")) == ["标题", "　　正文"]


# ── Markdown ──────────────────────────────────────────────────────────────────────────

MARKDOWN = """---
title: 灯会手册
---
# 灯会**手册**

<!-- 编者按 -->
正文有**重点**、*强调*、[链接](https://example.org)和`代码`，3*4*5 不变。

## 收费

- 成人十元
- 学生五元

| 项目 | 标准 |
| --- | ---: |
| 成人 | 10元 |
| 学生 | 5元 |

1\\. 结束
"""


def test_markdown_marks_become_structure():
    reading = read(MARKDOWN.encode(), "手册.txt")
    assert [(line.level, line.text) for line in reading.lines] == [
        (1, "灯会手册"),
        (0, "正文有重点、强调、链接和代码，3*4*5 不变。"),
        (2, "收费"),
        (0, "• 成人十元"),
        (0, "• 学生五元"),
        (0, "项目：成人；标准：10元"),
        (0, "项目：学生；标准：5元"),
        (0, "1. 结束"),
    ]
    assert reading.metadata == {"title": "灯会手册"}
    assert reading.media_type == "text/markdown"


def test_text_without_marks_is_not_taken_for_markdown():
    assert (
        read("# 不是标题的井号后面没有东西也算标题".replace("# ", "#").encode(), "a.txt").reader
        == "text/utf-8"
    )


# ── web pages ─────────────────────────────────────────────────────────────────────────

PAGE = """<!DOCTYPE html><html><head><meta charset="{charset}"><title>灯会收费办法 - 云河街道</title>
<meta name="PubDate" content="2024-03-01"><style>p {{}}</style></head><body>
<div class="nav"><a href="/">首页</a><a href="/b">通知公告</a></div>
<h1>灯会收费办法</h1><div class="info">来源：云河街道　发布日期：2024-03-01</div>
<div id="content"><p>灯会收费按照成人和学生分别收取，由街道办事处统一管理。</p>
<p>收费标准每年公布一次，接受居民监督，<br>任何人不得<b>擅自</b>提高。</p>
<table><tr><th>项目</th><th>标准</th></tr><tr><td>成人</td><td>10元</td></tr></table>
<ol><li>先登记</li><li>后交费</li></ol><p style="display:none">隐藏</p></div>
<div class="footer">版权所有 云河街道</div><script>var a = "垃圾";</script></body></html>"""


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("utf-8", "utf-8"), ("gb2312", "gb18030"), ("gb2312", "utf-8"), ("无效", "gb18030")],
)
def test_a_web_page_gives_its_piece_whatever_it_declares(charset, encoding):
    reading = read(PAGE.format(charset=charset).encode(encoding), "办法.html")
    assert [(line.level, line.text) for line in reading.lines] == [
        (1, "灯会收费办法"),
        (0, "来源：云河街道　发布日期：2024-03-01"),
        (0, "灯会收费按照成人和学生分别收取，由街道办事处统一管理。"),
        (0, "收费标准每年公布一次，接受居民监督，"),
        (0, "任何人不得擅自提高。"),
        (0, "项目：成人；标准：10元"),
        (0, "1. 先登记"),
        (0, "2. 后交费"),
    ]
    assert reading.metadata["pubdate"] == "2024-03-01"
    assert all(line.whole for line in reading.lines)


def test_a_page_of_unclosed_tags_is_read():
    assert texts(read("<html><p>一<p>二<div>三".encode(), "a.html")) == ["一", "二", "三"]


# ── Word ──────────────────────────────────────────────────────────────────────────────


def test_word_paragraphs_and_tables_come_in_the_order_of_the_document():
    document = docx.Document()
    document.add_heading("灯会办法", level=1)
    document.add_paragraph("第一段。")
    table = document.add_table(rows=3, cols=2)
    for row, cells in zip(table.rows, [("项目", "标准"), ("成人", "10元"), ("学生", "5元")], strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.add_paragraph("最后一段。")
    reading = read(saved(document), "办法.docx")
    assert [(line.level, line.text) for line in reading.lines] == [
        (1, "灯会办法"),
        (0, "第一段。"),
        (0, "项目：成人；标准：10元"),
        (0, "项目：学生；标准：5元"),
        (0, "最后一段。"),
    ]


def test_automatic_numbers_are_written_out_and_deleted_text_stays_deleted():
    document = docx.Document()
    document.add_paragraph("先登记", style="List Number")
    document.add_paragraph("后交费", style="List Number")
    document.add_paragraph("不要忘记", style="List Bullet")
    paragraph = document.add_paragraph("保留")
    deleted = OxmlElement("w:del")
    deleted.append(paragraph.add_run("删去")._r)
    paragraph._p.append(deleted)
    assert texts(read(saved(document), "a.docx")) == ["1. 先登记", "2. 后交费", "• 不要忘记", "保留"]


def test_page_breaks_are_counted():
    document = docx.Document()
    document.add_paragraph("第一页")
    document.add_page_break()
    document.add_paragraph("第二页")
    assert [(line.page, line.text) for line in read(saved(document), "a.docx").lines] == [
        (1, "第一页"),
        (2, "第二页"),
    ]


def embedding(content_type, blob):
    """A document of one paragraph, with another document taken in above it as Word does (altChunk)."""
    document = docx.Document()
    document.add_paragraph("外层")
    part = Part(PackURI("/word/chunk.bin"), content_type, blob, document.part.package)
    chunk = OxmlElement("w:altChunk")
    chunk.set(qn("r:id"), document.part.relate_to(part, RT.A_F_CHUNK))
    document.element.body.insert(0, chunk)
    return saved(document)


WEB_PAGE = "<html><body><h1>灯会办法</h1><p>第一条　灯会每年一次。</p></body></html>"
ARCHIVE = (
    'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="--b"\n\n\n----b\n'
    'Content-Type: text/html; charset="utf-8"\nContent-Transfer-Encoding: quoted-printable\n\n'
    f"{WEB_PAGE.replace('<p>', '<p class=3D' + chr(34) + 'a' + chr(34) + '>')}\n----b--\n"
)


@pytest.mark.parametrize(
    ("content_type", "blob"),
    [
        ("message/rfc822", ARCHIVE.encode()),
        ("text/html", WEB_PAGE.encode()),
        ("application/xhtml+xml", WEB_PAGE.encode("gb18030")),
        ("text/plain", "灯会办法\n第一条　灯会每年一次。".encode()),
    ],
)
def test_a_web_page_or_text_embedded_in_a_document_is_read_where_it_stands(content_type, blob):
    reading = read(embedding(content_type, blob), "a.docx")
    assert texts(reading) == ["灯会办法", "第一条　灯会每年一次。", "外层"]
    assert reading.warnings == ()
    assert all(line.whole for line in reading.lines)


@pytest.mark.parametrize(
    ("content_type", "blob"),
    [
        ("application/rtf", rb"{\rtf1}"),
        ("text/html", b""),
        ("message/rfc822", b"?"),
        ("text/plain", bytes(range(256))),
    ],
)
def test_an_embedded_part_that_cannot_be_read_is_said_to_be_missing(content_type, blob):
    reading = read(embedding(content_type, blob), "a.docx")
    assert texts(reading) == ["外层"]
    assert reading.warnings == (
        "文档里嵌有另一份文档（altChunk），这部分没有读入；请在 Word 里打开，另存为 .docx 后重新加入。",
    )


def test_an_embedded_part_that_the_file_does_not_hold_is_said_to_be_missing():
    document = docx.Document()
    document.add_paragraph("外层")
    document.element.body.insert(0, OxmlElement("w:altChunk"))
    assert read(saved(document), "a.docx").warnings[0].startswith("文档里嵌有另一份文档")


def test_chinese_list_numbers_follow_the_format_of_the_list():
    document = docx.Document()
    numbering = document.part.numbering_part.element
    level = numbering.find(f"{qn('w:abstractNum')}/{qn('w:lvl')}")
    level.find(qn("w:numFmt")).set(qn("w:val"), "chineseCountingThousand")
    level.find(qn("w:lvlText")).set(qn("w:val"), "第%1条")
    abstract = level.getparent().get(qn("w:abstractNumId"))
    number = next(
        n.get(qn("w:numId"))
        for n in numbering.iter(qn("w:num"))
        if n.find(qn("w:abstractNumId")).get(qn("w:val")) == abstract
    )
    for text in ("灯会每年一次。", "由街道承办。"):
        properties = document.add_paragraph(text)._p.get_or_add_pPr()
        properties._add_numPr()._add_numId().val = int(number)
    assert texts(read(saved(document), "a.docx")) == ["第一条 灯会每年一次。", "第二条 由街道承办。"]


# ── PDF ───────────────────────────────────────────────────────────────────────────────


def test_pdf_lines_have_their_boxes_and_sizes():
    reading = read(make_pdf([[Run(50, 100, "灯会通知", 20), Run(50, 140, "请各社区做好准备。")]]), "a.pdf")
    assert [(line.text, line.page, line.size > 15) for line in reading.lines] == [
        ("灯会通知", 1, True),
        ("请各社区做好准备。", 1, False),
    ]
    box = reading.lines[0].box
    assert (box.page, round(box.x0), round(box.x1)) == (1, 50, 130)
    assert box.y0 < 90 < 100 < box.y1 < 110


def test_shadows_are_removed_by_their_place_and_repeated_words_are_kept():
    shadowed = [Run(50, 100, "灯会通知", 20), Run(51.5, 101.5, "灯会通知", 20)]
    pairs = [Run(50 + 20 * n + d, 140 + d, char, 20) for n, char in enumerate("常常来") for d in (0, 1)]
    assert texts(read(make_pdf([shadowed + pairs]), "a.pdf")) == ["灯会通知", "常常来"]


def test_a_line_set_wide_is_closed():
    spaced = [Run(50 + 16 * n, 100, char) for n, char in enumerate("街道办事处通知")]
    assert texts(read(make_pdf([spaced]), "a.pdf")) == ["街道办事处通知"]


def test_radicals_that_look_like_characters_become_characters():
    assert texts(read(make_pdf([[Run(50, 100, "⼯会⼥职⼯⻓")]]), "a.pdf")) == ["工会女职工长"]


def test_a_page_without_a_text_layer_is_said():
    reading = read(make_pdf([[Run(50, 100, "第一页")], []]), "a.pdf")
    assert texts(reading) == ["第一页"]
    assert reading.warnings == ("第 2 页没有文字层，也没有识别出文字；请核对原件。",)


def test_a_pdf_that_pdfium_cannot_open_is_read_as_far_as_it_goes():
    data = make_pdf([[Run(50, 100, "ABC")]])
    try:
        reading = read(data[: data.index(b"xref")], "a.pdf")
    except UserError as error:
        assert "损坏" in error.message
    else:
        assert texts(reading) in (["ABC"], [])


def test_an_encrypted_pdf_asks_for_a_copy_without_password():
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(make_pdf([[Run(50, 100, "密")]]))))
    writer.encrypt("secret", algorithm="RC4-128")
    buffer = io.BytesIO()
    writer.write(buffer)
    with pytest.raises(UserError, match="密码"):
        read(buffer.getvalue(), "a.pdf")


# ── what cannot be read ───────────────────────────────────────────────────────────────


def zipped(*names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "内容")
    return buffer.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BROKEN = [
    ("空文件", b"", "文件是空的。"),
    ("只有空白", b" \r\n\t", "文件是空的。"),
    ("全是空字节", b"\x00" * 5000, "文件里只有空字节，没有内容。"),
    ("乱码", bytes(range(256)) * 40, "这个文件的内容不是可读的文字。"),
    (
        "旧版Word",
        OLE + b"\x00" * 600,
        "这是旧版 Office 或其他程序的文件，认不出是哪一种，读不了。",
    ),
    ("图片", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "图片已损坏或格式不支持，打不开。"),
    ("空压缩包", zipped(), "压缩包里没有可以读取的文件。"),
    ("不明文档", zipped("mimetype", "a.txt"), "这是压缩包或不支持的文档格式。"),
    ("版式文件", zipped("OFD.xml", "Doc_0/a.xml"), "这是 OFD 版式文件，读不了。"),
    ("RAR", b"Rar!\x1a\x07\x01\x00" + bytes(99), "这是 RAR 压缩包，读不了。"),
    ("7z", b"7z\xbc\xaf\x27\x1c" + bytes(99), "这是 7z 压缩包，读不了。"),
    ("假表格", zipped("[Content_Types].xml", "xl/workbook.xml"), "表格已损坏，打不开。"),
    ("假演示", zipped("[Content_Types].xml", "ppt/presentation.xml"), "演示文稿已损坏，打不开。"),
    ("加密Office", OLE + "EncryptedPackage".encode("utf-16-le"), "这份 Office 文件设有打开密码，读不了。"),
    ("旧版PPT", OLE + "PowerPoint Document".encode("utf-16-le"), "这是旧版 PPT（.ppt），读不了。"),
    ("假旧表格", OLE + "Workbook".encode("utf-16-le"), "表格已损坏，打不开。"),
    ("两样", b"PK\x03\x04 %PDF-1.7", "文件的开头是另一种格式，后面才是 PDF（可能被人动过手脚），没有读取。"),
    ("图片头", b"GIF89a %PDF-1.7", "文件的开头是另一种格式，后面才是 PDF（可能被人动过手脚），没有读取。"),
    ("假Word", zipped("[Content_Types].xml", "word/document.xml"), "Word 文档已损坏，打不开。"),
    ("残缺压缩包", zipped("word/document.xml")[:60], "文件像是 Office 文档或压缩包，但已损坏，打不开。"),
    ("残缺PDF", b"%PDF-1.7\n1 0 obj\n<</Type", "PDF 已损坏，打不开。"),
    ("一行太长", "长".encode() * (7 * 2**20), "文件有 21 MB，超过 20 MB 的上限。"),
]


@pytest.mark.parametrize(("data", "message"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_what_cannot_be_read_is_said_in_one_sentence_with_what_to_do(data, message):
    with pytest.raises(UserError) as caught:
        read(data, "文件.docx")
    assert caught.value.message == message
    assert caught.value.hint.startswith("请")


def test_the_bytes_decide_not_the_name():
    assert read(make_pdf([[Run(50, 100, "灯会")]]), "其实是.txt").reader == "pdf"
    assert read(PAGE.format(charset="utf-8").encode(), "其实是.docx").media_type == "text/html"


def test_no_reader_needs_the_file_system():
    assert not Path("其实是.txt").exists()
