"""The shipped explanations of the law: what they cite exists, and their list of sources is whole."""

import csv
import re
from pathlib import Path

import pytest

DOCUMENTS = Path(__file__).parents[1] / "documents"

# How many articles each law has in the version the explanations rest on.
ARTICLES = {
    "工会法": 58,
    "劳动法": 107,
    "劳动合同法": 98,
    "劳动合同法实施条例": 38,
    "劳动争议调解仲裁法": 54,
    "社会保险法": 98,
    "就业促进法": 69,
    "安全生产法": 119,
    "职业病防治法": 88,
    "妇女权益保障法": 86,
    "未成年人保护法": 132,
    "法律援助法": 71,
    "公司法": 266,
    "工伤保险条例": 67,
    "保障农民工工资支付条例": 64,
    "劳动保障监察条例": 36,
    "残疾人就业条例": 30,
    "职工带薪年休假条例": 10,
    "企业职工带薪年休假实施办法": 19,
    "女职工劳动保护特别规定": 16,
    "禁止使用童工规定": 14,
    "全国年节及纪念日放假办法": 8,
    "国务院关于职工工作时间的规定": 9,
    "工资支付暂行规定": 20,
    "关于工资总额组成的规定": 16,
    "工会法司法解释": 8,
    "劳动争议司法解释（一）": 54,
    "工伤保险行政案件司法解释": 9,
    "拒不支付劳动报酬司法解释": 9,
}
FORMATS = {".md", ".txt", ".html", ".docx", ".pdf"}
DIGITS = dict(zip("零一二三四五六七八九", range(10), strict=True))
NUMBER = r"第([一二三四五六七八九十百零]+)条"
CITATION = re.compile(rf"《([^《》]+)》((?:{NUMBER}(?:、|至)?)+)")
COLUMNS = [
    "file", "title", "kind", "issuer", "number", "published_on",
    "effective_on", "expires_on", "status", "region", "note",
]  # fmt: skip


def explanations() -> list[Path]:
    """Ours are the rows of sources.csv whose issuer is the project itself."""
    return [DOCUMENTS / row["file"] for row in rows() if row["issuer"] == "本项目编写"]


def rows() -> list[dict[str, str]]:
    with (DOCUMENTS / "sources.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def numeral(text: str) -> int:
    """第…条's number: 一 to 九百九十九."""
    total, digit = 0, 0
    for sign in text:
        if sign in "百十":
            total += (digit or 1) * {"百": 100, "十": 10}[sign]
            digit = 0
        else:
            digit = DIGITS[sign]
    return total + digit


def cited(text: str) -> set[tuple[str, int]]:
    """(law, article) for every 《…》第…条, runs (第三条至第五条、第九条) taken apart."""
    text = re.sub(r"《最高人民法院[^《》]*》（简称(《[^《》]+》)）", r"\1", text)
    found = set()
    for law, run, _ in CITATION.findall(text):
        name = law.removeprefix("中华人民共和国")
        for part in run.split("、"):
            ends = [numeral(n) for n in re.findall(NUMBER, part)]
            found |= {(name, n) for n in range(ends[0], ends[-1] + 1)} if ends else set()
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("依据《工会法》第四十三条", {("工会法", 43)}),
        ("《中华人民共和国安全生产法》第一百零六条", {("安全生产法", 106)}),
        ("《工会法》第十条至第十二条、第二十条", {("工会法", n) for n in (10, 11, 12, 20)}),
        ("《公司法》没有写这一条", set()),
    ],
)
def test_citations_are_read_as_law_and_number(text: str, expected: set[tuple[str, int]]) -> None:
    assert cited(text) == expected


@pytest.mark.parametrize("path", explanations(), ids=lambda path: path.stem)
def test_every_article_an_explanation_cites_exists(path: Path) -> None:
    found = cited(path.read_text(encoding="utf-8"))
    assert len(found) >= 3
    assert {c for c in found if c[1] > ARTICLES.get(c[0], 0)} == set()


@pytest.mark.parametrize("path", explanations(), ids=lambda path: path.stem)
def test_what_an_explanation_cites_stands_in_its_list_at_the_end(path: Path) -> None:
    body, _, listed = path.read_text(encoding="utf-8").partition("## 相关条文")
    assert cited(body) - cited(listed) == set()


@pytest.mark.parametrize("path", explanations(), ids=lambda path: path.stem)
def test_an_explanation_has_a_title_its_point_and_the_date_of_the_law(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    title, point = [line for line in text.splitlines() if line][:2]
    assert title.startswith("# ")
    assert point.startswith("要点：")
    assert re.search(r"(19|20)\d\d年", text)
    assert 500 <= len(re.sub(r"\s", "", text)) <= 1500


def test_the_list_of_sources_names_every_shipped_file_once() -> None:
    with (DOCUMENTS / "sources.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == COLUMNS
    shipped = sorted(p.name for p in DOCUMENTS.iterdir() if p.suffix in FORMATS)
    assert sorted(row["file"] for row in rows()) == shipped


@pytest.mark.parametrize("path", explanations(), ids=lambda path: path.stem)
def test_an_explanation_is_listed_under_its_own_title(path: Path) -> None:
    title = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
    assert [row["title"] for row in rows() if row["file"] == path.name] == [title]
