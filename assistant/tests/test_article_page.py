"""An article on a page of its own: where a link leads, what is marked there, what a changed link says."""

from hashlib import sha256

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from assistant import article_page
from assistant.types import Citation
from corpus.testing import make_document, make_store

RULES = {
    "title": "云河市职工<食堂>办法",
    "issuer": "云河市总工会",
    "text": "第一条 食堂由后勤处管理。\n第二条 饭菜按成本收费，每餐不超过<十>元。",
    "labels": ("第一条", "第二条"),
}
QUOTE = "每餐不超过<十>元"
CHECK = sha256(QUOTE.encode()).hexdigest()[:8]
MARKED = (
    '<p class="cited-passage" id="passage">第二条 饭菜按成本收费，<mark>每餐不超过&lt;十&gt;元</mark>。</p>'
)
PLAIN = '<p class="cited-passage" id="passage">第二条 饭菜按成本收费，每餐不超过&lt;十&gt;元。</p>'


@pytest.fixture
def store(tmp_path):
    with make_store(tmp_path, [RULES]) as store:
        yield store


@pytest.fixture
def browser(store):
    return TestClient(Starlette(routes=article_page.routes(store, [("/", "问答")])))


def test_a_link_leads_to_the_words_it_stands_on(store, browser):
    passage = store.passage("1/1/2")
    start = passage.text.index(QUOTE)
    citation = Citation(marker=1, quote=QUOTE, start=start, end=start + len(QUOTE), verdict="已核实")
    address = article_page.address(passage, citation)
    assert address == f"/articles/1/1?passage=2&quote={start}-{start + len(QUOTE)}-{CHECK}#passage"
    shown = browser.get(address)
    assert (shown.status_code, shown.text.count("<mark>"), MARKED in shown.text) == (200, 1, True)
    assert "<title>云河市职工&lt;食堂&gt;办法 · " in shown.text
    assert 'href="../../articles/1/original" download' in shown.text
    assert browser.get("/articles/reading.css").headers["content-type"] == "text/css; charset=utf-8"


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("passage=2", False),
        ("passage=2&quote=", False),
        ("passage=2&quote=5-4", True),
        (f"passage=2&quote=5-4-{CHECK}", True),
        (f"passage=2&quote=0-4000-{CHECK}", True),
        (f"passage=2&quote=0-{len(QUOTE)}-{CHECK}", True),
        ("passage=2&quote=%3Cb%3E", True),
        ("passage=2&quote=1-2-3", True),
    ],
)
def test_a_quote_that_is_not_there_is_not_marked_and_said_so(browser, query, told):
    shown = browser.get(f"/articles/1/1?{query}")
    assert (shown.status_code, PLAIN in shown.text, "<mark>" in shown.text) == (200, True, False)
    assert ("链接里的引文已不在原来的位置" in shown.text) is told


@pytest.mark.parametrize("query", ["", "passage=9", "passage=x"])
def test_without_a_passage_that_is_there_the_article_is_shown_from_its_first(browser, query):
    assert 'id="passage">第一条' in browser.get(f"/articles/1/1?{query}").text


@pytest.mark.parametrize("path", ["/articles/1/2", "/articles/9/1"])
def test_what_is_gone_is_said_to_be_gone(browser, path):
    shown = browser.get(path)
    assert (shown.status_code, "可能已撤下或被替换" in shown.text) == (404, True)


def test_where_other_words_stand_now_nothing_is_marked(store, browser):
    passage = store.passage("1/1/2")
    start = passage.text.index(QUOTE)
    citation = Citation(marker=1, quote=QUOTE, start=start, end=start + len(QUOTE), verdict="已核实")
    address = article_page.address(passage, citation)
    with store.writing() as writer:
        writer.put(*make_document("1", articles=[{**RULES, "text": RULES["text"].replace("<十>", "<九>")}]))
    shown = browser.get(address)
    assert (shown.status_code, "<mark>" in shown.text) == (200, False)
    assert "链接里的引文已不在原来的位置" in shown.text
    gone = browser.get(address.replace("passage=2", "passage=9"))
    assert ("<mark>" in gone.text, "链接里的引文已不在原来的位置" in gone.text) == (False, True)


def test_what_was_withdrawn_is_gone(store, browser):
    with store.writing() as writer:
        writer.remove("1")
    assert browser.get("/articles/1/1?passage=2").status_code == 404
