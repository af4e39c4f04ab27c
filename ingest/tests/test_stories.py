"""Which lines of a newspaper page make one article; none is lost, whatever the page looks like."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from corpus.types import Box
from ingest.layout import reading_order
from ingest.lines import Line, Page, Reading
from ingest.page.blocks import body_size, cut_at_gutters, mend_rows, stand_upright
from ingest.page.heads import heads
from ingest.page.stories import articles
from ingest.readers import read
from ingest.tests import newspaper
from ingest.tests.printing import written

SIZE = 10.0


def line(text, x, y, *, size=SIZE):
    return Line(text=text, page=1, box=Box(1, x, y, x + len(text) * size, y + size), size=size)


def column(name, x, top, *, end="。", count=5):
    """Lines of twelve characters, the last one ending with ``end``; in 甲 and 丙 a paragraph begins."""
    lines = [f"{name}栏里第{n}行说的是花灯会" for n in range(count)]
    lines[-1] = lines[-1][:11] + end
    indent = 2 if name in "甲丙" else 0
    return [line(lines[0][indent:], x + indent * SIZE, top)] + [
        line(text, x, top + 14 * n) for n, text in enumerate(lines) if n
    ]


def found(lines):
    return [[one.text.strip() for one in article] for article in articles(lines, SIZE)]


def named(*columns):
    return [one.text for lines in columns for one in lines]


def test_an_article_is_its_headline_and_the_columns_below_it():
    first, second = line("灯会今晚开幕", 50, 60, size=20), line("社区添了书架", 330, 60, size=20)
    a, b = column("甲", 50, 100, end="的"), column("乙", 190, 100)
    c = column("丙", 330, 100)
    lines = [second, *c, first, *b, *a]
    assert found(lines) == [["灯会今晚开幕", *named(a, b)], ["社区添了书架", *named(c)]]


def test_a_text_carried_over_from_another_page_is_an_article_of_its_own():
    title = line("灯会今晚开幕", 50, 60, size=20)
    a = column("甲", 50, 100)
    rest = [line("（上接第1版）社区书架", 190, 100), *column("乙", 190, 114)]
    assert found([title, *a, *rest]) == [["灯会今晚开幕", *named(a)], named(rest)]


def test_an_upright_label_goes_to_the_article_beside_it_and_stays_where_there_is_none():
    label = stand_upright([line(char, 30, 100 + 10.5 * n) for n, char in enumerate("【社区灯会】")])
    title, a = line("灯会今晚开幕", 50, 60, size=20), column("甲", 50, 100)
    assert found([title, *a, *label]) == [["【社区灯会】", "灯会今晚开幕", *named(a)]]
    assert found(label) == [["【社区灯会】"]]


_WORDS = "云河市社区灯会书架广场居民街道，。"


def wild_page(seed):
    """Lines of any size anywhere, some of them words that newspapers set around an article."""
    draw = random.Random(seed)
    lines = []
    for _ in range(draw.randint(3, 60)):
        size = draw.choice([9, 9, 9, 9, 10, 12, 14, 18, 24])
        x, y = draw.choice([40, 200, 360, draw.uniform(20, 400)]), draw.uniform(20, 800)
        text = "".join(draw.choices(_WORDS, k=draw.randint(1, 14)))
        if draw.random() < 0.1:
            lines += [line(char, x, y + 1.05 * n * size, size=size) for n, char in enumerate("【图片新闻】")]
            continue
        lines.append(line(draw.choice(["", "", "（上接第1版）", "本报讯"]) + text, x, y, size=size))
    return lines


def characters(lines):
    return Counter(char for one in lines for char in one.text if not char.isspace())


@pytest.mark.parametrize("seeds", [range(50), range(200, 250)], ids=["一", "二"])
def test_no_character_of_a_page_is_lost_or_comes_twice(seeds):
    for seed in seeds:
        page = wild_page(seed)
        ready = stand_upright(cut_at_gutters(mend_rows(page)))
        out = [one for article in articles(ready, body_size(ready)) for one in article]
        assert (seed, characters(out)) == (seed, characters(page))


@pytest.mark.parametrize("order", ["order", "shuffled"])
def test_each_articles_lines_bear_one_number_in_whatever_order_a_page_is_drawn(order):
    sheet = newspaper.sheet("boxed", order, 8)  # no two of its articles share a line
    numbers = {one.text.strip(): one.story for one in reading_order(read(written(sheet), "版面.pdf"))}
    owners = [{numbers[text.strip()] for text in story.lines} for story in sheet.stories]
    assert sorted(map(sorted, owners)) == [[1], [2], [3], [4]]


def test_a_plain_page_has_no_articles_and_keeps_its_order():
    page = [line(f"{chr(0x5200 + n)}字打头的这一行说的是灯会", 50, 80 + 16 * n) for n in range(40)]
    reading = Reading(pages=(Page(number=1, lines=tuple(page)),), media_type="application/pdf", reader="test")
    assert [(one.text, one.story) for one in reading_order(reading)] == [(one.text, 0) for one in page]


def test_a_column_flows_into_the_next_one_and_not_into_the_article_below_it():
    title, second = line("灯会今晚开幕", 50, 60, size=20), line("社区添了书架", 50, 220, size=20)
    a, b = column("甲", 50, 100, end="的"), column("乙", 190, 100)
    c = column("丙", 50, 260, end="的")
    rising = column("丁", 190, 200, count=9)  # goes on with 丙, right below 乙
    assert found([title, second, *a, *b, *c, *rising]) == [
        ["灯会今晚开幕", *named(a, b)],
        ["社区添了书架", *named(c, rising)],
    ]


def test_columns_below_a_note_that_is_set_over_them_go_with_it():
    title = line("灯会今晚开幕", 50, 60, size=20)
    note = [line("编者按：灯会由街道承办，社区协助，今年是第十一届啦。", 50, 100)]
    a, b = column("甲", 50, 125), column("丙", 190, 125)
    assert found([title, *note, *a, *b]) == [["灯会今晚开幕", *named(note, a, b)]]


def test_a_caption_goes_with_the_text_around_its_picture_and_flows_nowhere():
    title = line("灯会今晚开幕", 50, 60, size=20)
    a = column("甲", 50, 100, end="的", count=12)
    caption = [line("图为居民在看灯 陶远山 摄", 190, 170, size=9)]
    b = column("乙", 190, 200)
    assert found([title, *a, *caption, *b]) == [["灯会今晚开幕", *named(a, caption, b)]]


def test_a_column_beyond_a_picture_belongs_to_the_row_that_it_begins_in():
    title = line("灯会今晚开幕", 50, 60, size=20)
    a, c = column("甲", 50, 100), column("丙", 330, 100)
    assert found([title, *a, *c]) == [["灯会今晚开幕", *named(a, c)]]
    rest = [line("（上接第1版）社区书架", 330, 100), *column("乙", 330, 114)]
    assert found([title, *a, *rest]) == [["灯会今晚开幕", *named(a)], named(rest)]


def test_a_headline_without_text_right_above_another_one_is_its_kicker():
    kicker, title = line("河边亮起来", 50, 40, size=18), line("灯会今晚开幕", 50, 76, size=20)
    a = column("甲", 50, 105)
    assert found([kicker, title, *a]) == [["河边亮起来", "灯会今晚开幕", *named(a)]]


def test_a_tall_line_read_off_a_picture_is_an_upright_headline():
    title = Line(text="灯会今晚开幕", page=1, box=Box(1, 200, 100, 224, 260), size=24.0)
    a = column("甲", 60, 100)
    assert found([*a, title]) == [["灯会今晚开幕", *named(a)]]


@pytest.mark.parametrize(
    ("x", "width", "headlines"),
    [(50, 120, [["灯会今晚开幕"]]), (62, 84, [["灯会今晚开幕"], ["灯会还要办三天"]])],
)
def test_large_type_amid_a_paragraph_is_text_and_set_apart_it_is_a_headline(x, width, headlines):
    lines = [line("灯会今晚开幕", 50, 60, size=20), *column("甲", 50, 100, count=9)]
    top = 100 + 14 * 4
    large = line("灯会还要办三天", x, top, size=14)
    lines[5] = replace(large, box=Box(1, x, top, x + width, top + 12))
    assert [[one.text for one in head.lines] for head in heads(lines, SIZE)[0]] == headlines


def test_columns_that_flow_below_no_headline_go_to_the_headed_text_beside_them():
    title = line("灯会今晚开幕", 50, 60, size=20)
    a = column("甲", 50, 100, count=12)
    b, c = column("丙", 190, 198, end="的"), column("丁", 330, 198)
    assert found([title, *a, *b, *c]) == [["灯会今晚开幕", *named(a, b, c)]]


def test_a_text_carried_over_stays_with_the_columns_that_follow_it():
    title = line("灯会今晚开幕", 190, 60, size=20)
    a = [line("（上接第1版）社区书架", 50, 100), *column("丁", 50, 114)]
    b = column("丙", 190, 100)
    assert found([title, *a, *b]) == [["灯会今晚开幕", *named(a, b)]]
