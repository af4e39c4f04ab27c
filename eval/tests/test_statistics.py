"""The statistics page: known numbers, other people's text as text, fast over many questions."""

import csv
import io
import json
import time
from datetime import date, timedelta

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from corpus.errors import UserError
from corpus.records import question_log
from corpus.records.question_log import Span
from corpus.testing import make_document, make_store
from eval import plots, statistics_routes
from eval.statistics import Period, Statistics, period, shortened

TODAY = date(2025, 3, 14)
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>能报销吗？"
ARTICLES = [
    {"title": "甲办法", "kind": "办法", "issuer": "云河市总工会", "region": "云河市", "published_on": "2024-05-01",
     "status": "现行", "text": "甲。"},
    {"title": "乙办法", "kind": "办法", "issuer": "云河市总工会", "region": "云河市", "published_on": "2023",
     "status": "现行", "expires_on": "2024-12-31", "text": "乙。"},
    {"title": "<b>丙</b>", "kind": "通知", "quality": 0.6, "text": "丙。"},
]  # fmt: skip


def keep(store, monkeypatch, day, question, outcome, seconds=0.2, sources=()):
    monkeypatch.setattr(question_log, "now", lambda: f"{day}T10:00:{store.asked.count():02}+08:00")
    store.asked.add(question=question, outcome=outcome, seconds=seconds, sources=sources)


@pytest.fixture
def store(tmp_path):
    with make_store(tmp_path, ARTICLES) as opened:
        yield opened


@pytest.fixture
def asked(store, monkeypatch):
    for day, question, outcome, seconds, sources in [
        ("2025-03-10", "年休假有几天？", "已回答", 0.2, ["1"]),
        ("2025-03-10", "年休假有几天", "已回答", 0.4, ["1", "2"]),
        ("2025-03-12", HOSTILE, "依据不足", 0.1, []),
        ("2025-03-12", "=1+1的补贴怎么领？", "依据不足", 0.1, []),
        ("2025-03-12", "+1的补贴怎么领？", "依据不足", 0.1, []),
        ("2025-01-02", "旧的一问", "已回答", 1.0, ["99"]),
    ]:
        keep(store, monkeypatch, day, question, outcome, seconds, sources)
    return store


@pytest.fixture
def visit(asked, monkeypatch):
    class Fixed(date):
        @classmethod
        def today(cls):
            return cls(2025, 3, 14)

    monkeypatch.setattr(statistics_routes, "date", Fixed)
    offered = [("/", "问答"), ("/statistics", "统计")]
    return TestClient(Starlette(routes=statistics_routes.routes(asked, offered)))


def rows_of(reply):
    return list(csv.reader(io.StringIO(reply.text.removeprefix("\ufeff"))))


def test_a_period_is_some_days_up_to_today_or_from_one_day_to_another():
    assert period({}, TODAY) == Period(date(2025, 2, 13), TODAY)
    assert period({"days": "7"}, TODAY) == Period(date(2025, 3, 8), TODAY)
    assert period({"from": "2025-01-01", "to": "2025-01-31"}, TODAY) == Period(
        date(2025, 1, 1), date(2025, 1, 31)
    )
    assert [Period(TODAY - timedelta(days), TODAY).unit for days in (61, 62, 399, 400)] == [
        "day",
        "week",
        "week",
        "month",
    ]


@pytest.mark.parametrize(
    "given",
    [
        {"days": "viele"},
        {"days": "0"},
        {"days": "99999999999"},
        {"from": "2025-02-30"},
        {"from": "2025-03-02", "to": "2025-03-01"},
        {"from": "0001-01-01"},
        {"to": "9999-12-31"},
    ],
)
def test_what_is_no_period_is_said_to_be_none(given):
    with pytest.raises(UserError):
        period(given, TODAY)


def test_the_figures_of_a_period_are_those_on_paper(asked):
    found = Statistics(asked).figures(Period(date(2025, 3, 9), TODAY), TODAY)
    assert found.whole == Span("2025-03-09", 2, 3, 0, 0.1, 0.4)
    assert [(s.begins, s.answered, s.refused, s.median) for s in found.spans] == [
        ("2025-03-09", 0, 0, None),
        ("2025-03-10", 2, 0, 0.2),
        ("2025-03-11", 0, 0, None),
        ("2025-03-12", 0, 3, 0.1),
        ("2025-03-13", 0, 0, None),
        ("2025-03-14", 0, 0, None),
    ]
    assert (found.often[0].question, found.often[0].times) == ("年休假有几天", 2)
    assert found.cited == [("文件1.txt", 2), ("文件2.txt", 1)]
    assert (found.sources, found.articles, found.days_kept, found.names_kept) == (3, 3, 180, False)
    assert found.corpus == {
        "kind": [("办法", 2), ("通知", 1)],
        "issuer": [("云河市总工会", 2), ("未注明", 1)],
        "region": [("云河市", 2), ("未注明", 1)],
        "status": [("已废止", 1), ("未知", 1), ("现行", 1)],
        "trust": [("可信", 2), ("存疑", 1)],
        "year": [("2023", 1), ("2024", 1), ("未注明", 1)],
    }


def test_documents_that_are_gone_are_counted_together(asked):
    found = Statistics(asked).cited(Period(date(2025, 1, 1), TODAY), 9)
    assert found == [("文件1.txt", 2), ("文件2.txt", 1), ("（已不在资料库中的文件）", 1)]


def test_refused_questions_on_one_matter_are_one_topic(asked):
    topics = Statistics(asked).topics(Period(date(2025, 3, 1), TODAY))
    assert [(topic.times, {one.question for one in topic.questions}) for topic in topics] == [
        (2, {"=1+1的补贴怎么领？", "+1的补贴怎么领？"}),
        (1, {HOSTILE}),
    ]


def test_a_week_begins_on_monday_and_a_month_on_its_first(asked):
    weeks = Statistics(asked).figures(Period(date(2025, 1, 1), TODAY), TODAY).spans
    assert (weeks[0].begins, weeks[-1].begins, len(weeks)) == ("2024-12-30", "2025-03-10", 11)
    months = Statistics(asked).figures(Period(date(2024, 1, 20), TODAY), TODAY).spans
    assert [m.begins for m in months][::7] == ["2024-01-01", "2024-08-01", "2025-03-01"]
    assert sum(m.asked for m in months) == 6


def test_what_is_left_of_many_parts_is_one_part_more():
    assert shortened([("甲", 3), ("乙", 2), ("丙", 1), ("丁", 1)], 3) == [
        ("甲", 3),
        ("乙", 2),
        ("其余 2 项", 2),
    ]
    assert shortened([("甲", 3)], 3) == [("甲", 3)]


def test_what_people_wrote_is_shown_as_text(visit):
    shown = visit.get("/statistics/").text
    assert "<img" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;能报销吗？" in shown
    assert "<script" not in shown
    problem = visit.get("/statistics/", params={"from": "<script>"})
    assert (problem.status_code, "<script" in problem.text, "这个时段看不懂" in problem.text) == (
        400,
        False,
        True,
    )


def test_the_page_says_what_it_shows_in_words_beside_every_chart(visit):
    shown = visit.get("/statistics/?from=2025-03-09&to=2025-03-14").text
    assert shown.count('<svg class="chart"') == shown.count('role="img"') == 2
    assert 'aria-label="每天提问数：共 5 次，最多的一天（2025-03-12）3 次。"' in shown
    assert 'aria-label="回答用时：一半的回答不超过 0.10 秒，95% 不超过 0.40 秒。"' in shown
    assert '<tr><th scope="row">2025-03-12</th><td>3</td><td>0</td><td>3</td><td>0</td></tr>' in shown
    assert "default-src 'none'" in visit.get("/statistics/").headers["content-security-policy"]


def test_tables_are_taken_away_and_no_cell_is_a_formula(visit):
    reply = visit.get("/statistics/topics.csv?from=2025-03-09&to=2025-03-14")
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    assert reply.text.startswith("\ufeff话题,")
    assert [row[2] for row in rows_of(reply)[1:]] == ["'+1的补贴怎么领？", "'=1+1的补贴怎么领？", HOSTILE]
    assert rows_of(visit.get("/statistics/days.csv?from=2025-03-09&to=2025-03-14"))[1:] == [
        ["2025-03-10", "2", "2", "0", "0", "0.200", "0.400"],
        ["2025-03-12", "3", "0", "3", "0", "0.100", "0.100"],
    ]
    assert rows_of(visit.get("/statistics/cited.csv"))[1:] == [["文件1.txt", "2"], ["文件2.txt", "1"]]
    assert rows_of(visit.get("/statistics/corpus.csv"))[1:3] == [["文种", "办法", "2"], ["文种", "通知", "1"]]
    assert rows_of(visit.get("/statistics/questions.csv"))[0][-1] == "引用的文件"
    assert rows_of(visit.get("/statistics/often.csv"))[1][:2] == ["年休假有几天", "2"]
    assert visit.get("/statistics/secrets.csv").status_code == 404
    assert visit.get("/statistics/days.csv?days=x").status_code == 400


def test_names_stand_in_the_table_only_where_they_are_kept(visit, asked, monkeypatch):
    asked.asked.keep(names=True, days=180, who="管理员")
    monkeypatch.setattr(question_log, "now", lambda: "2025-03-14T10:00:00+08:00")
    asked.asked.add(question="又一问", outcome="已回答", who="=李梅")
    rows = rows_of(visit.get("/statistics/questions.csv"))
    assert (rows[0][-1], rows[-1][1], rows[-1][-1]) == ("提问人", "又一问", "'=李梅")


def test_without_questions_or_documents_the_page_says_what_to_do(tmp_path):
    with make_store(tmp_path) as empty:
        shown = TestClient(Starlette(routes=statistics_routes.routes(empty, []))).get("/statistics/").text
    assert "还没有提问记录" in shown
    assert "资料库还是空的" in shown
    assert "<svg" not in shown


def test_a_period_without_questions_says_when_there_were_some(visit):
    shown = visit.get("/statistics/?from=2025-02-01&to=2025-02-03").text
    assert "这个时段没有人提问。最早的记录在 2025-01-02" in shown


def test_columns_and_curves_stay_within_their_chart():
    drawn = plots.stacked(
        [("3-1", (7, 0)), ("3-2", (0, 0))],
        [plots.Layer("答", "full"), plots.Layer("拒", "striped")],
        told="<b>",
    )
    assert f'height="{plots.HEIGHT - plots.TOP - plots.BOTTOM:.1f}"' not in drawn  # 7 of 8
    assert "<title>3-1：答 7，拒 0</title>" in drawn
    assert 'aria-label="&lt;b&gt;"' in drawn
    assert [plots._counted(n)[0] for n in (0, 1, 4, 5, 9, 83, 4001)] == [1, 1, 4, 6, 10, 100, 6000]
    assert [plots._measured(n)[0] for n in (0.0, 0.35, 2.3, 9.0)] == [0.001, 0.4, 3.0, 10.0]


def test_a_hundred_thousand_questions_are_shown_within_a_second(store):
    begins = date.today() - timedelta(days=99)
    lines = [
        (f"{begins + timedelta(days=n // 1000)}T10:00:00+08:00", "", f"第{n % 40000}问？", f"第{n % 40000}问",
         "依据不足" if n % 7 == 0 else "已回答", "数字", n % 13 / 10, json.dumps([str(n % 3 + 1)]))
        for n in range(100_000)
    ]  # fmt: skip
    with store._catalogue.transaction() as connection:
        connection.executemany(
            "INSERT INTO asked (at, who, question, bare, outcome, category, seconds, sources)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            lines,
        )
    client = TestClient(Starlette(routes=statistics_routes.routes(store, [])))
    taken = []
    for _ in range(3):
        started = time.process_time()  # of this program: what else the machine does is not counted
        assert '<div class="tile"><span>提问</span><b>100000</b>' in client.get("/statistics/?days=100").text
        taken.append(time.process_time() - started)
    assert min(taken) < 1.0


def test_a_document_given_since_is_in_the_next_figures(store):
    statistics = Statistics(store)
    assert statistics.corpus(TODAY)["kind"] == [("办法", 2), ("通知", 1)]
    with store.writing() as writer:
        writer.put(*make_document("9", articles=[{"kind": "讲话", "text": "丁。"}]))
    assert statistics.corpus(TODAY)["kind"] == [("办法", 2), ("讲话", 1), ("通知", 1)]
