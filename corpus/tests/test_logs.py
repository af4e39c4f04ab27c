"""Logs: one line an event, with the request's number, without questions and keys, never forged."""

import asyncio
import io
import json
import logging
import threading
from contextvars import copy_context

import pytest

from corpus import logs
from corpus.errors import UserError
from corpus.settings import LogSettings

LOG = logging.getLogger("corpus.tests")
QUESTION = "张桂兰的困难补助为什么停发？"
#: What would begin a line, hide one, or turn it round on somebody's screen.
FORGED = "x\n2026-01-01 00:00:00 错误 corpus 伪造的一行\r\x1b[2K\x85\u2028\u202e\x00\x7f\ud800y"


@pytest.fixture
def written(monkeypatch):
    """What is written to the standard error output, set up by the given settings."""
    root, before = logging.getLogger(), logging.getLogger().handlers[:]
    levels = {name: logging.getLogger(name).level for name in ("", *logs.OURS)}

    def set_up(secret=(), **settings):
        monkeypatch.setattr("sys.stderr", io.StringIO())
        logs.set_up(LogSettings(**settings), secret=secret)
        stream = root.handlers[0].stream
        return lambda: stream.getvalue().splitlines()

    yield set_up
    root.handlers[:] = before
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def failed(words):
    try:
        raise RuntimeError(words)
    except RuntimeError:
        LOG.exception("failed")


def test_a_line_of_json_tells_the_event_its_fields_and_the_request(written):
    lines = written(form="json", level="info")
    with logs.request() as asked:
        logs.tell(LOG, "answer", outcome="answered", ms=1.5, nothing=None)
    logs.tell(LOG, "outside")
    one, other = map(json.loads, lines())
    assert one.pop("at")[10] == "T"
    assert one == {
        "level": "info",
        "logger": "corpus.tests",
        "event": "answer",
        "request_id": asked.id,
        "outcome": "answered",
        "ms": 1.5,
    }
    assert "request_id" not in other


def test_people_read_only_what_needs_attention_and_no_json(written):
    lines = written()
    with logs.request() as asked:
        logs.tell(LOG, "request", path="/", status=200)
        LOG.warning("磁盘快满了")
    [line] = lines()
    assert line[19:] == f" 警告 corpus.tests 磁盘快满了 （请求 {asked.id}）"


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_comes_from_outside_cannot_begin_a_line(written, form):
    lines = written(form=form, level="info")
    LOG.warning("文件 %s 读不了", FORGED)
    logs.tell(LOG, "request", path=FORGED)
    failed(FORGED)
    raw = "\n".join(lines())
    assert not set(raw) & set("\r\x1b\x85\u2028\u202e\x00\x7f\ud800")
    if form == "json":
        assert [json.loads(line)["event"][:6] for line in lines()] == ["文件 x\n2", "reques", "failed"]
    else:
        own = [line for line in lines() if not line.startswith("    | ")]
        assert [line.split(" ")[3] for line in own] == ["corpus.tests"] * 3
        assert sum("伪造的一行" in line for line in lines()) > 0


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("question", [QUESTION, '第一行的问题\n第二行 "引号" 和\\斜线'])
def test_a_question_is_taken_out_wherever_a_library_writes_it(written, form, question):
    lines = written(form=form, level="info")
    with logs.request():
        logs.answering([question])
        for said in (question, repr(question), json.dumps(question), ascii(question)):
            LOG.error("cannot parse %s", said)
        failed(f"bad input: {question!r}")
        logs.tell(LOG, "x", where={"q": [question]})
    whole = "\n".join(lines())
    assert "〔提问〕" in whole
    for part in ("张桂兰", "困难补助", "第一行的问题", "第二行", "\\u5f20", "\\u7b2c"):
        assert part not in whole


def test_a_thread_that_answers_writes_with_the_number_of_its_request(written):
    lines = written(form="json", level="info")
    with logs.request() as asked:
        logs.answering([QUESTION])
        thread = threading.Thread(target=copy_context().run, args=(LOG.warning, f"about {QUESTION}"))
        thread.start()
        thread.join()
    [line] = map(json.loads, lines())
    assert (line["request_id"], line["event"]) == (asked.id, "about 〔提问〕")


def test_a_task_that_outlives_its_request_is_not_counted_to_it(written):
    lines = written(form="json", level="info")

    async def served():
        with logs.request():
            task = asyncio.create_task(later())
        ended.set()
        await task

    async def later():
        await ended.wait()
        LOG.warning("later")

    ended = asyncio.Event()
    asyncio.run(served())
    [line] = map(json.loads, lines())
    assert "request_id" not in line


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_key_is_written(written, form):
    lines = written(secret=["geheim-model-key", ""], form=form, level="info")
    LOG.warning("%s", {"authorization": "Bearer abcdef0123456789", "x": "uq_0123456789abcdef"})
    failed("401: geheim-model-key, sk-proj-0123456789")
    whole = "\n".join(lines())
    assert "〔密钥〕" in whole
    for part in ("abcdef0123456789", "0123456789abcdef", "geheim", "sk-proj"):
        assert part not in whole


def test_logs_go_to_a_file_and_a_file_that_cannot_be_written_is_told(written, tmp_path):
    written(form="json", file=tmp_path / "logs" / "unionqa.log")
    LOG.error("写进文件 %s", "\ud800")
    logging.shutdown([lambda: logging.getLogger().handlers[0]])
    [line] = (tmp_path / "logs" / "unionqa.log").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["event"] == "写进文件 \ud800"
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.raises(UserError) as error:
        written(file=blocked / "unionqa.log")
    assert error.value.message == f"无法写入日志文件 {blocked / 'unionqa.log'}。"


def test_settings_are_read_and_what_they_do_not_know_is_told():
    assert LogSettings.from_environment({}) == LogSettings()
    assert LogSettings.from_environment({"UNIONQA_LOG": "json"}).level == "info"
    with pytest.raises(UserError) as error:
        LogSettings.from_environment({"UNIONQA_LOG_LEVEL": "laut"})
    assert str(error.value) == "设置 UNIONQA_LOG_LEVEL=laut 不能识别。可以是 debug、info、warning、error。"
