"""The two newspaper pages of the shipped corpus, from their bytes to articles: each once, with its own furniture."""

from pathlib import Path

import pytest

import corpus
from ingest import articles, document
from ingest.lines import Line
from ingest.pipeline import parse

DOCUMENTS = Path(corpus.__file__).parent / "documents"
PAGES = {
    "云河-工会之声-2025-06-18-第2版.pdf": [
        ("把驿站建到劳动者必经的路口", "主席之声", ("邵青禾",)),
        ("云东区：一刻钟服务圈让职工少跑腿", "基层动态", ("林溪",)),
        ("我在物流园当协商指导员", "履职手记", ("何稻生",)),
        ("白塔县1150名女职工免费“两癌”筛查", "简讯", ("孟归雁",)),
        ("桥塔下的清凉", "图片新闻", ("褚野",)),
    ],
    "云河-工会之声-2025-09-24-第3版.pdf": [
        ("一份提示函 追回37名职工加班工资", "维权在线", ("江予安",)),
        ("产改要改到班组里", "工会论坛", ("陶远舟",)),
        ("柳津市：一站一品 让康乃馨开在职工身边", "女工园地", ("苏晚晴",)),
        ("“匠心云河”焊工决赛落幕", "竞赛风采", ("苏晚晴", "贺兰舟")),
        ("书香满工地", "图片新闻", ("褚野",)),
    ],
}


@pytest.mark.parametrize(("name", "stories"), PAGES.items(), ids=["六月", "九月"])
def test_each_article_of_a_page_comes_once_with_its_own_furniture(name, stories):
    document = parse((DOCUMENTS / name).read_bytes(), name, "1")
    assert sorted((a.title, a.label, a.authors) for a in document.articles) == sorted(stories)
    day = name.removeprefix("云河-工会之声-")[:10]
    assert {a.published_on for a in document.articles} == {day}
    text = "\n".join(a.text for a in document.articles)
    assert not any(word in text for word in ("工会之声（示例）", "星期三", "本版为示例"))


def test_a_caption_stays_with_its_photo_news():
    name = next(iter(PAGES))
    photo = parse((DOCUMENTS / name).read_bytes(), name, "1").articles[-1]
    assert photo.text.split("\n") == [
        "本报记者 褚野 摄影报道",
        "6月12日，经开区总工会走进云河二桥建设工地，为320名建设者送去绿豆汤、藿香正气水和遮阳帽。"
        "图为工会干部在桥塔下为工人发放清凉包。",
    ]


def _read_as(monkeypatch, *pieces):
    """The warnings of a file that was parted into articles of these titles and confidences."""
    parted = [
        articles.Piece(lines=(Line(text="灯会由街道承办，社区协助。"),), title=title, confidence=sure)
        for title, sure in pieces
    ]
    monkeypatch.setattr(document.articles, "split", lambda *args, **options: parted)
    return parse("灯会由街道承办，社区协助。".encode(), "a.txt", "1").source.warnings


@pytest.mark.parametrize(
    ("pieces", "warnings"),
    [
        ([("灯会开幕", 0.95), ("社区添了书架", 0.9)], ()),
        ([("灯会开幕", 0.8)], ()),
        (
            [("灯会开幕", 0.95), ("社区“添”了书架", 0.8)],
            ("这一篇的分篇把握不大，请对照原件核实：“社区‘添’了书架”。",),
        ),
        (
            [("灯会开幕", 0.8), ("", 0.65)],
            ("有 2 篇的分篇把握不大，请对照原件核实：“灯会开幕”、“灯会由街道承办，社区协助…”。",),
        ),
    ],
)
def test_articles_that_may_be_parted_wrongly_are_named_to_whoever_added_the_file(
    monkeypatch, pieces, warnings
):
    assert _read_as(monkeypatch, *pieces) == warnings
