"""Questions are kept for a while and without names, and counted as on paper."""

import pytest

from corpus.records import question_log
from corpus.records.question_log import Asked, Often, Span, percentile
from corpus.testing import make_document, make_store

#: day, question, outcome, seconds, sources
LINES = [
    ("2025-03-03", "年休假有几天？", "已回答", 0.2, ["1"]),
    ("2025-03-03", "年休假，有几天", "已回答", 0.4, ["1", "2"]),
    ("2025-03-03", "买房补多少？", "依据不足", 0.1, []),
    ("2025-03-04", "您好", "需澄清", 9.0, []),
    ("2025-03-10", "年休假有几天？", "存在冲突", 0.6, ["2"]),
    ("2025-04-01", "买房补多少？", "依据不足", 0.3, []),
    ("2025-04-01", "坏了", "出错", 0.0, []),
]


def keep(store, monkeypatch, day, **fields):
    monkeypatch.setattr(question_log, "now", lambda: f"{day}T09:30:00+08:00")
    store.asked.add(**fields)


@pytest.fixture
def store(tmp_path, monkeypatch):
    with make_store(tmp_path) as opened:
        for day, question, outcome, seconds, sources in LINES:
            fields = {"question": question, "outcome": outcome, "seconds": seconds, "sources": sources}
            keep(opened, monkeypatch, day, **fields, who="李梅")
        yield opened


def test_a_question_is_kept_with_what_became_of_it_and_without_a_name(store):
    assert next(store.asked.entries()) == Asked(
        at="2025-03-03T09:30:00+08:00",
        question="年休假有几天？",
        outcome="已回答",
        seconds=0.2,
        sources=("1",),
    )
    assert store.asked.count() == len(LINES)


def test_days_weeks_and_months_are_counted_as_on_paper(store):
    whole, days = store.asked.spans()
    assert whole == Span("", 3, 2, 2, 0.3, 0.6)
    assert days == [
        Span("2025-03-03", 2, 1, 0, 0.2, 0.4),
        Span("2025-03-04", 0, 0, 1, None, None),
        Span("2025-03-10", 1, 0, 0, 0.6, 0.6),
        Span("2025-04-01", 0, 1, 1, 0.3, 0.3),
    ]
    assert [(s.begins, s.asked) for s in store.asked.spans(each="week")[1]] == [
        ("2025-03-03", 4),
        ("2025-03-10", 1),
        ("2025-03-31", 2),
    ]
    assert [(s.begins, s.asked) for s in store.asked.spans(each="month")[1]] == [
        ("2025-03-01", 5),
        ("2025-04-01", 2),
    ]


def test_a_period_holds_its_first_and_its_last_day(store):
    assert store.asked.count("2025-03-04", "2025-03-10") == 2
    assert store.asked.count("2025-03-05", "2025-03-09") == 0
    assert store.asked.count(last="2025-03-03") == 3
    assert store.asked.bounds() == ("2025-03-03", "2025-04-01")


def test_the_same_question_with_other_punctuation_is_counted_once_under_its_latest_wording(store):
    latest = "2025-03-10T09:30:00+08:00"
    assert store.asked.often(limit=1) == [Often("年休假有几天？", 3, latest, "存在冲突")]
    assert store.asked.often(outcomes=("依据不足",)) == [
        Often("买房补多少？", 2, "2025-04-01T09:30:00+08:00", "依据不足")
    ]


def test_sources_are_counted_by_the_answers_that_cite_them(store):
    assert store.asked.cited() == [("1", 2), ("2", 2)]
    assert store.asked.cited("2025-03-10", "2025-03-10") == [("2", 1)]


def test_names_are_kept_only_while_the_administrator_wants_it(store, monkeypatch):
    store.asked.keep(names=True, days=180, who="管理员")
    keep(store, monkeypatch, "2025-04-02", question="又一问", outcome="已回答", who="李梅")
    assert [one.who for one in store.asked.entries()] == [""] * len(LINES) + ["李梅"]
    store.asked.keep(names=False, days=180, who="管理员")
    assert {one.who for one in store.asked.entries()} == {""}


def test_what_is_older_than_the_retention_time_goes_when_the_next_question_comes(store, monkeypatch):
    assert store.asked.days_kept == 180
    keep(store, monkeypatch, "2025-09-06", question="今天", outcome="已回答")  # 180 days after 10 March
    assert store.asked.bounds() == ("2025-03-10", "2025-09-06")
    keep(store, monkeypatch, "2026-09-06", question="明年", outcome="已回答")
    assert [one.question for one in store.asked.entries()] == ["明年"]


def test_a_shorter_time_takes_effect_at_once(store, monkeypatch):
    monkeypatch.setattr(question_log, "now", lambda: "2025-04-02T08:00:00+08:00")
    store.asked.keep(names=False, days=1, who="管理员")
    assert store.asked.bounds() == ("2025-04-01", "2025-04-01")


def test_questions_stay_when_the_documents_that_answered_them_go(store):
    with store.writing() as writer:
        writer.put(*make_document("1", articles=["年休假五天。"]))
        writer.remove("1")
    assert store.asked.cited() == [("1", 2), ("2", 2)]


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([], 0.5, None),
        ([7.0], 0.5, 7.0),
        ([1.0, 2.0], 0.5, 1.0),
        ([1.0, 2.0, 3.0], 0.5, 2.0),
        ([float(n) for n in range(1, 21)], 0.95, 19.0),
        ([float(n) for n in range(1, 101)], 0.95, 95.0),
    ],
)
def test_a_percentile_is_a_value_that_occurred(values, share, expected):
    assert percentile(values, share) == expected
