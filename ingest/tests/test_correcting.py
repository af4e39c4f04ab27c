"""What a person corrects in a draft: each operation with what it leaves, undone, and in any order."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import UserError
from corpus.types import Article, Box
from ingest import passages
from ingest.document import read
from ingest.intake import correcting, drafts
from ingest.intake.correcting import numbered, parts_of
from ingest.intake.drafts import Draft
from ingest.lines import Line

NOTICE = (
    "云河市总工会关于开办暑期托管班的通知（示例）\n\n各区县总工会：\n\n"
    "暑期托管班每班不超过25人。\n\n由区县总工会组织开办。\n\n云河市总工会\n2025年6月3日\n"
)


def line(text: str, y: float, page: int = 1) -> Line:
    return Line(text=text, page=page, box=Box(page, 50, y, 50 + 10 * len(text), y + 12), whole=True)


def drafted(*articles: dict, lines: list[list[Line]]) -> Draft:
    made = [
        Article(
            id=f"0/{n}",
            source_id="0",
            ordinal=n,
            text="\n".join(each.text for each in lines[n - 1]),
            **fields,
        )
        for n, fields in enumerate(articles, start=1)
    ]
    cut = [p for article, own in zip(made, lines, strict=True) for p in passages.cut(article, own)]
    parts = parts_of(made, cut, lines)
    return Draft(
        id="0" * 16,
        name="a.pdf",
        origin="/a.pdf",
        sha256="",
        bytes=1,
        by="甲",
        at="",
        state="ready",
        parts=parts,
    )


@pytest.fixture
def page():
    first = [
        line("工会之声 第2版", 10),
        line("书屋办在家门口，全年新建12家。", 30),
        line("图书不少于800册。", 50),
    ]
    second = [line("凉茶摊每天三点开张。", 300), line("司机可以免费喝茶。", 320, page=2)]
    return drafted(
        {"title": "书屋", "issuer": "云河市总工会", "number": "云工发〔2025〕1号", "pages": (1,)},
        {"title": "凉茶", "quality": 0.6, "quality_reason": "识别", "pages": (1, 2)},
        lines=[first, second],
    )


def texts(draft: Draft) -> list[tuple[str, str]]:
    return [(part.article.title, part.article.text) for part in draft.parts]


def done(draft: Draft, do: str, *given, **named) -> Draft:
    return draft.done(correcting.OPERATIONS[do](draft.parts, *given, **named), "甲")


def test_fields_are_set_as_people_write_them_and_nothing_else_changes(page):
    after = done(
        page, "set_fields", 0, {"published_on": "2025年3月12日", "authors": "陈有禾、 林小满", "kind": "通知"}
    )
    article = after.parts[0].article
    assert (article.published_on, article.authors, article.kind) == (
        "2025-03-12",
        ("陈有禾", "林小满"),
        "通知",
    )
    assert texts(after) == texts(page)
    assert after.parts[0].passages == page.parts[0].passages
    assert [step.words for step in after.steps] == [
        "书屋：作者由（空）改为“陈有禾、林小满”；发布日期由（空）改为“2025-03-12”；类型由“其他”改为“通知”"
    ]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"title": " "}, "标题不能是空的。"),
        ({"published_on": "去年"}, "发布日期“去年”不是日期。"),
        ({"kind": "公告"}, "类型“公告”无效。"),
        ({"status": ""}, "效力“”无效。"),
        ({"issuer": "长" * 301}, "发文机关太长了。"),
        ({"effective_on": "2025-05-01", "expires_on": "2025-04"}, "失效日期早于施行日期。"),
        ({"title": "书屋"}, "没有改动。"),
    ],
)
def test_what_cannot_stand_in_a_field_is_said_in_words(page, values, message):
    with pytest.raises(UserError) as told:
        done(page, "set_fields", 0, values)
    assert told.value.message == message
    assert told.value.hint


def test_an_article_is_split_and_a_short_first_line_is_its_title(page):
    merged = done(page, "merge", 0, 1)
    after = done(merged, "split", 0, 3)
    assert texts(after) == [
        ("书屋", "工会之声 第2版\n书屋办在家门口，全年新建12家。\n图书不少于800册。"),
        ("凉茶", "凉茶摊每天三点开张。\n司机可以免费喝茶。"),
    ]
    second = after.parts[1].article
    assert (second.issuer, second.number, second.pages) == ("云河市总工会", "", (1, 2))


def test_a_sentence_is_no_title_of_what_is_split_off(page):
    after = done(page, "split", 0, 2)
    assert texts(after)[1] == ("", "图书不少于800册。")


@pytest.mark.parametrize("where", [0, 9, -1])
def test_nothing_is_split_where_one_half_would_be_empty(page, where):
    with pytest.raises(UserError):
        done(page, "split", 0, where)


def test_merging_keeps_the_fields_of_one_the_title_of_the_other_and_the_doubts_of_both(page):
    after = done(page, "merge", 1, 0)
    (part,) = after.parts
    assert part.article.title == "凉茶"
    assert part.article.text.split("\n") == [
        "凉茶摊每天三点开张。",
        "司机可以免费喝茶。",
        "书屋",
        "工会之声 第2版",
        "书屋办在家门口，全年新建12家。",
        "图书不少于800册。",
    ]
    assert (part.article.quality, part.article.quality_reason, part.article.pages) == (0.6, "识别", (1, 2))
    with pytest.raises(UserError):
        done(page, "merge", 1, 1)


def test_furniture_leaves_the_text_and_comes_back_where_it_stood(page):
    without = done(page, "leave_out", 0, [0])
    assert without.parts[0].article.text == "书屋办在家门口，全年新建12家。\n图书不少于800册。"
    assert [p.text for p in without.parts[0].passages] == [without.parts[0].article.text]
    assert [box.y0 for p in without.parts[0].passages for box in p.boxes] == [30, 50]
    back = done(without, "bring_back", 0, [0])
    assert texts(back) == texts(page)
    assert back.parts == page.parts
    with pytest.raises(UserError):
        done(page, "leave_out", 0, [0, 1, 2])
    with pytest.raises(UserError):
        done(page, "bring_back", 0, [1])


def test_an_article_is_dropped_but_not_the_last(page):
    after = done(page, "drop", 0)
    assert texts(after) == texts(page)[1:]
    with pytest.raises(UserError) as told:
        done(after, "drop", 0)
    assert told.value.message == "至少要保留一篇。"


def test_every_step_is_undone_and_a_reset_too(page):
    steps = [
        ("set_fields", 0, {"title": "书屋建设"}),
        ("split", 0, 1),
        ("merge", 0, 2),
        ("leave_out", 0, [0]),
        ("drop", 1),
    ]
    states = [page]
    for do, *what in steps:
        states.append(done(states[-1], do, *what))
    assert states[-1].first() == page.parts
    reset = states[-1].reset("乙")
    assert reset.parts == page.parts
    assert reset.steps[-1].words == "还原为读取时的样子"
    assert reset.undone() == states[-1]
    now = states[-1]
    for before in reversed(states[:-1]):
        now = now.undone()
        assert now == before
    with pytest.raises(UserError):
        now.undone()


def test_what_is_published_has_the_ids_of_its_source(page):
    articles, cut = numbered(done(page, "drop", 0).parts, "7")
    assert [(a.id, a.source_id, a.ordinal) for a in articles] == [("7/1", "7", 1)]
    assert [(p.id, p.article_id, p.ordinal) for p in cut] == [("7/1/1", "7/1", 1)]


def test_a_document_cut_from_its_own_lines_again_is_the_same():
    parsed = read(NOTICE.encode(), "通知.txt", "0")
    (part,) = parts_of(parsed.document.articles, parsed.document.passages, parsed.lines)
    draft = drafted({}, lines=[list(part.lines)])
    assert "\n".join(each.text for each in part.lines) == part.article.text
    again = done(done(draft, "leave_out", 0, [0]), "bring_back", 0, [0])
    assert [(p.start, p.end, p.label, p.page) for p in again.parts[0].passages] == [
        (p.start, p.end, p.label, p.page) for p in part.passages
    ]


def test_lines_of_what_is_live_come_from_its_passages_with_their_boxes(page):
    first = page.parts[0]
    (part,) = parts_of([first.article], list(first.passages))
    assert [each.text for each in part.lines] == first.article.text.split("\n")
    assert [box for each in part.lines for box in each.boxes] == [b for p in first.passages for b in p.boxes]


@st.composite
def _orders(draw):
    do = draw(st.sampled_from(["split", "merge", "leave_out", "bring_back", "drop"]))
    return do, draw(st.integers(0, 5)), draw(st.integers(0, 8))


@settings(max_examples=60, deadline=None)
@given(st.lists(_orders(), max_size=12))
def test_any_sequence_keeps_every_character_in_its_place(orders):
    lines = [
        [line(f"第{n}段说的是第{m}件事，经费{n * 7}元。", 20 * m, page=n) for m in range(1, 5)]
        for n in (1, 2)
    ]
    draft = begun = drafted({"title": "甲"}, {"title": "乙", "pages": (2,)}, lines=lines)
    for do, at, other in orders:
        given_ = {"split": [other], "merge": [other], "drop": []}.get(do, [[other]])
        try:
            draft = done(draft, do, at, *given_)
        except UserError:
            continue
        for article, part in zip(*_numbered(draft), strict=True):
            kept = [each.text for n, each in enumerate(part.lines) if n not in part.out]
            assert article.text == "\n".join(kept)
            assert all(article.text[p.start : p.end] == p.text for p in part.passages)
            assert article.pages == tuple(
                sorted({p for n, x in enumerate(part.lines) if n not in part.out for p in x.pages})
            )
    assert draft.first() == begun.parts
    assert drafts._from_bytes(drafts._to_bytes(draft)) == draft


def _numbered(draft: Draft):
    return numbered(draft.parts, "3")[0], draft.parts
