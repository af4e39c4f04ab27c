"""What the keyword search finds, by how text is cut."""

from pathlib import Path

import pytest

from corpus import lexical, segmenter
from corpus.lexical import BOOSTS, weight
from corpus.testing import make_store
from corpus.types import Filters


def best(store, text):
    found = store.search_lexical(text)
    return found[0][0] if found else None


FINDS = [
    # full width, capitals and spaces do not matter
    ("ＵＰＳ电源", {"text": "值班室配有ups电源。"}),
    ("工会 经费", {"text": "工会经费的收缴。"}),
    # traditional characters at either end
    ("職工疗休養的標準", {"text": "职工疗休养的标准。"}),
    ("职工疗休养的标准", {"text": "職工療休養的標準。"}),
    ("总工会驻会干部", {"text": "一段没有名字的话。", "title": "總工會駐會幹部"}),
    # names and new terms that no dictionary holds
    ("卓若岚", {"text": "由卓若岚负责联络。"}),
    ("霁川路", {"text": "地点在霁川路八号。"}),
    # what stands in the context only
    ("谁是作者郁青禾", {"text": "一段没有名字的话。", "authors": ("郁青禾",)}),
    ("石溪县总工会发的", {"text": "一段没有名字的话。", "issuer": "石溪县总工会"}),
    ("关于疗养的通知", {"text": "一段没有名字的话。", "title": "关于疗养的通知"}),
    # a number, whatever its brackets
    ("云工发[2031]7号", {"text": "一段没有名字的话。", "number": "云工发〔2031〕7号"}),
    ("云工发（2031）第7号", {"text": "一段没有名字的话。", "number": "云工发〔2031〕7号"}),
]
OTHERS = [
    {"text": "车间里的读书小组每周见面。", "number": "云工发〔2031〕17号", "title": "读书"},
    {"text": "高温期间要备好饮水和药品。", "number": "云工发〔2030〕7号", "title": "送清凉"},
]


@pytest.mark.parametrize(("question", "article"), FINDS)
def test_the_article_meant_comes_first(tmp_path, question, article):
    with make_store(tmp_path, [*OTHERS, article]) as store:
        assert best(store, question) == "3/1/1"


def test_what_shares_no_term_is_not_found(tmp_path):
    with make_store(tmp_path, OTHERS) as store:
        assert store.search_lexical("霁川路") == []


def test_query_syntax_has_no_meaning(tmp_path):
    with make_store(tmp_path, OTHERS) as store:
        plain = store.search_lexical("读书 小组")
        assert store.search_lexical('+读书 AND NOT (title:"小组"~2 OR *') != []
        assert store.search_lexical("读书：小组^9")[0][0] == plain[0][0]


def test_a_pasted_document_is_searched_by_its_rarest_terms(tmp_path):
    filler = "每周见面，高温，车间里要备好。" * 7000
    with make_store(tmp_path, [*OTHERS, "霁川路上有一家书店。"]) as store:
        assert "3/1/1" in [p for p, _ in store.search_lexical("霁川路" + filler)]


def test_no_more_terms_than_the_limit_are_looked_up(tmp_path, monkeypatch):
    monkeypatch.setattr(lexical, "MAX_TOKENS", 2)
    with make_store(tmp_path, ["读书小组每周见面。", "读书读书读书读书", "霁川路读书"]) as store:
        # of 读书 (3 passages) and 霁川路 (1), the rarer are kept
        assert [p for p, _ in store.search_lexical("读书霁川路")] == ["3/1/1"]


def test_word_weights_are_the_rarity_among_passages(tmp_path):
    with make_store(tmp_path, ["工会经费。", "工会会费。", "工会主席。", "卓若岚来访。"]) as store:
        weights = store.word_weights(["工会", "会费", "卓若岚", "没有这个词"])
        assert weights == {
            "工会": pytest.approx(weight(4, 3)),
            "会费": pytest.approx(weight(4, 1)),
            "卓若岚": pytest.approx(weight(4, 1)),
            "没有这个词": pytest.approx(weight(4, 0)),
        }


def test_the_index_is_built_again_when_the_field_words_change(tmp_path, monkeypatch):
    make_store(tmp_path, OTHERS).close()
    changed = tmp_path / "field_words.txt"
    changed.write_text(
        Path(segmenter.FIELD_WORDS).read_text(encoding="utf-8") + "读书小组\n", encoding="utf-8"
    )
    monkeypatch.setattr(segmenter, "FIELD_WORDS", changed)
    monkeypatch.setattr(segmenter, "_LOADED", {})
    segmenter.dictionary_key.cache_clear()
    try:
        with make_store(tmp_path) as store:
            assert store.word_weights(["读书小组"]) == {"读书小组": pytest.approx(weight(2, 1))}
            assert store.verify() == []
    finally:
        segmenter.dictionary_key.cache_clear()


def test_a_match_in_the_number_counts_for_more_than_in_the_title_and_in_the_issuer_for_less(tmp_path):
    fields = ["title", "number", "issuer"]
    with make_store(tmp_path, [{"text": "一段没有名字的话。", name: "霁川路"} for name in fields]) as store:
        worth = [score for _, score in sorted(store.search_lexical("霁川路"))]
    assert worth == pytest.approx([worth[0] * BOOSTS[name] / BOOSTS["title"] for name in fields])


def own(store, text, encoding="utf-8"):
    (store / "own_words.txt").write_bytes(text.encode(encoding))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_an_office_adds_words_of_its_own_and_the_index_follows(tmp_path, encoding):
    folder = tmp_path / "store"
    with make_store(tmp_path, [*OTHERS, "康乃馨驿家开门了。"]) as store:
        assert "康乃馨驿家" not in store.words("康乃馨驿家开门了")
        own(folder, "# 我们的叫法\n康乃馨驿家\n\n一 二\n长", encoding)
        assert "康乃馨驿家" in store.words("康乃馨驿家开门了")
        assert best(store, "康乃馨驿家") == "3/1/1"
        assert store.word_weights(["康乃馨驿家"]) == {"康乃馨驿家": pytest.approx(weight(3, 1))}
        assert not store.lagging
    with make_store(tmp_path) as again:
        assert again.verify() == []
        assert "康乃馨驿家" in again.words("康乃馨驿家开门了")
        (folder / "own_words.txt").unlink()
        assert "康乃馨驿家" not in again.words("康乃馨驿家开门了")
        assert best(again, "康乃馨驿家") == "3/1/1"


def test_the_words_of_one_office_are_not_those_of_another(tmp_path):
    with make_store(tmp_path / "甲") as one, make_store(tmp_path / "乙") as other:
        own(tmp_path / "甲" / "store", "康乃馨驿家")
        assert "康乃馨驿家" in one.words("康乃馨驿家")
        assert "康乃馨驿家" not in other.words("康乃馨驿家")


def test_a_new_store_may_begin_with_words_of_its_own(tmp_path):
    (tmp_path / "store").mkdir()
    own(tmp_path / "store", "康乃馨驿家")
    with make_store(tmp_path, ["康乃馨驿家开门了。"]) as store:
        assert "康乃馨驿家" in store.words("康乃馨驿家开门了")


DATED = [
    {"text": f"驿站第{n}号开放。", "kind": "通知" if n % 2 else "新闻", "region": "云河市" if n % 3 else "柳津县",
     "issuer": "甲" if n % 5 else "乙", "published_on": f"20{20 + n % 4}-06-15", "status": "现行"}
    for n in range(60)
]  # fmt: skip
FILTERS = [
    Filters(kinds=("通知",)),
    Filters(kinds=("通知", "新闻"), regions=("柳津县",)),
    Filters(issuers=("乙",), published_from="2021-01-01"),
    Filters(published_from="2021-06-15", published_to="2022-06-15"),
    Filters(source_ids=("3", "7", "99")),
    Filters(article_ids=("5/1",), kinds=("通知",)),
    Filters(statuses=("已废止",)),
]


@pytest.fixture(scope="module")
def dated(tmp_path_factory):
    with make_store(tmp_path_factory.mktemp("dated"), DATED) as store:
        yield store


def passes(article, f):
    """As ``Filters`` says it, article by article."""
    chosen = [(f.kinds, article.kind), (f.issuers, article.issuer), (f.regions, article.region),
              (f.statuses, article.status), (f.source_ids, article.source_id), (f.article_ids, article.id)]  # fmt: skip
    day = article.published_on
    after, before = (
        not f.published_from or f.published_from <= day,
        not f.published_to or day <= f.published_to,
    )
    return all(value in wanted for wanted, value in chosen if wanted) and after and before


@pytest.mark.parametrize("filters", FILTERS)
def test_both_legs_find_among_what_passes_and_find_all_of_it(dated, filters):
    """Filtered before it is scored: k hits are found wherever k passages pass, however far down they stand."""
    wanted = {f"{a.id}/1" for a in dated.articles() if passes(a, filters)}
    for search in (dated.search_lexical, dated.search_vector):
        assert {p for p, _ in search("驿站开放", 100, filters)} == wanted
        assert len(search("驿站开放", 2, filters)) == min(2, len(wanted))
        best = [score for _, score in search("驿站开放", 100, filters)][:2]
        assert [score for _, score in search("驿站开放", 2, filters)] == pytest.approx(best)
