"""What the window draws from answers: escaping, marks in the text, outcomes, footnotes."""

import re
from dataclasses import replace
from datetime import date

import pytest

from assistant import reading
from assistant.answering import Answering
from assistant.panel import Window
from assistant.reading import Opened
from assistant.tests.fakes import (
    NASTY,
    SENTENCES,
    FakeAssistant,
    FakeStore,
    answered,
    article,
    evidence,
    passage,
    refusal,
    source,
)
from assistant.types import Answer, Citation, Statement
from assistant.window.conversation import conversation, empty_state, latest_turn
from assistant.window.footnotes import as_footnotes
from assistant.window.sources import sources_panel
from assistant.window.turn import KEPT_EVIDENCE, Step, Turn, slim
from corpus.types import Box


def turn(passage_id: str = "1/1/1", **fields) -> Turn:
    return Turn(question="标准是多少？", answer=answered("标准是多少？", passage_id), **fields)


def cited(quote: str, start: int = 0) -> Citation:
    return Citation(marker=1, quote=quote, start=start, end=start + len(quote), verdict="已核实")


def opened(article_id: str, passage_id: str, *quotes: str) -> str:
    place = Opened(article(article_id), source(article_id[0]), passage(passage_id), tuple(map(cited, quotes)))
    return reading.reading_panel(place, marker=1, back_to=0)


def text_of(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html)


@pytest.mark.parametrize(
    "html",
    [
        latest_turn([Turn(question=NASTY)]),
        latest_turn([Turn(question=NASTY, problem=NASTY)]),
        latest_turn([Turn(question=NASTY, answer=answered(NASTY, "3/1/1", understood=f"又{NASTY}"))]),
        conversation(
            [Turn(question=NASTY, steps=(Step("检索", NASTY),), statements=(Statement(text=NASTY),))]
        ),
        empty_state([NASTY], 1),
        sources_panel(0, Turn(question=NASTY, answer=answered(NASTY, "3/1/1"))),
        opened("3/1", "3/1/1", SENTENCES["3/1/1"]),
        latest_turn([Turn(question="问", answer=replace(refusal("问"), notes=(NASTY, NASTY)))]),
    ],
)
def test_what_documents_and_people_write_stays_text(html):
    assert "<img" not in html
    assert "<script" not in html
    # Quotes are escaped too, so that nothing breaks out of an attribute.
    assert 'onerror="' not in html


def test_a_quote_is_marked_in_its_paragraph_and_the_passage_carries_a_rule():
    html = opened("1/1", "1/1/1", "每人每次不超过 1500 元")
    assert html.count("<mark>") == 1
    assert (
        '<p class="cited-passage" id="passage">第四条 基层工会开展困难职工慰问，标准为<mark>每人每次不超过 1500 元</mark>。</p>'
        in html
    )
    assert html.count("cited-passage") == 1


def test_the_text_of_an_opened_article_is_the_whole_article():
    whole = article("1/1")
    html = opened("1/1", "1/1/2", SENTENCES["1/1/2"])
    body = html[html.index('<div class="text">') :]
    assert text_of(body.replace("</p>", "\n")).strip() == whole.text


def test_a_quote_over_two_lines_is_marked_in_both():
    whole = replace(article("1/1"), text="第一行甲\n第二行乙\n第三行丙")
    place = replace(passage("1/1/1"), text="第一行甲\n第二行乙", start=0, end=9)
    html = reading.reading_panel(
        Opened(whole, source("1"), place, (cited("行甲\n第二", 2),)), marker=1, back_to=0
    )
    assert (
        '<p class="cited-passage" id="passage">第一<mark>行甲</mark></p><p class="cited-passage"><mark>第二</mark>行乙</p>'
        in html
    )
    assert "<p>第三行丙</p>" in html


def test_overlapping_quotes_are_marked_once():
    whole = replace(article("1/1"), text="甲乙丙丁戊")
    place = replace(passage("1/1/1"), text="甲乙丙丁戊", start=0, end=5)
    html = reading.reading_panel(
        Opened(whole, source("1"), place, (cited("甲乙丙"), cited("丙丁", 2))), marker=1, back_to=0
    )
    assert "<mark>甲乙丙</mark><mark>丁</mark>戊" in html


def test_of_two_like_places_the_cited_one_is_marked():
    whole = replace(article("1/1"), text="应当报告，也应当公示")
    place = replace(passage("1/1/1"), text=whole.text, start=0, end=10)
    html = reading.reading_panel(Opened(whole, source("1"), place, (cited("应当", 6),)), marker=1, back_to=0)
    assert "应当报告，也<mark>应当</mark>公示" in html


def test_a_quote_that_has_moved_is_said_to_have_moved():
    html = opened("1/1", "1/1/1", "不在这里")
    assert "<mark>" not in html
    assert "引文已不在原来的位置" in html


def test_an_opened_article_states_what_is_known_of_it():
    html = opened("1/1", "1/1/1")
    facts = text_of(re.search(r"<dl>.*?</dl>", html).group())
    assert facts == (
        "位置第四条作者林晓禾栏目制度选编发文机关云河市总工会文号云工发〔2025〕7号日期2025-03-12"
        "文件慰问办法.docx，第 2 页（共 3 页） 下载原件"
    )


def test_only_what_has_pages_to_show_offers_their_picture():
    place = replace(passage("1/1/1"), boxes=(Box(2, 50, 60, 200, 72),))
    kinds = {"application/pdf": "pdf", "image/png": "image+ocr", "text/plain": "text/utf-8"}
    quote = cited(place.text[:3])
    offered = {}
    for media_type, reader in [*kinds.items(), ("application/pdf ", "pdf/pypdf")]:
        held = replace(source("1"), media_type=media_type.strip(), reader=reader)
        html = reading.reading_panel(Opened(article("1/1"), held, place, (quote,)), marker=1, back_to=0)
        offered[reader] = re.findall(r'data-do="page"|data-info="([^"]*)"', html)
    shown = ["", "articles/1/pages.json?passage=1%2F1%2F1&amp;spans=0-3"]
    assert offered == {"pdf": shown, "image+ocr": shown, "text/utf-8": [], "pdf/pypdf": []}
    nowhere = replace(held, reader="pdf")  # a text without places on its pages
    html = reading.reading_panel(Opened(article("1/1"), nowhere, passage("1/1/1")), marker=1, back_to=0)
    assert "page-view" not in html


def test_each_statement_has_one_button_a_marker_with_its_worst_verdict():
    good = Citation(marker=1, quote="甲", start=0, end=1, verdict="已核实")
    bad = Citation(marker=1, quote="乙", start=1, end=2, verdict="数字不符")
    other = Citation(marker=2, quote="丙", start=0, end=1, verdict="已核实")
    answer = Answer(
        question="问",
        outcome="已回答",
        statements=(Statement(text="一句。", citations=(good, bad, other)),),
        evidence=(evidence(1, "1/1/1"), evidence(2, "2/1/1")),
    )
    html = latest_turn([Turn(question="问", answer=answer)])
    assert re.findall(r'class="marker (\w+)" .*?data-marker="(\d)"', html) == [
        ("differs", "1"),
        ("verified", "2"),
    ]


def test_a_refusal_gives_its_reason_and_what_was_nearest():
    html = latest_turn([Turn(question="天气？", answer=refusal("天气？"))])
    assert 'data-outcome="insufficient"' in html
    assert "资料中没有提到问题里的事项。" in text_of(html)
    assert "最接近的内容" in html
    assert html.count('class="card"') == 1


def test_what_is_not_near_is_not_called_the_nearest():
    answer = refusal("天气？")
    far = replace(answer, evidence=tuple(replace(e, grade="无关") for e in answer.evidence))
    assert "最接近的内容" not in latest_turn([Turn(question="天气？", answer=far)])


def test_what_a_doubt_came_to_is_said_openly_and_small_talk_bears_no_verdict():
    doubted = replace(turn().answer, notes=("核对：没有找到“3万”的说法。", "另一句说明。"))
    html = latest_turn([Turn(question="不对吧，3万？", answer=doubted)])
    assert '<p class="reason">核对：没有找到“3万”的说法。</p>' in html
    assert "说明（1）" in html
    thanks = Answer(question="谢谢", outcome="需澄清", statements=(Statement(text="不客气。"),))
    html = latest_turn([Turn(question="谢谢", answer=thanks)])
    assert 'class="reply clarify talk"' in html and "需澄清" not in html


def test_an_answer_has_no_list_of_what_was_merely_near():
    assert "最接近的内容" not in latest_turn([turn()])


def test_the_understood_question_is_shown_only_where_it_differs():
    same = Turn(question="标准？", answer=answered("标准？", "1/1/1", understood="标准？"))
    other = Turn(question="补助呢？", answer=answered("补助呢？", "1/1/2", understood="慰问的补助是多少？"))
    assert "理解" not in text_of(latest_turn([same]))
    assert "按“慰问的补助是多少？”理解" in text_of(latest_turn([other]))


def test_stages_before_the_latest_are_done():
    html = latest_turn([Turn(question="问", steps=(Step("检索", "60 段"), Step("核对依据")))])
    assert re.findall(r'<li class="(\w+)" data-stage="(\S+?)">', html) == [
        ("done", "检索"),
        ("now", "核对依据"),
        ("next", "起草"),
        ("next", "校验"),
    ]


def test_only_the_latest_turn_is_drawn_apart_and_numbers_run_on():
    earlier, latest = conversation([turn(), turn("2/1/1"), turn("1/1/2")])
    assert re.findall(r'<section class="turn" data-turn="(\d)">', earlier) == ["0", "1"]
    assert re.findall(r'<section class="turn" data-turn="(\d)">', latest) == ["2"]
    assert latest == latest_turn([turn(), turn("2/1/1"), turn("1/1/2")])


def test_the_empty_state_says_what_to_do():
    assert "上传文件" in empty_state([], 0)
    filled = empty_state(["怎样入会？"], 3)
    assert "3 份文件" in text_of(filled)
    assert 'data-do="suggest" data-text="怎样入会？"' in filled


def test_copied_text_carries_its_sources_as_footnotes():
    assert as_footnotes("标准是多少？", answered("标准是多少？", "1/1/1")) == (
        "问：标准是多少？\n\n"
        "第四条 基层工会开展困难职工慰问，标准为每人每次不超过 1500 元。[1]\n\n"
        "[1] 《云河市困难职工慰问办法（示例）》第四条，林晓禾，云河市总工会，云工发〔2025〕7号，2025-03-12，"
        "慰问办法.docx 第 2 页"
    )


def test_a_kept_answer_holds_no_whole_articles():
    kept = slim(replace(answered("问", "1/1/1"), evidence=tuple(evidence(n, "1/1/1") for n in range(1, 40))))
    assert [e.marker for e in kept.evidence] == list(range(1, KEPT_EVIDENCE + 1))
    assert {e.hit.article.text for e in kept.evidence} == {""}


def test_a_cited_passage_is_kept_wherever_it_ranked():
    far = Citation(marker=30, quote="第四条", start=0, end=3, verdict="已核实")
    answer = replace(
        answered("问", "1/1/1"),
        statements=(Statement(text="句。", citations=(far,)),),
        evidence=tuple(evidence(n, "1/1/1") for n in range(1, 40)),
    )
    assert 30 in [e.marker for e in slim(answer).evidence]


def test_examples_of_yesterday_are_not_offered_today(monkeypatch):
    class Asked(FakeAssistant):
        times = 0

        def examples(self, n: int = 6) -> list[str]:
            self.times += 1
            return [f"第{self.times}次的问题？"]

    class Clock:
        day = date(2031, 6, 30)

        def today(self) -> date:
            return self.day

    clock = Clock()
    monkeypatch.setattr("assistant.panel.date", clock)
    window = Window(Answering(Asked()), FakeStore())
    assert "第1次" in window.welcome()
    assert "第1次" in window.welcome()
    clock.day = date(2031, 7, 1)
    assert "第2次" in window.welcome()
