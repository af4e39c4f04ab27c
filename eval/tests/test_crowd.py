"""Many people asking: what is counted as what, how waits are summed up, and when memory is called flat."""

import asyncio
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from corpus.errors import UserError
from eval.__main__ import main
from eval.crowd import Crowd, Door, Tally, crowd, percentiles, questions, table
from eval.served import held
from eval.soak import line, verdict

ANSWER = json.dumps({"outcome": "answered"}).encode()


class Replies(BaseHTTPRequestHandler):
    """Answers by a word in the question; keeps the questions and keys."""

    def do_POST(self):
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["question"]
        self.server.asked.append((self.path, question, self.headers.get("Authorization", "")))
        status, headers, body = 200, {}, ANSWER
        if "忙" in question:
            status, headers = 429, {"Retry-After": "3"}
        elif "没说何时再来" in question:
            status = 429
        elif "错" in question:
            status = 500
        elif "断" in question:
            body = ANSWER[:-3]
        elif "别的" in question:
            body = b"[]"
        elif "不答" in question:
            self.close_connection = True
            return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Replies) as made:
        made.asked = []
        made.url = f"http://127.0.0.1:{made.server_address[1]}"
        threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
        yield made
        made.shutdown()


@pytest.mark.parametrize(
    ("question", "problem"),
    [
        ("好", ""),
        ("忙", "refused 429"),
        ("没说何时再来", "429"),
        ("错", "500"),
        ("断", "回答不完整"),
        ("别的", "不是回答"),
        ("不答", "没有回应"),
    ],
)
def test_a_reply_is_an_answer_a_refusal_or_an_error(server, question, problem):
    seconds, found = asyncio.run(Door(server.url).ask(question))
    assert found == problem
    assert 0 < seconds < 30


def test_nobody_there_is_an_error():
    _, found = asyncio.run(Door("http://127.0.0.1:1").ask("好"))
    assert found == "连接出错（ConnectionRefusedError）"


def test_each_person_asks_a_new_question_when_it_is_their_turn(server):
    looked: list[int] = []
    who = Crowd(people=3, every=0.2, seconds=0.5, keys=("uq_一".encode().hex(), "uq_b"))
    asked = ["甲好", "乙忙", "丙错"]
    told = asyncio.run(
        crowd(server.url + "/unionqa", who, asked, lambda t: looked.append(t.asked), look_s=0.1)
    )
    texts = [question for _, question, _ in server.asked]
    assert told.asked + 1 <= len(texts)  # and one to see whether it has recovered
    assert len(set(texts)) == len(texts)
    assert texts[:4] == ["甲好", "乙忙", "丙错", "请问，甲好"]
    assert {path for path, _, _ in server.asked} == {"/unionqa/api/v1/ask"}
    assert {key for _, _, key in server.asked} == {f"Bearer {key}" for key in who.keys}
    assert told.asked == len(told.waits) + told.refused.total() + told.errors.total()
    assert set(told.refused) == {"429"}
    assert set(told.errors) == {"500"}
    assert told.recovery is not None
    assert looked == sorted(looked)


def test_the_table_says_what_was_measured():
    tally = Tally(asked=5, waits=[0.1, 0.2, 0.4], recovery=1.25)
    tally.refused["429"] += 1
    tally.errors["500"] += 1
    assert table(tally.row(Crowd(people=5, every=5, seconds=10))) == [
        "5 人，每人每 5 秒一问，共 10 秒",
        "提问：5 题，回答：3 题（每秒 0.3 题）",
        "等待：50% 0.200 秒，95% 0.380 秒，99% 0.396 秒，最长 0.400 秒",
        "请稍后再来（带 Retry-After）：429 1 次",
        "出错：500 1 次",
        "人散后恢复：1.250 秒",
    ]
    nothing = table(Tally().row(Crowd()))
    assert nothing[2:] == [
        "等待：50% —，95% —，99% —，最长 —",
        "请稍后再来（带 Retry-After）：没有",
        "出错：没有",
        "人散后恢复：—",
    ]
    assert percentiles([]) == {"p50_s": None, "p95_s": None, "p99_s": None, "longest_s": None}


def test_questions_come_from_a_question_set_or_from_beir(tmp_path):
    beir = tmp_path / "queries.jsonl"
    beir.write_text('{"_id": "1", "text": "甲？"}\n{"_id": "2", "text": "甲？"}\n{"_id": "3", "text": ""}\n')
    assert questions(beir) == ["甲？"]
    cases = tmp_path / "题.jsonl"
    cases.write_text('{"id": "1", "question": "乙？", "must": [["丙"]]}\n')
    assert questions(cases) == ["乙？"]
    beir.write_text("")
    with pytest.raises(UserError, match="没有问题"):
        questions(beir)


# --- an hour ---


def hour(resident=lambda _: 1000, handles=lambda _: 60) -> list[dict]:
    return [{"minute": n, "resident": resident(n), "handles": handles(n)} for n in range(1, 61)]


@pytest.mark.parametrize(
    ("minutes", "found"),
    [
        (hour(), (True, 0.0, 0)),
        (hour(resident=lambda n: 500 if n < 10 else 1000), (True, 0.0, 0)),  # it warms up
        (hour(resident=lambda n: 1000 + n), (True, 0.0495, 0)),
        (hour(resident=lambda n: 1000 + 2 * n), (False, 0.098, 0)),
        (hour(resident=lambda n: 1000 - 2 * n), (False, 0.102, 0)),
        (hour(handles=lambda n: 60 + n % 9), (True, 0.0, 0)),  # people come and go
        (hour(handles=lambda n: 60 + n % 9 + n), (False, 0.0, 34)),
        (hour()[:11], (None, None, None)),
    ],
)
def test_memory_is_flat_and_handles_do_not_grow_after_the_first_minutes(minutes, found):
    assert tuple(verdict(minutes).values()) == found


def test_what_a_process_holds_is_told_in_words():
    row = {"minute": 1.0, **held(os.getpid())._asdict(), **percentiles([0.5]), "answered": 1, "errors": 0}
    assert row["processes"] >= 1
    assert row["resident"] >= row["own"] > 2**20
    assert row["handles"] >= 3
    assert row["threads"] >= 1
    assert line(row).endswith("答 1 题，95% 在 0.50 秒以内，累计出错 0")


def test_a_process_that_is_gone_is_said_so():
    with pytest.raises(UserError, match="不在"):
        held(2**22 + 1)


def test_the_soak_wants_to_know_the_process(capsys):
    assert main(["soak", "--url", "http://127.0.0.1:1"]) == 1
    assert "不知道要看哪个进程。" in capsys.readouterr().err
