"""What offices note of their files is understood however they write it down; so are names of downloads."""

import io

import openpyxl
import pytest

from corpus.errors import UserError
from ingest import file_names, front_matter, registers
from ingest.document import parse
from ingest.files import find, within
from ingest.pipeline import ingest

NOTICE = "云河街道灯会通知\n各社区：\n灯会定在三月一日晚上六点开始，请各社区提前一小时到场布置。\n"
WANTED = {"title": "灯会通知（定稿）", "status": "现行", "published_on": "2024-03-01"}
ROWS = "文件名,标题,时效性,发布日期\na.txt,灯会通知（定稿）,有效,2024-03-01\n"


def records(folder):
    return {one.name: one.record for one in find([folder])}


@pytest.mark.parametrize(
    "written",
    [
        ROWS.encode(),
        ROWS.encode("utf-8-sig"),
        ROWS.encode("gb18030"),
        ROWS.replace(",", "\t").encode("utf-16"),
        ROWS.replace(",", ";").replace("\n", "\r\n").encode(),
        ROWS.replace("文件名,标题,时效性,发布日期", "file,title,status,published_on").encode(),
    ],
    ids=["utf-8", "bom", "gb18030", "utf-16 with tabs", "semicolons", "english names"],
)
def test_a_register_is_read_however_excel_saved_it(folder, written):
    (folder / "a.txt").write_text(NOTICE)
    (folder / "sources.csv").write_bytes(written)
    assert records(folder) == {"a.txt": WANTED}


def test_a_register_may_be_a_workbook_and_dates_may_be_dates(folder):
    import datetime

    book = openpyxl.Workbook()
    book.active.append(["文件", "标题", "效力状态", "公布日期", "经办人"])
    book.active.append(["a.txt", "灯会通知（定稿）", "现行有效", datetime.date(2024, 3, 1), "林小满"])
    (folder / "a.txt").write_text(NOTICE)
    book.save(folder / "sources.xlsx")
    assert records(folder) == {"a.txt": WANTED}


def test_a_csv_goes_before_a_workbook_and_a_note_before_both(folder):
    (folder / "a.txt").write_text(NOTICE)
    (folder / "sources.csv").write_text("file,title,region\na.txt,登记的标题,云河市\n")
    book = openpyxl.Workbook()
    for row in (["file", "title"], ["a.txt", "表格里的标题"], ["b.txt", "第二份"]):
        book.active.append(row)
    book.save(folder / "sources.xlsx")
    assert records(folder) == {"a.txt": {"title": "登记的标题", "region": "云河市"}}
    (folder / "a.txt.yaml").write_text(
        "# 说明\n标题: '说明里的标题'\n文号：云灯发〔2024〕2号\n标签: [一, 二]\n"
    )
    assert records(folder) == {
        "a.txt": {"title": "说明里的标题", "region": "云河市", "number": "云灯发〔2024〕2号"}
    }
    assert within(folder, [folder / "a.txt", folder / "a.txt.yaml", folder / "sources.xlsx"]) == find(
        [folder]
    )


def test_a_workbook_that_is_none_is_said(folder):
    (folder / "a.txt").write_text(NOTICE)
    (folder / "sources.xlsx").write_bytes(b"nothing of the kind")
    with pytest.raises(UserError, match="登记表读不了"):
        find([folder])


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
def test_the_yaml_head_of_a_text_describes_it_and_is_no_part_of_it(name):
    head = "---\ntitle: 灯会通知（定稿）\n发文机关: 云河灯会办\n时效性: 已废止\ntags: [灯会, 通知]\ndate: 2024-03-01T08:00\n---\n"
    (article,) = parse((head + NOTICE).encode(), name, "1").articles
    assert (article.title, article.issuer, article.status, article.published_on) == (
        "灯会通知（定稿）",
        "云河灯会办",
        "已废止",
        "2024-03-01",
    )
    assert "---" not in article.text
    assert "云河灯会办" not in article.text


def test_the_register_wins_over_the_head_and_what_a_head_means_otherwise_does_not_count():
    text = "---\ntitle: 头里的标题\nstatus: draft\nkind: post\neffective_on: soon\n---\n" + NOTICE
    document = parse(text.encode(), "a.md", "1", record={"title": "登记的标题"})
    assert (document.articles[0].title, document.articles[0].status) == ("登记的标题", "未知")
    assert document.source.warnings == ()


@pytest.mark.parametrize(
    "text",
    [
        "---\n第一章 总则\n---\n正文。\n",
        "---\n第一条 说明：以下从略。\n还有一行没有冒号\n---\n正文。\n",
        "正文。\n---\ntitle: 标题\n---\n",
        "---\ntitle: 没有结束\n正文。\n",
    ],
)
def test_what_is_no_head_stays_in_a_plain_text(text):
    assert front_matter.split(text, strict=True) == (text, {})


def test_names_that_nobody_knows_and_empty_cells_are_left_out():
    assert registers.record({"经办人": "林小满", "标题": " ", " 文号 ": " 云灯发〔2024〕2号 "}) == {
        "number": "云灯发〔2024〕2号"
    }


def test_a_head_that_changes_nothing_else_is_noticed_by_the_bytes(store, folder):
    (folder / "a.md").write_text("---\ntitle: 一\n---\n" + NOTICE)
    states = [[e.state for e in ingest([folder], store) if e.state] for _ in range(2)]
    (folder / "a.md").write_text("---\ntitle: 二\n---\n" + NOTICE)
    states.append([e.state for e in ingest([folder], store) if e.state])
    assert states == [["new"], ["unchanged"], ["changed"]]
    assert store.articles()[0].title == "二"


@pytest.mark.parametrize(
    ("name", "title", "day"),
    [
        ("云河市职工书屋条例_20240530.docx", "云河市职工书屋条例", "2024-05-30"),
        ("法规/云河市职工书屋条例(2024-05-30).md", "云河市职工书屋条例", "2024-05-30"),
        ("云河市职工书屋条例（2019-5-30）.md", "云河市职工书屋条例", "2019-05-30"),
        ("云河市实施《书屋法》办法（试行）_20240530.docx", "云河市实施《书屋法》办法（试行）", "2024-05-30"),
        ("值班表_20240530.xlsx", "", "2024-05-30"),
        ("新的做法_20240530.txt", "", "2024-05-30"),
        ("云河市职工书屋条例_20249999.docx", "", ""),
        ("云河市职工书屋条例.docx", "", ""),
        ("20240530职工书屋条例.docx", "", ""),
        ("IMG_20240530_0912.jpg", "", ""),
        ("合同编号_1234567820240530.pdf", "", ""),
    ],
)
def test_names_of_the_law_databases_files_are_understood(name, title, day):
    assert file_names.named(name) == (title, day)


NOTE = (
    "（2019年5月30日云河市第十五届人民代表大会常务委员会第二十次会议通过　根据2024年5月30日云河市第十六届人民代表大会"
    "常务委员会第十一次会议《关于修改〈云河市职工书屋条例〉的决定》修正）"
)
CLAUSES = "第一条 为了规范职工书屋建设，制定本条例。\n\n第二条 本条例自2024年7月1日起施行。\n"


def docx(*paragraphs):
    from docx import Document

    document, data = Document(), io.BytesIO()
    for text in paragraphs:
        document.add_paragraph(text)
    document.save(data)
    return data.getvalue()


def described(data, name):
    (article,) = parse(data, name, "1").articles
    return (
        article.title,
        article.kind,
        article.issuer,
        article.published_on,
        article.effective_on,
        article.region,
    )


EXPECTED = (
    "云河市职工书屋条例",
    "法规",
    "云河市人民代表大会常务委员会",
    "2024-05-30",
    "2024-07-01",
    "云河市",
)


def test_a_law_downloaded_as_docx_is_described_by_its_head():
    data = docx("云河市职工书屋条例", NOTE, *CLAUSES.split("\n\n"))
    assert described(data, "云河市职工书屋条例_20240530.docx") == EXPECTED
    assert described(data, "ff80808.docx") == EXPECTED


def test_a_law_in_markdown_is_described_by_its_name_and_its_head():
    head = "# 云河市职工书屋条例\n\n2019年5月30日 云河市第十五届人民代表大会常务委员会第二十次会议通过\n\n"
    amended = "2024年5月30日 云河市第十六届人民代表大会常务委员会第十一次会议修正\n\n"
    approved = "2024年6月20日 云江省第十四届人民代表大会常务委员会第八次会议批准\n\n"
    for middle in (amended, amended + approved):
        text = f"{head}{middle}<!-- INFO END -->\n\n{CLAUSES}"
        assert described(text.encode(), "云河市职工书屋条例(2024-05-30).md") == EXPECTED


def test_a_text_without_a_title_takes_the_one_of_its_file_if_that_is_a_rules():
    assert described(CLAUSES.encode(), "夹/云河市职工书屋条例_20240530.txt") == (
        "云河市职工书屋条例",
        "法规",
        "",
        "2024-05-30",
        "2024-07-01",
        "云河市",
    )
    assert described(CLAUSES.encode(), "扫描_20240530.txt")[0] == ""


def test_a_government_order_names_its_government():
    text = (
        "# 关于职工书屋的规定\n\n1995年5月1日 云河市人民政府令第12号发布\n\n<!-- INFO END -->\n\n" + CLAUSES
    )
    assert described(text.encode(), "关于职工书屋的规定(1995-05-01).md")[2:4] == (
        "云河市人民政府",
        "1995-05-01",
    )
