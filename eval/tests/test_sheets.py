import csv
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from corpus.errors import UserError
from eval.dataset import Case, load, save, stream, template

FULL = Case(
    id="甲1",
    question="驿站有几家？\n请写数字",
    type="number",
    must=(("36家", "三十六家"), ("2%",), ("每人；每年", "a|b", "c\\d")),
    must_not=("=63", "四；五"),
    source=("驿站", "通知"),
    article="驿站建设情况",
    clauses=("工会法 第四十三条第二款|工会法 第四十四条", "办法 第一条"),
    history=(("原来呢？", "原来有 20 家。\n另有 3 家在建。"), ("后来呢？", "")),
    as_of="2024-05-01",
    passages=("第一段；第一句。\n第二句。", "=1+1"),
    note="@备注",
    category="驿站",
    difficulty="难",
)
REFUSED = Case(
    id="#2", question="-海州市有几家？", type="unanswerable", answerable=False, outcome="insufficient"
)


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".xlsx"])
def test_a_set_comes_back_whole_from_every_form(tmp_path, suffix):
    path = tmp_path / f"题集{suffix}"
    save([FULL, REFUSED], path)
    assert load(path) == [FULL, REFUSED]
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zs", "Zl", "Zp", "Cs"]), min_size=1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(words, min_size=1), min_size=1), words, st.lists(st.tuples(words, words)))
def test_any_text_survives_a_csv(tmp_path_factory, must, question, history):
    case = Case(id="1", question=question, must=tuple(map(tuple, must)), history=tuple(history))
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    save([case], path)
    assert load(path) == [case]


def sheet(path, *rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_cells_are_read_as_people_see_them(tmp_path):
    path = tmp_path / "a.xlsx"
    book = Workbook()
    book.active.append(["编号（必填）", "问题", "应答", "应有的事实", "日期", "#出题人"])
    book.active.append([1, "费率是多少？", True, 0.02, datetime(2024, 5, 1), "张三"])
    book.active["D2"].number_format = "0%"
    book.active.append([2.0, "几家？", "拒答", "36；37|38", "2024年5月1日"])
    book.active.append(["#3", "这一行是说明"])
    book.save(path)
    assert load(path) == [
        Case(id="1", question="费率是多少？", must=(("2%",),), as_of="2024-05-01"),
        Case(id="2", question="几家？", must=(("36",), ("37", "38")), as_of="2024-05-01", answerable=False),
    ]


def test_every_wrong_row_is_named_with_its_column(tmp_path):
    head = ["编号", "问题", "应答", "难度", "日期", "前面的对话"]
    path = sheet(
        tmp_path / "a.xlsx",
        head,
        ["1", "好的问题"],
        ["2", "问", "也许"],
        ["", "问", "答", "很难", "2024-02-30"],
        ["1", "重复"],
        ["5", "问", "答", "易", "", "没有写是问还是答"],
    )
    with pytest.raises(UserError) as caught:
        load(path)
    assert caught.value.message.splitlines() == [
        "a.xlsx 有几行不对，4 行是：",
        "第 3 行：“应答”列：填“答”或“拒”：库里有答案的填“答”，没有的填“拒”；不填当作“答”。",
        "第 4 行：“编号”列：必须填写，每道题不同；以 # 开头的行不算题。"
        "“日期”列：按哪一天的规定回答，如 2024-05-01；不填是答题当天。"
        "“难度”列：填“易”“中”“难”，可以不填。",
        "第 5 行：编号 1 重复。",
        "第 6 行：“前面的对话”列：追问的题才填：一行“问：……”，下一行“答：……”，可以有几轮。",
    ]


def test_of_a_hundred_wrong_rows_twenty_are_named(tmp_path):
    path = sheet(tmp_path / "a.xlsx", ["编号", "问题"], *(["", f"问{n}"] for n in range(100)))
    with pytest.raises(UserError) as caught:
        load(path)
    lines = caught.value.message.splitlines()
    assert (len(lines), lines[0], lines[-1][:7]) == (21, "a.xlsx 有几行不对，前 20 行是：", "第 21 行：")


def test_a_heading_that_is_not_known_is_named_with_the_nearest(tmp_path):
    path = sheet(tmp_path / "a.xlsx", ["编号", "问题", "应有事实"], ["1", "问", "36"])
    with pytest.raises(UserError) as caught:
        load(path)
    assert caught.value.message == "a.xlsx 第 1 行：不认识“应有事实”这一列。"
    assert caught.value.hint == "您是不是要写“应有的事实”？自己用的列，请在列名前加 #。"


def test_a_sheet_without_headings_and_a_file_that_is_none_are_told_apart(tmp_path):
    with pytest.raises(UserError, match="找不到标题行"):
        load(sheet(tmp_path / "a.xlsx", ["1", "问题在这里"]))
    (tmp_path / "b.xlsx").write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(UserError, match="不是完好的 XLSX"):
        load(tmp_path / "b.xlsx")
    (tmp_path / "c.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    with pytest.raises(UserError, match=r"不能是“\.xls”这种格式"):
        load(tmp_path / "c.xls")


@pytest.mark.parametrize(
    ("encoding", "mark"), [("gbk", ","), ("utf-8", ","), ("utf-8-sig", ","), ("utf-16", "\t")]
)
def test_csv_files_as_offices_save_them(tmp_path, encoding, mark):
    path = tmp_path / "a.csv"
    path.write_text(f"编号{mark}问题\r\n1{mark}驿站有几家？\r\n", encoding=encoding, newline="")
    assert load(path) == [Case(id="1", question="驿站有几家？")]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_template_holds_no_question_until_a_mark_is_taken_off(tmp_path, suffix):
    path = tmp_path / f"模板{suffix}"
    template(path)
    assert load(path) == []


def test_the_template_explains_offers_choices_and_shows_a_filled_row(tmp_path):
    template(tmp_path / "模板.xlsx")
    book = load_workbook(tmp_path / "模板.xlsx")
    assert book.sheetnames == ["题目", "填写说明"]
    questions = book["题目"]
    offered = {str(rule.sqref): rule.formula1 for rule in questions.data_validations.dataValidation}
    assert offered["C2:C1048576"] == '"答,拒"'
    assert offered["K2:K1048576"] == '"易,中,难"'
    rows = [[cell.value for cell in row][:3] for row in questions.iter_rows()]
    assert rows[0] == ["编号", "问题", "应答"]
    assert rows[3] == ["#示例3", "云河市总工会2019年发了多少张电影票？", "拒"]
    questions["A2"] = "1"
    book.save(tmp_path / "题.xlsx")
    (case,) = load(tmp_path / "题.xlsx")
    assert (case.id, case.must, case.category) == ("1", (("4200",),), "疗休养")


def test_the_csv_template_has_a_row_that_explains(tmp_path):
    template(tmp_path / "模板.csv")
    with (tmp_path / "模板.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert [row[0] for row in rows] == [
        "编号",
        "#说明：必须填写，每道题不同；以 # 开头的行不算题。",
        *(f"#示例{n}" for n in (1, 2, 3, 4)),
    ]


def test_no_cell_of_a_saved_sheet_is_a_formula(tmp_path):
    case = Case(id="1", question="=HYPERLINK(1)", note="+1")
    save([case], tmp_path / "a.xlsx")
    save([case], tmp_path / "a.csv")
    row = list(load_workbook(tmp_path / "a.xlsx")["题目"].iter_rows())[1]
    assert {cell.data_type for cell in row} == {"s", "n"}  # n: empty
    assert "'=HYPERLINK(1)" in (tmp_path / "a.csv").read_text(encoding="utf-8-sig")


def test_a_text_that_no_cell_can_hold_is_refused_and_nothing_is_left_half_written(tmp_path):
    for question in ("长" * 40_000, "铃\x07声"):
        with pytest.raises(UserError, match=r"表格"):
            save([Case(id="1", question=question)], tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_a_slip_in_a_key_that_counts_is_named_and_a_key_of_ones_own_is_not(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 7, "question": "问", "must_nots": ["x"]}\n', encoding="utf-8")
    with pytest.raises(UserError, match="不认识“must_nots”，您是不是要写“must_not”？"):
        load(path)
    path.write_text('{"id": 7, "question": "问", "author": "张三", "note": null}\n', encoding="utf-8")
    assert list(stream(path)) == [Case(id="7", question="问")]


def test_nothing_is_given_after_a_wrong_row(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": "1", "question": "问"}\n{\n{"id": "2", "question": "问"}\n', encoding="utf-8")
    given_out = []
    with pytest.raises(UserError, match="第 2 行"):
        given_out += list(map(lambda c: given_out.append(c.id), stream(path)))  # noqa: C417
    assert given_out == ["1"]
