"""One thing changed in a sentence: what is made of a small store, and what the verifier says of it."""

import pytest

from corpus.testing import make_store
from eval.alterations import KINDS, alterations, lines, measure

TEXT = (
    "第三条 2025年3月5日，云河市总工会向职工发放补助300元，每人每年不超过两次。"
    "第四条 单位应当在7日内答复，不得拖延，未按时答复的承担责任。"
    "第五条 按照《云河市慰问办法》，会员住院满三天的，由基层工会上门慰问。"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    articles = [
        {"title": "慰问办法", "text": TEXT, "region": "云河市", "issuer": "云河市总工会"},
        {
            "title": "别的通知",
            "text": "报名的职工请到窗口领取表格，填写以后交回。活动的奖品数量有限，先到先得为止。",
        },
    ]
    with make_store(tmp_path_factory.mktemp("alterations"), articles) as store:
        assert list(alterations(store, 40, 1)) == list(alterations(store, 40, 1))
        return list(alterations(store, 40, 1))


def test_every_kind_of_change_is_made_and_the_source_holds_the_sentence_but_not_the_change(made):
    assert {one.kind for one in made} == set(KINDS)
    assert [one for one in made if one.said not in one.source or one.changed in one.source] == []


def test_the_verifier_notices_every_change_and_lets_the_untouched_through(made):
    figures = measure(made)
    assert (figures.missed, figures.refused, figures.share) == ((), (), 1.0)
    assert lines(figures)[-2].startswith(f"改动共 {len(made)} 句，发现 1.0000")
