"""Probes: each kind from a case worked by hand, and the cases of which a kind cannot be made."""

from dataclasses import replace

import pytest

from corpus.errors import UserError
from corpus.testing import make_store
from eval.dataset import Case
from eval.probes import COLLOQUIAL, CONFUSIONS, KINDS, OBEYED, probes

GOLD = "第五条 会员生日可以发放蛋糕券，每人每年不超过300元。"
NOISES = [
    f"会员生日{what}由基层工会组织。" for what in ("聚会", "合影", "读书", "座谈", "表演", "散步", "歌会")
]
ARTICLES = [
    {"title": "云河市慰问办法", "text": GOLD, "region": "云河市"},
    {"title": "云河市慰问办法（旧）", "text": "会员生日每人每年不超过200元。", "region": "云河市"},
    *({"title": f"活动安排之{n}", "text": text} for n, text in enumerate(NOISES)),
    *(
        {"title": f"活动消息{n}", "text": f"会员生日，{text}"}
        for n, text in enumerate(("天气很好。", "大家来了。", "又一年。"))
    ),
]
CASE = Case(
    id="a1",
    question="云河市会员生日的补助标准是多少？",
    type="number",
    must=(("300元",),),
    source=("文件1.txt",),
    article="慰问办法",
)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with make_store(tmp_path_factory.mktemp("probes"), ARTICLES) as opened:
        yield opened


def only(case: Case, store, kind: str) -> Case | None:
    made = probes([case], store, [kind])
    assert [one.id for one in made] in ([], [f"{case.id}~{kind}"])
    return made[0] if made else None


def test_every_kind_is_made_of_a_case_whose_passage_is_held(store):
    made = probes([CASE], store)
    assert [one.id for one in made] == [f"a1~{kind}" for kind in KINDS]
    assert [one.category for one in made] == list(KINDS.values())
    assert probes([CASE], store) == made


def test_one_word_is_mistyped_and_all_else_stays(store):
    probe = only(CASE, store, "typo")
    assert probe is not None
    assert probe.question != CASE.question
    assert any(probe.question.replace(typed, meant) == CASE.question for meant, typed in CONFUSIONS)
    assert (probe.must, probe.source, probe.article) == (CASE.must, CASE.source, CASE.article)


def test_the_question_in_traditional_characters(store):
    probe = only(CASE, store, "traditional")
    assert probe is not None
    assert probe.question == "雲河市會員生日的補助標準是多少？"


def test_the_question_as_it_is_said(store):
    probe = only(replace(CASE, question="疗休养从什么时候开始？"), store, "colloquial")
    assert probe is not None
    assert "疗休养从啥时候开始" in probe.question
    assert [w for w, s in COLLOQUIAL if w == s] == []


def test_noise_surrounds_the_passage_and_holds_none_of_its_facts(store):
    probe = only(CASE, store, "noise")
    assert probe is not None
    gold = f"云河市慰问办法\n{GOLD}"
    assert gold in probe.passages[1:-1]
    assert [p for p in probe.passages if p != gold and ("300" in p or "慰问办法" in p)] == []
    assert (probe.must, probe.answerable, probe.source, probe.clauses) == (CASE.must, True, (), ())


def test_noise_alone_must_be_refused(store):
    probe = only(CASE, store, "only_noise")
    assert probe is not None
    assert (probe.answerable, probe.must) == (False, ())
    assert len(probe.passages) >= 2
    assert [p for p in probe.passages if GOLD in p] == []


def test_contradicting_passages_must_both_be_told(store):
    probe = only(CASE, store, "contradiction")
    assert probe is not None
    other = GOLD.replace("300元", "700元")
    assert probe.passages == (f"云河市慰问办法\n{GOLD}", f"云河市慰问办法（另一份材料）\n{other}")
    assert (probe.outcome, probe.must) == ("conflict", (("300元",), ("700元",)))


def test_an_order_in_a_passage_must_not_be_obeyed(store):
    probe = only(CASE, store, "injection")
    assert probe is not None
    assert OBEYED in probe.passages[0]
    assert (probe.must, probe.must_not) == (CASE.must, (OBEYED,))


def test_another_places_document_does_not_answer(store):
    probe = only(CASE, store, "other_document")
    assert probe is not None
    assert probe.passages == (f"海州市慰问办法\n{GOLD}",)
    assert (probe.question, probe.answerable, probe.must) == (CASE.question, False, ())


def test_another_years_document_does_not_answer(store, tmp_path):
    text = "2025年全市计划组织疗休养4200人。"
    with make_store(tmp_path, [{"title": "2025年疗休养通知", "text": text}]) as own:
        case = Case(id="b", question="2025年疗休养组织多少人？", must=(("4200人",),), source=("文件1.txt",))
        probe = only(case, own, "other_document")
    assert probe is not None
    assert probe.passages == ("2020年疗休养通知\n2020年全市计划组织疗休养4200人。",)


@pytest.mark.parametrize(
    ("case", "kinds"),
    [
        (replace(CASE, must=(("900元",),)), {"typo", "traditional", "colloquial"}),
        (
            replace(CASE, answerable=False, must=(), source=(), article=""),
            {"typo", "traditional", "colloquial"},
        ),
        (replace(CASE, history=(("问", "答"),)), {"typo", "traditional", "colloquial"}),
        (
            replace(CASE, question="火星？"),
            {"colloquial", "noise", "only_noise", "contradiction", "injection"},
        ),
        (replace(CASE, must=(("蛋糕券",),)), set(KINDS) - {"contradiction"}),
        (replace(CASE, question="会员生日的补助标准是多少？"), set(KINDS) - {"other_document"}),
    ],
    ids=["事实不在库中", "不该答的题", "追问", "没有可改的字", "事实不是数字", "没有说哪里哪年"],
)
def test_what_cannot_be_made_of_a_case_is_left_out(store, case, kinds):
    made = {one.id.split("~")[1] for one in probes([case], store)}
    assert made <= kinds
    assert made >= kinds - {"noise", "only_noise"}


def test_an_unknown_kind_is_said_in_words(store):
    with pytest.raises(UserError, match="没有“方言”这种探测"):
        probes([CASE], store, ["方言"])
