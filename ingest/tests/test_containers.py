"""Archives, mails, sheets, slides and old Word: what is inside comes out, what is dangerous does not."""

import csv
import datetime
import io
import struct
import zipfile
from email.message import EmailMessage
from typing import Any, NamedTuple

import docx
import openpyxl
import pptx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from corpus.errors import UserError
from corpus.store import Store
from corpus.testing import HashingEncoder
from ingest.pipeline import ingest
from ingest.readers import archive, doc, read
from ingest.readers.errors import MissingProgramError
from ingest.tests import samples

RULES = "灯会办法\n第一条　灯会每年一次。\n第二条　灯会由街道承办，费用由街道承担。\n"


def saved(thing):
    buffer = io.BytesIO()
    thing.save(buffer)
    return buffer.getvalue()


class Saving(NamedTuple):
    save: Any


def texts(reading):
    return [line.text for line in reading.lines]


def zipped(members, **options):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(name, data, **options)
    return buffer.getvalue()


@pytest.fixture
def outcomes(tmp_path):
    """What becomes of one file, and of those inside: name → state or message; and the store."""

    def run(name, data):
        (tmp_path / name).write_bytes(data)
        with Store.open(tmp_path / "store", encoder=HashingEncoder()) as store:
            events = list(ingest([tmp_path / name], store))
            assert store.verify() == []
            seen = {event.file: event.message or event.state for event in events if event.state}
            assert events[-1].total == events[-1].tally.files == len(seen)
            return seen, [(s.name, s.origin.startswith(str(tmp_path / name))) for s in store.sources()]

    return run


# ── archives ──────────────────────────────────────────────────────────────────────────


def test_each_file_of_an_archive_is_a_source_of_its_own_and_an_archive_in_it_too(outcomes):
    inner = zipped({"丙.txt": RULES + "三"})
    data = zipped({"甲.txt": RULES, "夹/乙.txt": RULES + "二", "内.zip": inner, "__MACOSX/._甲.txt": b"x"})
    expected = {"包.zip/甲.txt": "new", "包.zip/夹/乙.txt": "new", "包.zip/内.zip/丙.txt": "new"}
    seen, sources = outcomes("包.zip", data)
    assert seen == expected
    assert sorted(sources) == sorted((name, True) for name in expected)
    assert outcomes("包.zip", data)[0] == dict.fromkeys(expected, "unchanged")


def test_names_that_windows_packs_in_its_own_code_are_read():
    data = zipped({"AAAA.txt": RULES}).replace(b"AAAA.txt", "通知".encode("gbk") + b".txt")
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert archive._name(packed.infolist()[0]) == "通知.txt"


@pytest.mark.parametrize("name", ["../外.txt", "/etc/外.txt", "C:\\外.txt", "夹/../../外.txt", "..\\外.txt"])
def test_a_member_that_points_outside_is_refused_and_the_others_are_read(outcomes, tmp_path, name):
    seen, sources = outcomes("包.zip", zipped({name: RULES, "好.txt": RULES}))
    with zipfile.ZipFile(tmp_path / "包.zip") as packed:
        told = packed.namelist()[0]
    assert seen == {
        f"包.zip/{told}": "文件名指向压缩包之外的位置（可能是攻击），没有读取。请确认来源，解压后再加入。",
        "包.zip/好.txt": "new",
    }
    assert [name for name, _ in sources] == ["包.zip/好.txt"]
    assert not list(tmp_path.parent.glob("外.txt"))


def test_dots_in_a_name_are_no_way_out(tmp_path):
    assert archive.unpack(zipped({"a..b/..c.txt": b"1"}), tmp_path, 100) == []
    assert [p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.txt")] == ["a..b/..c.txt"]


def test_an_encrypted_member_is_refused(outcomes):
    data = bytearray(zipped({"密.txt": RULES, "好.txt": RULES}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    seen, _ = outcomes("包.zip", bytes(data))
    assert seen == {
        "包.zip/密.txt": "压缩包里的这个文件加了密码，读不了。请输入密码解压后再加入。",
        "包.zip/好.txt": "new",
    }


def test_a_bomb_is_refused_in_a_sentence(outcomes, monkeypatch):
    seen, _ = outcomes("包.zip", zipped({"零.txt": bytes(30 * 2**20), "好.txt": RULES}))
    assert seen["包.zip/好.txt"] == "new"
    assert seen["包.zip/零.txt"].startswith("这个文件压缩得异常厉害（可能是“压缩包炸弹”），没有读取。")


def test_an_archive_that_lies_about_its_sizes_gives_no_more_than_there_is_room_for(tmp_path):
    data = bytearray(zipped({"零.txt": bytes(30 * 2**20)}))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<I", 50)
    refused = archive.unpack(bytes(data), tmp_path, 2**20)
    assert sum(p.stat().st_size for p in tmp_path.rglob("*") if p.is_file()) <= 2**20
    assert refused == [] or refused[0][1].startswith("压缩包里的这个文件已损坏")


def test_what_is_too_large_or_too_deep_or_too_many_is_refused_as_a_whole(tmp_path, monkeypatch):
    data = zipped({"a.txt": RULES * 10, "b.txt": RULES * 10})
    with pytest.raises(UserError, match="解压后超过 1000 MB 的上限"):
        archive.unpack(data, tmp_path, 100)
    with pytest.raises(UserError, match="压缩包套得太深"):
        archive.unpack(data, tmp_path, -1)
    monkeypatch.setattr(archive, "MAX_MEMBERS", 1)
    with pytest.raises(UserError, match="有 2 个文件，超过 1 个的上限"):
        archive.unpack(data, tmp_path, 10**6)
    assert list(tmp_path.iterdir()) == []


def test_archives_within_archives_end_somewhere(outcomes):
    data = zipped({"底.txt": RULES})
    for _ in range(6):
        data = zipped({"内.zip": data})
    seen, sources = outcomes("包.zip", data)
    assert sources == []
    assert [message.split("，")[0] for message in seen.values()] == ["压缩包套得太深（超过 3 层）"]


# ── mails ─────────────────────────────────────────────────────────────────────────────


def mail():
    message = EmailMessage()
    message["From"], message["To"] = "林小满 <lin@example.org>", "zhou@example.org"
    message["Subject"], message["Date"] = "关于灯会的通知", "Fri, 01 Mar 2024 09:00:00 +0800"
    message.set_content("各社区：\n灯会办法见附件，请遵照执行。\n")
    message.add_attachment(RULES.encode("gb18030"), maintype="text", subtype="plain", filename="灯会办法.txt")
    message.add_attachment(b"MZ\0\1\2\3" * 99, maintype="application", subtype="x", filename="../怪.exe")
    return message.as_bytes()


def test_a_mail_is_read_with_its_heads_and_each_attachment_is_a_source(outcomes):
    assert texts(read(mail(), "任意.bin")) == [
        "关于灯会的通知",
        "发件人：林小满 <lin@example.org>",
        "收件人：zhou@example.org",
        "日期：Fri, 01 Mar 2024 09:00:00 +0800",
        "各社区：",
        "灯会办法见附件，请遵照执行。",
    ]
    seen, sources = outcomes("信.eml", mail())
    assert [name for name, _ in sources] == ["信.eml", "信.eml/灯会办法.txt"]
    assert seen["信.eml/../怪.exe"].startswith("文件名指向压缩包之外的位置")


def test_a_web_page_saved_as_one_file_is_read_as_the_page():
    page = (
        b"From: <Saved by Blink>\nSubject: x\nMIME-Version: 1.0\n"
        b'Content-Type: multipart/related; boundary="b"\n\n--b\nContent-Type: text/html; charset="gb2312"\n\n'
    ) + "<html><h1>灯会办法</h1><p>灯会每年举办一次，由街道承办。</p></html>\n--b--\n".encode("gb18030")
    reading = read(page, "a.mht")
    assert texts(reading) == ["灯会办法", "灯会每年举办一次，由街道承办。"]
    assert reading.media_type == "multipart/related"


def test_a_text_that_begins_with_a_colon_is_no_mail():
    assert read("From: 这里\n日期：今天\n内容若干，不是邮件。".encode(), "a.txt").reader == "text/utf-8"


# ── tables ────────────────────────────────────────────────────────────────────────────


def test_each_row_of_a_sheet_names_its_columns():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "标准"
    for row in (
        ["云河街道慰问标准"],
        ["类别", "项目", "金额", None],
        [None, None, "2023年", "2024年"],
        ["生活", "住院", 500, 600.5],
        [None, "生育", None, datetime.date(2024, 5, 1)],
        [],
        ["是否", "同样"],
        [True, "是"],
    ):
        sheet.append(row)
    for span in ("A1:D1", "C2:D2", "A2:A3", "B2:B3", "A4:A5"):
        sheet.merge_cells(span)
    hidden = book.create_sheet("底稿")
    hidden["A1"], hidden.sheet_state = "不公开", "hidden"
    book.create_sheet("说明")["A1"] = "本表由街道解释。"
    reading = read(saved(book), "其实是.txt")
    assert [(line.page, line.level, line.text) for line in reading.lines] == [
        (1, 2, "标准"),
        (1, 0, "云河街道慰问标准"),
        (1, 0, "类别：生活；项目：住院；金额·2023年：500；金额·2024年：600.5"),
        (1, 0, "类别：生活；项目：生育；金额·2024年：2024-05-01"),
        (1, 0, "是否：是；同样：是"),
        (2, 2, "说明"),
        (2, 0, "本表由街道解释。"),
    ]
    assert reading.warnings == ("有 1 张工作表是隐藏的或没有单元格（如图表），没有读入。",)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_delimited_rows_are_a_table_whatever_they_are_called(encoding, delimiter):
    out = io.StringIO()
    rows = [["项目", "对象", "标准"], ["门票", "成人, 学生", "10元"], ["车票", "老人", "免"]]
    csv.writer(out, delimiter=delimiter).writerows(rows)
    reading = read(out.getvalue().encode(encoding), "a.txt")
    assert texts(reading) == ["项目：门票；对象：成人, 学生；标准：10元", "项目：车票；对象：老人；标准：免"]
    assert reading.media_type == "text/csv"


def test_prose_with_commas_is_no_table():
    prose = "春天, 灯会开始。\n夏天, 游船, 纳凉。\n秋天, 赏月。\n"
    assert read(prose.encode(), "a.txt").media_type == "text/plain"


def test_cells_that_span_are_understood_in_web_pages_and_in_word():
    page = (
        "<html><body><table><tr><th rowspan=2>项目</th><th colspan=2>金额</th></tr>"
        "<tr><th>去年</th><th>今年</th></tr><tr><td colspan=3>甲类</td></tr>"
        "<tr><td>门票</td><td>5元</td><td>6元</td></tr></table></body></html>"
    )
    expected = ["甲类", "项目：门票；金额·去年：5元；金额·今年：6元"]
    assert texts(read(page.encode(), "a.html")) == expected
    document = docx.Document()
    table = document.add_table(rows=4, cols=3)
    rows = (["项目", "金额", ""], ["", "去年", "今年"], ["甲类", "", ""], ["门票", "5元", "6元"])
    for row, values in zip(table.rows, rows, strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    for first, last in (((0, 0), (1, 0)), ((0, 1), (0, 2)), ((2, 0), (2, 2))):
        table.cell(*first).merge(table.cell(*last))
    assert texts(read(saved(document), "a.docx")) == expected


# ── slides and Word ───────────────────────────────────────────────────────────────────


def test_a_slide_gives_title_text_table_and_notes_and_a_hidden_one_nothing():
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "灯会安排"
    slide.placeholders[1].text = "每年一次\n由街道承办"
    table = slide.shapes.add_table(2, 2, 0, 9_000_000, 3_000_000, 900_000).table
    for at, text in enumerate(["项目", "标准", "门票", "10元"]):
        table.cell(*divmod(at, 2)).text = text
    slide.notes_slide.notes_text_frame.text = "讲到这里停一下"
    hidden = deck.slides.add_slide(deck.slide_layouts[0])
    hidden.shapes.title.text = "不讲"
    hidden.element.set("show", "0")
    reading = read(saved(deck), "a.docx")
    assert [(line.page, line.level, line.text) for line in reading.lines] == [
        (1, 1, "灯会安排"),
        (1, 0, "每年一次"),
        (1, 0, "由街道承办"),
        (1, 0, "项目：门票；标准：10元"),
        (1, 0, "备注：讲到这里停一下"),
    ]
    assert reading.warnings == ("有 1 张幻灯片设为隐藏，没有读入。",)


NOTES = (
    '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    '<w:footnote w:type="separator" w:id="0"><w:p><w:r><w:t>线</w:t></w:r></w:p></w:footnote>'
    '<w:footnote w:id="2"><w:p><w:r><w:t>指本街道。</w:t></w:r></w:p></w:footnote></w:footnotes>'
)


def test_a_note_stands_after_its_paragraph_and_hidden_text_nowhere():
    document = docx.Document()
    paragraph = document.add_paragraph("灯会由街道承办")
    mark = OxmlElement("w:footnoteReference")
    mark.set(qn("w:id"), "2")
    paragraph.add_run()._r.append(mark)
    paragraph.add_run("不可见").font.hidden = True
    paragraph.add_run("。").font.hidden = False
    document.add_paragraph("下一段。")
    uri = PackURI("/word/footnotes.xml")
    part = Part(uri, "application/xml", NOTES.encode(), document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    reading = read(saved(document), "a.docx")
    assert texts(reading) == ["灯会由街道承办。", "注：指本街道。", "下一段。"]
    assert reading.warnings == ("文档里有隐藏文字，没有读入。",)


def test_a_document_with_macros_is_read_and_said_to_have_them():
    document = docx.Document()
    document.add_paragraph("正文。")
    part = Part(PackURI("/word/vbaProject.bin"), "application/vnd.ms-office.vbaProject", b"x", None)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FONT)
    reading = read(saved(document), "a.docm")
    assert texts(reading) == ["正文。"]
    assert reading.warnings == ("这份 Word 文档带有宏，宏没有运行也没有读入，只读取了文字。",)


def test_a_pdf_with_a_script_is_read_and_said_to_have_one():
    action = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    )
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(samples.all_kinds()["办法.pdf"])))
    writer.root_object[NameObject("/OpenAction")] = action
    reading = read(saved(Saving(writer.write)), "a.pdf")
    assert "灯会办法" in texts(reading)
    assert reading.warnings == ("这份 PDF 带有脚本，脚本没有运行，只读取了文字。",)


def test_a_pdf_with_an_archive_behind_it_is_read_as_the_pdf_and_the_archive_is_said():
    reading = read(samples.all_kinds()["办法.pdf"] + zipped({"a.txt": RULES}), "a.pdf")
    assert "灯会办法" in texts(reading)
    assert reading.warnings == ("PDF 的末尾还接着一个压缩包，其中的内容没有读入，请核对文件的来源。",)


@pytest.mark.parametrize("kind", samples.all_kinds())
def test_every_kind_is_known_by_its_bytes_whatever_it_is_called(kind, outcomes):
    seen, _ = outcomes("其实是.dat", samples.all_kinds()[kind])
    assert set(seen.values()) == {"new"}


@pytest.mark.parametrize("member", ["word/document.xml", "xl/workbook.xml", "ppt/presentation.xml"])
def test_an_office_document_that_unpacks_without_end_is_refused(member, monkeypatch):
    monkeypatch.setattr("ingest.readers.MAX_UNPACKED_BYTES", 1000)
    with pytest.raises(UserError, match="解压后过大（可能是“压缩包炸弹”），没有读取。"):
        read(zipped({"[Content_Types].xml": b"", member: bytes(2000)}), "a")


OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "WordDocument".encode("utf-16-le")


@pytest.mark.parametrize(("data", "suffix"), [(OLD_WORD, ".doc"), (rb"{\rtf1 x}", ".rtf")])
def test_old_word_asks_for_a_copy_where_no_program_reads_it_and_is_tried_again(
    data, suffix, monkeypatch, outcomes
):
    monkeypatch.setattr(doc.shutil, "which", lambda name: None)
    with pytest.raises(MissingProgramError) as caught:
        read(data, "a.doc")
    assert (
        caught.value.message == f"这是旧格式的文档（{suffix}），这台电脑上没有能读它的程序（LibreOffice）。"
    )
    assert caught.value.hint.startswith("请用 Word 或 WPS 打开它，另存为 .docx 或 PDF 后重新加入")


def test_old_word_is_read_by_the_program_that_is_there(monkeypatch, tmp_path):
    program = tmp_path / "antiword"
    program.write_text("#!/bin/sh\nprintf '灯会办法\\n灯会每年一次。\\n'\n")
    program.chmod(0o755)
    monkeypatch.setattr(doc.shutil, "which", lambda name: str(program) if name == "antiword" else None)
    assert texts(read(OLD_WORD, "a.doc")) == ["灯会办法", "灯会每年一次。"]


def test_what_a_page_hides_is_not_read():
    styles = ("display:none", "font-size:0", "opacity: 0;", "text-indent:-9999px", "mso-hide:all")
    hidden = "".join(f'<p style="{style}">藏着的话</p>' for style in styles)
    page = f'<html><body><p>灯会每年举办一次，由街道承办。</p>{hidden}<p style="opacity:0.9;font-size:0.8em">看得见。</p></body></html>'
    assert texts(read(page.encode(), "a.html")) == ["灯会每年举办一次，由街道承办。", "看得见。"]
