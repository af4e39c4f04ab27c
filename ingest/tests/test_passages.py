"""Passages: what stays together, what is cut, what it is called."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.types import Article, Box
from ingest.description.numerals import chinese_number, chinese_numeral
from ingest.lines import Line, joined
from ingest.passages import cut, sentence_spans


def passages(text, lines=(), **fields):
    return cut(Article(id="1/1", source_id="1", ordinal=1, text=text, **fields), lines)


def shown(text, **fields):
    return [(p.label, p.text) for p in passages(text, **fields)]


def sentences(count, length=30):
    return "".join(
        f"第{n}句".replace("第", "这是第") + "话" * (length - 6) + "。" for n in range(1, count + 1)
    )


STATUTE = "\n".join(
    [
        "目　录",
        "第一章　总则",
        "第二章　会费",
        "第一章　总则",
        "第一条　为了办好云河灯会，制定本办法。",
        "第二条　灯会由街道承办。",
        "街道可以请社区协助。",
        "第二章　会费",
        "第三条　会费按下列标准收取：",
        "（一）成人每人十元；",
        "（二）学生每人五元。",
    ]
)


def test_each_clause_is_a_passage_and_its_chapter_opens_it():
    assert shown(STATUTE) == [
        ("第一条", "第一章　总则\n第一条　为了办好云河灯会，制定本办法。"),
        ("第二条", "第二条　灯会由街道承办。\n街道可以请社区协助。"),
        ("第三条", "第二章　会费\n第三条　会费按下列标准收取：\n（一）成人每人十元；\n（二）学生每人五元。"),
    ]


@pytest.mark.parametrize("mark", ["", "• "])
def test_a_table_of_contents_with_sections_opens_nothing(mark):
    contents = [
        "目录",
        "第一章　总则",
        "第二章　会费",
        f"{mark}第一节　收取",
        f"{mark}第二节　使用",
        "第三章　附则",
    ]
    body = [
        "第一章　总则",
        "第一条　灯会每年一次。",
        "第二章　会费",
        "第一节　收取",
        "第二条　会费每年收取一次。",
    ]
    assert shown("\n".join([*contents, *body])) == [
        ("第一条", "第一章　总则\n第一条　灯会每年一次。"),
        ("第二条", "第二章　会费\n第一节　收取\n第二条　会费每年收取一次。"),
    ]


def test_a_long_clause_is_cut_into_its_subsections_with_their_numbers():
    first, second, third = ("甲" * 120 + "。", "乙" * 120 + "。", "丙" * 20 + "。")
    labels = [label for label, _ in shown(f"第七条　{first}\n{second}\n{third}")]
    assert labels == ["第七条第一款", "第七条第二款至第三款"]


def test_a_long_subsection_is_cut_into_its_items_and_the_lead_in_stays_with_the_first():
    items = [f"（{n}）{'事' * 110}；" for n in "一二三四五"]
    got = shown("\n".join(["第九条　申请人应当提交下列材料：", *items]))
    assert [label for label, _ in got] == ["第九条", "第九条第（四）至（五）项"]
    assert got[0][1].startswith("第九条　申请人应当提交下列材料：\n（一）")
    assert got[1][1].startswith("（四）")


def test_items_parted_from_their_lead_in_name_it_and_all_know_their_chapter():
    items = [f"({n}){'事' * 110}；" for n in "一二三四五"]
    text = "\n".join(
        ["第二章　申请", "第九条　申请须自愿。申请人应当提交下列材料：", *items, "第十条　免费。"]
    )
    got = passages(text)
    assert [(p.label, p.lead) for p in got] == [
        ("第九条", ""),
        ("第九条第（四）至（五）项", "申请人应当提交下列材料："),
        ("第十条", ""),
    ]
    assert {p.path for p in got} == {("第二章 申请",)}


def test_a_list_outside_clauses_that_is_cut_names_its_lead_in_too():
    items = [f"{n}. {'材料' * 40}；" for n in range(1, 9)]
    got = passages("\n".join(["报名时应当带齐下列材料：", *items]))
    assert [p.lead for p in got] == ["", *["报名时应当带齐下列材料："] * (len(got) - 1)]


def test_what_goes_on_without_a_list_names_no_lead_in():
    assert {p.lead for p in passages(f"第七条　{'甲' * 300}。\n{'乙' * 300}。")} == {""}


def test_old_laws_count_in_stems():
    text = "\n".join(["第三条　灯会的待遇：", *(f"{n}、{'灯' * 194}。" for n in "甲乙丙")])
    assert [label for label, _ in shown(text)] == ["第三条", "第三条乙款至丙款"]


def test_a_long_line_that_names_a_document_heads_what_is_said_of_it():
    name = "云河市灯会委员会关于审理灯会摊位纠纷案件适用灯会法律若干问题的解释"
    lines = [
        "现作如下修改：",
        f"一、修改《{name}》",
        "1.将引言修改为：",
        "“办好灯会。”",
        f"二、修改《{name}（二）》",
        "将第一段删去。",
    ]
    assert {label for label, _ in shown("\n".join(lines))} == {
        "",
        f"一、修改《{name}》",
        f"二、修改《{name}（二）》",
    }


def test_a_list_of_titles_heads_nothing():
    text = "办灯会依据下列文件：\n1.《云河市灯会条例》\n2.《云河市河灯办法》\n各街道要认真学习，把灯会办好。"
    assert [label for label, _ in shown(text)] == [""]


def test_the_list_of_annexes_heads_nothing_and_the_annex_itself_does():
    body = "各街道要在三月底前完成灯会的布置，并把名单报送街道办事处备案，逾期不予受理。"
    text = "\n".join(
        [
            body,
            "附件：1. 灯会清单",
            "2. 灯会表",
            "云河市总工会",
            "2024年3月1日",
            "附件1",
            body,
            "附件2 灯会表",
            body,
        ]
    )
    assert [(p.label, p.path) for p in passages(text)] == [
        ("", ()),
        ("附件1", ("附件1",)),
        ("附件2 灯会表", ("附件2 灯会表",)),
    ]


def test_small_items_below_an_item_stay_in_it():
    text = "\n".join(
        [
            "第四条　包括：",
            f"（一）{'甲' * 200}：",
            f"1.{'子' * 80}；",
            f"2.{'丑' * 80}；",
            f"（二）{'乙' * 90}。",
        ]
    )
    assert [label for label, _ in shown(text)] == ["第四条", "第四条第（二）项"]


@pytest.mark.parametrize(
    "line",
    [
        "第二十一条规定，会费每年公布。",
        "第三条和第四条另行公布。",
        "第二条第一款所称会员，是指灯会会员。",
        "第一条的含义见上文。",
    ],
)
def test_a_line_that_speaks_about_a_clause_opens_none(line):
    assert [label for label, _ in shown(line)] == [""]


def test_a_clause_without_a_gap_after_its_number_counts_when_it_is_next():
    text = "第一条 灯会每年一次。\n第二条灯会由街道承办。\n第九条规定另行公布。"
    assert [label for label, _ in shown(text)] == ["第一条", "第二条"]


def test_a_clause_number_alone_on_its_line_belongs_to_its_first_subsection():
    got = shown(f"第五条\n{'甲' * 100}。\n{'乙' * 100}。")
    assert [label for label, _ in got] == ["第五条第一款", "第五条第二款"]
    assert got[0][1].startswith("第五条\n甲")


def test_inserted_clauses_keep_their_name():
    assert [label for label, _ in shown("第十条 甲。\n第十条之一 乙。\n第十一条 丙。")] == [
        "第十条",
        "第十条之一",
        "第十一条",
    ]


def test_headings_name_what_stands_below_them_and_stay_in_the_text():
    body = "各单位要在三月底前完成灯会的布置，并把名单报送街道办事处备案，逾期不予受理。"
    text = "\n".join(["一、工作安排", "（一）准备阶段", body, "（二）实施阶段", body, "二、有关要求", body])
    assert shown(text) == [
        ("一、工作安排 › （一）准备阶段", f"一、工作安排\n（一）准备阶段\n{body}"),
        ("一、工作安排 › （二）实施阶段", f"（二）实施阶段\n{body}"),
        ("二、有关要求", f"二、有关要求\n{body}"),
    ]


def test_a_numbered_paragraph_is_named_by_its_short_first_sentence():
    body = "每个街道安排三名志愿者值守，发现险情要立即报告，并协助疏散现场的群众，确保安全有序。"
    assert [label for label, _ in shown(f"一、值守安排。{body}\n二、应急处置。{body}")] == [
        "一、值守安排",
        "二、应急处置",
    ]


def test_a_list_stays_with_its_lead_in():
    text = (
        "报名时应当带齐下列材料：\n1. 身份证；\n2. 户口本；\n3. 照片两张。\n"
        + "灯会当天请提前半小时到场。" * 30
    )
    assert shown(text)[0] == ("", "报名时应当带齐下列材料：\n1. 身份证；\n2. 户口本；\n3. 照片两张。")


def test_a_list_too_long_for_one_passage_is_cut_between_its_items():
    items = [f"{n}. {'材料' * 40}；" for n in range(1, 9)]
    got = [text for _, text in shown("\n".join(["报名时应当带齐下列材料：", *items]))]
    assert len(got) > 1
    assert all(text.endswith("；") and len(text) <= 450 for text in got)
    assert got[0].startswith("报名时")


def test_questions_name_their_answers():
    text = "问：灯会收费吗？\n答：不收费，全体居民都可以免费参加，不需要提前预约。\n问：能带宠物吗？\n答：不能，现场人多，请把宠物留在家里。"
    assert [label for label, _ in shown(text)] == ["问：灯会收费吗？", "问：能带宠物吗？"]


def test_a_short_line_between_paragraphs_heads_the_next_and_a_byline_does_not():
    body = "灯会办了十年，从一条街办到了一座城，来看灯的人一年比一年多，街坊们都说比过年还要热闹。"
    text = f"云河灯会办公室 林小满\n{body}\n十年变化\n{body}"
    assert [label for label, _ in shown(text, authors=("林小满",))] == ["", "十年变化"]


def test_declared_headings_count_and_one_with_nothing_below_is_content():
    lines = [Line(text="安排", level=2), Line(text="正文一段。"), Line(text="结束语", level=2)]
    assert [(p.label, p.text) for p in passages("安排\n正文一段。\n结束语", lines)] == [
        ("安排", "安排\n正文一段。\n结束语"),
    ]


def test_short_paragraphs_are_gathered_and_a_short_rest_joins_the_last():
    text = "\n".join(["灯会上午开始。"] * 30 + ["街道办事处"])
    sizes = [len(text) for _, text in shown(text)]
    assert sizes == [151, 93]


def test_a_long_paragraph_is_cut_between_sentences_evenly():
    got = [text for _, text in shown(sentences(30))]
    assert all(text.endswith("。") and 150 <= len(text) <= 400 for text in got)


def test_a_quotation_is_not_torn_apart():
    text = "他说：“" + "灯会要办好。" * 3 + "”大家鼓掌。"
    assert [text[a:b] for a, b in sentence_spans(text)] == [
        "他说：“灯会要办好。灯会要办好。灯会要办好。”",
        "大家鼓掌。",
    ]
    assert len(sentence_spans("他说：“灯会要办好。大家都同意。再说一句。")) == 3


def test_what_is_no_sentence_is_cut_at_a_comma():
    text = "，".join(["没有句号的文字"] * 1000)
    assert all(len(p.text) <= 2000 for p in passages(text))
    assert all(p.text.endswith(("，", "字")) for p in passages(text))


def test_a_passage_knows_its_page_and_where_it_stands_on_it():
    box = [Box(3, 10, 10 * n, 100, 10 * n + 9) for n in (1, 2)] + [Box(4, 10, 10, 100, 19)]
    parts = [Line(text="第一条 灯会每年", page=3, box=box[0]), Line(text="一次。", page=3, box=box[1])]
    lines = [joined(parts), Line(text="第二条 由街道承办。", page=4, box=box[2])]
    got = passages("第一条 灯会每年一次。\n第二条 由街道承办。", lines)
    assert [(p.label, p.page, p.boxes) for p in got] == [
        ("第一条", 3, (box[0], box[1])),
        ("第二条", 4, (box[2],)),
    ]


@pytest.mark.parametrize(
    ("text", "number"),
    [("十", 10), ("二十一", 21), ("一百零五", 105), ("12", 12), ("二〇二四", 2024), ("甲", 0)],
)
def test_chinese_numbers_are_read(text, number):
    assert chinese_number(text) == number


@given(st.integers(1, 99))
def test_chinese_numerals_are_written_as_they_are_read(number):
    assert chinese_number(chinese_numeral(number)) == number


# ── what holds for every text ─────────────────────────────────────────────────────────

sentence = st.builds(
    lambda body, end: body + end,
    st.text(alphabet="灯会街道社区居民安排补贴元人次，、“”（）《》2024", min_size=1, max_size=60),
    st.sampled_from("。。。！？"),
)
paragraph = st.one_of(
    st.lists(sentence, min_size=1, max_size=12).map("".join),
    st.builds(lambda n, s: f"第{chinese_numeral(n)}条　{s}", st.integers(1, 40), sentence),
    st.builds(lambda n, s: f"（{chinese_numeral(n)}）{s}", st.integers(1, 12), sentence),
    st.builds(lambda n, s: f"{chinese_numeral(n)}、{s}", st.integers(1, 12), sentence),
    st.builds(lambda n, s: f"{n}. {s}", st.integers(1, 12), sentence),
    st.sampled_from(
        [
            "报名材料如下：",
            "十年变化",
            "问：收费吗？",
            "答：不收费。",
            "附件1",
            "云河街道办事处",
            "2024年3月1日",
            "",
        ]
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(paragraph, max_size=25).map("\n".join))
def test_every_character_stands_in_exactly_one_passage_and_no_sentence_is_cut(text):
    got = passages(text)
    assert all(p.text == text[p.start : p.end] for p in got)
    assert all(a.end <= b.start for a, b in pairwise(got))
    assert re.sub(r"\s", "", "".join(p.text for p in got)) == re.sub(r"\s", "", text)
    for above, below in pairwise(got):
        between = text[above.end : below.start]
        assert "\n" in between or re.search(r"[。！？!?…][”’」』）)】》\"']*$", above.text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=600))
def test_no_text_whatever_breaks_the_cutting(text):
    got = passages(text)
    assert all(p.text == text[p.start : p.end] and p.text.strip() for p in got)
    assert all(a.end <= b.start for a, b in pairwise(got))


SHORT_ITEMS = [
    "1. 报名不收取任何费用，当天可以办完。",
    "2. 学生由老师带队，提前一小时到场。",
    "3. 下雨天顺延到第二天举行。",
]


def test_short_items_below_a_heading_are_a_list_and_none_of_them_names_it():
    assert shown("\n".join(["二、有关要求", *SHORT_ITEMS])) == [
        ("二、有关要求", "\n".join(["二、有关要求", *SHORT_ITEMS]))
    ]


def test_an_item_with_text_of_its_own_below_it_is_a_heading():
    text = [
        "二、有关要求",
        "（一）报名",
        "报名不收取任何费用，当天可以办完。" * 3,
        "（二）到场",
        "学生由老师带队，提前一小时到场。" * 3,
    ]
    assert [label for label, _ in shown("\n".join(text))] == [
        "二、有关要求 › （一）报名",
        "二、有关要求 › （二）到场",
    ]


def test_steps_named_with_their_days_are_headings_alike():
    steps = [
        "1. 报名（3月1日至3月15日）。到社区登记。",
        f"2. 布置（3月16日至3月31日）。{'各社区挂好灯笼，' * 6}不得迟到。",
    ]
    assert [label for label, _ in shown("\n".join(["四、步骤", *steps]))] == [
        "四、步骤 › 1. 报名（3月1日至3月15日）",
        "四、步骤 › 2. 布置（3月16日至3月31日）",
    ]


def test_one_item_with_a_short_first_sentence_names_no_list():
    items = [
        SHORT_ITEMS[0],
        "2. 提交申请。社区在一个工作日内审核完毕。",
        *[text.replace("2.", "3.") for text in SHORT_ITEMS[1:2]],
    ]
    assert [label for label, _ in shown("\n".join(["一、线上报名", *items]))] == ["一、线上报名"]


def test_sections_of_one_paragraph_with_titles_stay_headings():
    text = [
        "一、时间。灯会定在三月一日晚上六点开始。",
        "二、地点。灯会在云河两岸的广场举行。",
        "三、收费。成人十元，学生五元。",
    ]
    assert [label for label, _ in shown("\n".join(text))] == ["一、时间", "二、地点", "三、收费"]
