"""The confidence: by hand from its weights, from what the judge saw, and what falls under the threshold."""

from math import exp

import pytest

from assistant.calibration import LOOKED_UP, SIGNALS, Calibration, Weight, load, save, shipped
from assistant.contract import answer_json
from assistant.pipeline import Assistant
from assistant.settings import AssistantSettings
from corpus.errors import UserError
from corpus.settings import CorpusSettings
from corpus.testing import make_store

PLAIN = Calibration(
    intercept=1.0,
    weights={
        "missing": Weight(mean=0.2, scale=0.5, weight=-2.0),
        "relevance": Weight(mean=1.0, scale=2.0, weight=0.5),
    },
    looked_up=0.8,
    threshold=0.3,
    fitted_on="两套题",
)
NOTICE = {
    "title": "云河市职工书屋建设通知",
    "text": "云河市总工会2025年新建职工书屋12家，每家补助2万元。\n申报截止到2025年9月30日。",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with make_store(
        tmp_path_factory.mktemp("calibration"), [NOTICE], encoder=CorpusSettings().encoder
    ) as opened:
        yield opened


def test_the_confidence_is_the_logistic_of_the_standardised_signals():
    signals = {"missing": 0.45, "relevance": 3.0}
    # 1 − 2·(0.45 − 0.2)/0.5 + 0.5·(3 − 1)/2 = 0.5
    assert PLAIN.confidence(signals) == pytest.approx(1 / (1 + exp(-0.5)))


def test_a_signal_that_is_absent_counts_as_usual():
    assert PLAIN.confidence({"missing": 0.2}) == pytest.approx(1 / (1 + exp(-1.0)))


def test_what_was_looked_up_has_the_confidence_of_its_like_and_no_evidence_has_none():
    assert PLAIN.confidence({LOOKED_UP: 1.0}) == 0.8
    assert PLAIN.confidence({}) == 0.0


def test_a_calibration_is_read_as_it_was_written(tmp_path):
    save(PLAIN, tmp_path / "calibration.json")
    assert load(tmp_path / "calibration.json") == PLAIN


def test_the_shipped_calibration_weighs_every_signal_with_the_sign_it_should_have():
    signs = {name: weight.weight > 0 for name, weight in shipped().weights.items()}
    assert signs == dict.fromkeys(SIGNALS, False) | {"relevance": True, "lead": True}
    assert 0 < shipped().threshold < 0.5


def test_an_answer_says_how_sure_it_is_and_a_refusal_is_less_sure(store):
    assistant = Assistant(store)
    told = answer_json(assistant.ask("云河市2025年新建了多少家职工书屋？"))
    refused = answer_json(assistant.ask("海州市2025年新建了多少家职工书屋？"))
    assert (told["outcome"], refused["outcome"]) == ("answered", "insufficient")
    assert 0 <= refused["confidence"] < told["confidence"] <= 1
    assert told["withheld"] == refused["withheld"] == []


def test_under_the_threshold_nothing_is_said_and_what_was_found_is_kept_aside(store):
    strict = Assistant(store, AssistantSettings(threshold=1.0))
    answer = answer_json(strict.ask("云河市2025年新建了多少家职工书屋？"))
    assert answer["outcome"] == "insufficient"
    assert [text for text in answer["withheld"] if "12家" in text]
    assert answer["notes"] == ["库中最接近的是《云河市职工书屋建设通知》，但把握不足，不一定是所问的。"]
    assert not any(e["cited"] or e["grade"] == "支持" for e in answer["evidence"])


def test_without_a_threshold_nothing_is_withheld(store):
    lenient = Assistant(store, AssistantSettings(threshold=0.0))
    assert lenient.ask("云河市2025年新建了多少家职工书屋？").outcome == "已回答"


def test_passages_handed_in_carry_no_relevance(store):
    given = Assistant(store).ask("新建职工书屋多少家？", passages=["全市新建职工书屋12家。"])
    assert given.outcome == "已回答"
    assert set(given.signals) == set(SIGNALS) - {"relevance"}


def test_the_environment_sets_the_threshold():
    assert AssistantSettings.from_environment({"UNIONQA_THRESHOLD": "0.45"}).threshold == 0.45
    assert AssistantSettings.from_environment({"UNIONQA_THRESHOLD": " "}).threshold is None
    assert AssistantSettings.from_environment({}).threshold is None


@pytest.mark.parametrize("wrong", ["高", "1.5", "-0.1", "nan"])
def test_a_threshold_that_is_no_share_is_said_in_chinese(wrong):
    with pytest.raises(UserError, match="不是 0 到 1 之间的数"):
        AssistantSettings.from_environment({"UNIONQA_THRESHOLD": wrong})
