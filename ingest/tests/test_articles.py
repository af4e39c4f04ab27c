"""Articles are found whole on broken pages, and single documents stay single."""

import time

import pytest

from ingest.articles import split
from ingest.description.names import byline, split_names
from ingest.lines import Line
from ingest.page.headlines import caption
from ingest.repair import repair
from ingest.tests.pages import ARTICLES, MANNERS, f1, lines_of, read

#: F1 over 40 pages a manner; raise a floor when the figure rises, never lower one.
FLOORS = {
    "in_order": 1.0,
    "shadowed": 1.0,
    "headlines_last": 0.91,
    "headlines_below": 1.0,
    "recognised": 0.99,
    "collected": 1.0,
}


@pytest.mark.parametrize("manner", MANNERS)
def test_titles_stand_over_their_own_paragraphs(manner):
    assert f1(manner, range(40)) >= FLOORS[manner]


@pytest.mark.parametrize("manner", ["in_order", "shadowed", "headlines_below"])
def test_authors_labels_and_subtitles_come_with_their_article(manner):
    truth = {a["title"]: (tuple(a["authors"]), a["label"], a["subtitle"]) for a in ARTICLES}
    for seed in range(20):
        for piece in read(MANNERS[manner](seed)[0]):
            assert (piece.authors, piece.label, piece.subtitle) == truth[piece.title]


def test_the_byline_can_be_quoted_and_gives_the_name_alone():
    (piece,) = read(
        "【履职随笔】\n让工人看得懂账本\n云河县总工会财务部部长 陶远山\n\n账本要让工人看得懂。我们把收支贴在墙上。"
    )
    assert (piece.title, piece.label, piece.authors) == ("让工人看得懂账本", "履职随笔", ("陶远山",))
    assert piece.text == "云河县总工会财务部部长 陶远山\n账本要让工人看得懂。我们把收支贴在墙上。"


def test_an_editors_comment_stays_with_its_article_and_closes_it():
    pages = read(
        "【一线故事】\n图书角里书香浓\n云河县总工会 陶远山\n\n图书角建到了车间门口，工人换班就能借书。\n\n"
        "小编说：小小图书角，装着大情怀。\n\n河口镇总工会把账本贴上墙，收支一月一公布，会员随时可以提问。\n\n"
        "账本上墙之后，会费收缴率升到百分之九十八。\n\n账本上墙 心里亮堂\n河口镇总工会主席 何小舟"
    )
    assert [(p.title, p.authors, len(p.lines)) for p in pages] == [
        ("图书角里书香浓", ("陶远山",), 3),
        ("账本上墙 心里亮堂", ("何小舟",), 3),
    ]


def test_an_opening_note_goes_to_the_text_that_opens_the_column():
    first = "云河市总工会决定，今年在全市工会干部中开展读书活动。本版即日起开设“书香云河”专栏，欢迎投稿。"
    second = "共同缔造幸福车间，是工会干部的分内事。厂区里的食堂、浴室和班车，件件都是大事。"
    pages = read(
        f"{first}\n投稿邮箱：shuxiang@example.com\n\n编 者 按\n\n{second}\n\n【热点谈】\n共同缔造幸福车间\n\n何小舟"
    )
    assert [p.title for p in pages] == ["", "共同缔造幸福车间"]


def test_an_essay_of_a_collection_may_lack_its_marker():
    pages = read(
        f"第一篇：办好图书角\n办好图书角的三个办法\n一、选好地方\n{LONG[0]}\n二、选好书\n{LONG[1]}\n"
        " 怎样算好明白账\n一、账要公开\n账本贴上墙，人人看得见。\n第三篇：谈谈疗休养\n谈谈疗休养\n疗休养要让一线工人先去。"
    )
    assert [p.title for p in pages] == ["办好图书角的三个办法", "怎样算好明白账", "谈谈疗休养"]


LONG = ["".join(article["paragraphs"]) for article in ARTICLES]
REGULATION = "\n".join(
    ["云河市图书角管理办法", "（2024年3月1日云河市总工会通过）", "第一章 总则"]
    + [f"第{n}条 图书角的第{n}项管理事项由所在单位工会负责，市总工会加强指导。" for n in "一二三四五六"]
    + ["第二章 附则", "第七条 本办法自公布之日起施行。"]
)
NOTICE = """云河市总工会文件
云工发〔2024〕12号
关于开展图书角建设的通知

各县（市、区）总工会：
为丰富职工文化生活，现就图书角建设通知如下。
一、建设标准
每个图书角藏书不少于五百册。
二、工作要求
请于六月底前完成。
附件：图书角建设任务表

云河市总工会
2024年5月6日

附件
图书角建设任务表
一、云东区十个
二、云西区八个"""
WRAPPED = NOTICE.replace(
    "云河市总工会文件\n", "云河市总工会关于做好2024年度\n“图书角”建设工作的通知\n\n"
).replace("关于开展图书角建设的通知\n", "")
ESSAY = (
    "# 图书角建设调研报告\n\n## 主要做法\n\n建好用好。"
    + "多听工人意见。" * 20
    + "\n\n## 存在问题\n\n经费不足。\n\n## 对策建议\n\n多方筹措。"
)
QUESTIONS = "# 图书角问答\n\n问：谁可以借书？\n\n答：全体职工都可以借。\n\n问：借书收费吗？\n\n答：不收费。"
LISTS = "云河市图书角名单\n\n云东图书角\n云西图书角\n城南图书角\n城北图书角\n河口图书角"
POEM = "车间的诗\n\n锤声叮当，\n炉火正旺。\n汗水滴落，\n化作星光。"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (REGULATION, "云河市图书角管理办法"),
        (WRAPPED, "云河市总工会关于做好2024年度“图书角”建设工作的通知"),
        (f"云河市图书角简报\n\n{NOTICE}", "关于开展图书角建设的通知"),
        (NOTICE, "关于开展图书角建设的通知"),
        (ESSAY, "图书角建设调研报告"),
        (QUESTIONS, "图书角问答"),
        (LISTS, "云河市图书角名单"),
        (POEM, "车间的诗"),
    ],
)
def test_a_single_document_stays_one_piece_under_its_title(text, title):
    (piece,) = read(text)
    assert piece.title == title


def test_a_notice_keeps_its_number_and_its_signature_in_the_text():
    (piece,) = read(NOTICE)
    assert piece.lines[1].text == "云工发〔2024〕12号"
    assert (piece.issuer, piece.date) == ("云河市总工会", "2024-05-06")


def test_headings_of_the_top_level_part_a_file_where_each_has_a_text():
    pages = read(f"# 图书角里的夏天\n\n{LONG[0]}\n\n# 夜校里的冬天\n\n{LONG[1]}")
    assert [p.title for p in pages] == ["图书角里的夏天", "夜校里的冬天"]


def test_the_formats_title_counts_only_where_the_text_shows_none():
    lines = [Line(text="图书角建到了车间门口，工人换班时就能借书。")]
    assert split(lines, metadata={"title": "图书角"})[0].title == "图书角"
    assert split([Line(text="夜校", level=1), *lines], metadata={"title": "图书角"})[0].title == "夜校"


def test_nothing_gives_no_pieces():
    assert split([]) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("王小川 赵大河", ("王小川", "赵大河")),
        ("马远山朱林", ("马远山", "朱林")),
        ("程 龙 潘小舟", ("程龙", "潘小舟")),
        ("年度健康体检", ()),
        ("安全生产", ()),
        ("主要做法", ()),
    ],
)
def test_names_are_told_from_words(text, names):
    assert split_names(text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("云河县总工会法律工作部部长 陶远山", ("陶远山",)),
        ("云河市人大常委会副主任、市总工会主席 王小川", ("王小川",)),
        ("本报记者 王小川 通讯员 赵大河", ("王小川", "赵大河")),
        ("云河市总工会女职工委员会", ()),
    ],
)
def test_a_byline_gives_its_names(text, names):
    shown = byline(text)
    assert shown is not None and shown.names == names


def test_a_page_of_a_newspaper_is_read_in_half_a_second():
    lines = [line for seed in (1, 2) for line in lines_of(MANNERS["headlines_last"](seed)[0])]
    start = time.perf_counter()
    split(repair(lines).lines)
    assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize(
    ("text", "names"),
    [("○陶远山", ("陶远山",)), ("□ 本报评论员 王小川", ("王小川",)), ("■ 灯会开幕", None)],
)
def test_a_sign_before_a_name_makes_a_byline_of_it(text, names):
    shown = byline(text)
    assert (shown and shown.names) == names


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("▲图为居民在看灯。", True),
        ("居民在看灯。 陶远山 摄", True),
        ("图为居民在看灯。陶远山、何小舟 摄影报道", True),
        ("居民在看灯，孩子们在拍照、摄", False),
        ("图书角建到了车间门口。", False),
        ("", False),
    ],
)
def test_a_caption_is_told_by_its_words(text, found):
    assert caption(text) is found


@pytest.mark.parametrize(
    ("lines", "sure"),
    [
        (["灯会今晚开幕", "灯会由街道承办。"], 0.95),
        (["灯会今晚开幕", "灯会由街道承办，社区协助，"], 0.8),
        (["灯会今晚开幕"], 0.8),
    ],
)
def test_a_headline_without_text_and_a_text_without_an_end_are_less_sure(lines, sure):
    title, *text = lines
    printed = [Line(text=title, level=1, whole=True, story=1), *(Line(text=one, story=1) for one in text)]
    (piece,) = split(printed)
    assert (piece.title, piece.confidence) == (title, pytest.approx(sure))
