import pytest

from assistant.structure import heading_depth, sentence_spans, view

SENTENCES = {
    "服务站开放。职工来了！还有吗？": ["服务站开放。", "职工来了！", "还有吗？"],
    "他说：“先报名。再排队。”然后走了。": ["他说：“先报名。再排队。”", "然后走了。"],
    "他说“先报名。”，然后走了。": ["他说“先报名。”，然后走了。"],
    "唱好“四送”（春送岗位。夏送清凉。）歌。完": ["唱好“四送”（春送岗位。夏送清凉。）歌。", "完"],
    "没有句号": ["没有句号"],
}


@pytest.mark.parametrize("text", SENTENCES)
def test_sentences_end_at_full_stops_outside_quotations(text):
    assert [text[s.start : s.end] for s in sentence_spans(text)] == SENTENCES[text]


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        ("一、加强组织领导", True),
        ("主要做法", True),
        ("第二章 支出范围", True),
        ("问：会员证丢了怎么办？", True),
        ("第三条 本办法适用于全市基层工会。", False),
        ("服务站每天开放十小时。", False),
        ("一是抓规范；二是抓培训。", False),
    ],
)
def test_headings_are_told_from_text(line, heading):
    assert bool(heading_depth(line)) is heading


ARTICLE = """总体情况
全市工会采取三项措施：一是建站点。全年建成12家。二是送服务，三是强队伍。
主要做法
健全机制。市总工会出台办法，明确各级工会的分工和时限要求。
培训队伍。全年举办8期培训班，覆盖全部基层工会干部和志愿者。
单位：甲区；名额（人）：30"""


def _items(listing):
    return [ARTICLE[i.start : i.end] for i in listing.items]


def test_lists_are_found_by_their_ordinals_headings_and_opening_sentences():
    lists = {listing.style: listing for listing in view(ARTICLE).lists}
    assert _items(lists["序数"]) == ["一是建站点。全年建成12家。", "二是送服务，", "三是强队伍。"]
    assert _items(lists["小标题"]) == ["总体情况", "主要做法"]
    assert _items(lists["段首句"]) == ["健全机制。", "培训队伍。"]


def test_a_list_knows_the_words_that_announce_it():
    lead = next(listing.lead for listing in view(ARTICLE).lists if listing.style == "序数")
    assert ARTICLE[lead.start : lead.end] == "全市工会采取三项措施："


def test_a_table_row_stays_whole_and_other_sentences_split_at_semicolons():
    row, other = "单位：甲区；名额（人）：30", "甲区建站；乙区送课。"
    assert len(view(row).segments) == 1
    assert len(view(other).segments) == 2


def test_a_single_ordinal_is_no_list():
    assert view("一是认识到位。大家都来了。").lists == ()


def test_every_span_quotes_the_text():
    seen = view(ARTICLE)
    assert all(ARTICLE[s.start : s.end].strip() == ARTICLE[s.start : s.end] for s in seen.sentences)


def test_lines_with_bullets_are_a_list_announced_by_the_line_before():
    text = "领取要备齐下面的材料：\n• 登记单。\n• 签收单。\n过期不补。"
    found = [li for li in view(text).lists if li.style == "条目"]
    assert [[text[i.start : i.end] for i in li.items] for li in found] == [["• 登记单。", "• 签收单。"]]
    assert [text[li.lead.start : li.lead.end] for li in found] == ["领取要备齐下面的材料："]


def test_a_lone_bullet_is_no_list():
    assert not [li for li in view("说明：\n• 登记单。\n过期不补。").lists if li.style == "条目"]
