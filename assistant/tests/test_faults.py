"""Faults while people ask: a chat model that misbehaves, a store that is harmed under the running app.

Each ends in a right answer or in words. More of them: ``corpus/tests/test_faults.py`` (disks, files,
locks, clocks), ``ingest/tests/test_faults.py`` and ``test_pool.py`` (readers), ``test_answering.py``
(processes that answer), ``test_chat_model.py``.
"""

import contextlib
import json
import os
import shutil
import signal
import socketserver
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from assistant.pipeline import Assistant
from assistant.settings import AssistantSettings
from corpus.store import Store
from corpus.testing import make_document, make_store, served

TEXT = "今年以来，云河市总工会建成户外劳动者服务站86家。"
QUESTION = "云河市总工会建成了多少家户外劳动者服务站？"
QUOTED = "今年以来，云河市总工会建成户外劳动者服务站86家。[1]"
WORDED = "云河市总工会建成户外劳动者服务站86家。"
GAVE_UP = "大模型没有完成回答，已改用原文摘句。"
STOPPED = "大模型中途停下，只列出已校验的句子。"


# -- the chat model --------------------------------------------------------------------------


def piece(text, **more):
    delta = {"index": 0, "delta": {"role": "assistant", "content": text, **more}, "finish_reason": None}
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [delta]}
    return f"data: {json.dumps(chunk)}\n\n".encode()


DONE = b"data: [DONE]\n\n"


def often(data, pause_s=0.05):
    while True:
        yield data
        time.sleep(pause_s)


def then_silence(data):
    yield data
    time.sleep(60)


#: What the model's server sends after the head of a stream, and the answer with a note.
STREAMS = {
    "a letter now and then, without end": (lambda: often(piece("哈")), QUOTED, GAVE_UP),
    "signs of life, and nothing else": (lambda: often(b": ping\n\n"), QUOTED, GAVE_UP),
    "empty pieces without end": (lambda: often(piece("")), QUOTED, GAVE_UP),
    "a good sentence, then silence": (lambda: then_silence(piece(WORDED + "\n")), f"{WORDED}[1]", STOPPED),
    "half a sentence, then silence": (lambda: then_silence(piece(WORDED[:8])), QUOTED, GAVE_UP),
    "one line without end": (lambda: often(piece("云河市" * 9000), 0), QUOTED, "以下为原文摘句。"),
    "bytes that are no text": (lambda: [b"data: \xff\xfe\x00\x9f\n\n", DONE], QUOTED, GAVE_UP),
    "a page of a proxy": (lambda: [b"<html><body>502 Bad Gateway</body></html>"], QUOTED, "以下为原文摘句。"),
    "no choices": (lambda: [b'data: {"choices": []}\n\n', DONE], QUOTED, "以下为原文摘句。"),
    "an error in the stream": (lambda: [b'data: {"error": {"message": "no memory"}}\n\n'], QUOTED, GAVE_UP),
    "a number where text should be": (lambda: [b'data: {"choices": 7}\n\n', DONE], QUOTED, GAVE_UP),
    "a call of a tool": (
        lambda: [piece(None, tool_calls=[{"index": 0, "id": "1", "type": "function"}]), DONE],
        QUOTED,
        "以下为原文摘句。",
    ),
    "marks that turn what is read around": (
        lambda: [piece(f"\u202e{WORDED[:-4]}\u20668\u20696\x07家。\n"), DONE],
        f"{WORDED}[1]",
        None,
    ),
}
REDIRECT = (
    b"HTTP/1.1 307 x\r\nLocation: /v1/chat/completions\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
)


class _Model(socketserver.StreamRequestHandler):
    """Answers any request with what it is told to, byte for byte."""

    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    stream = staticmethod(list)

    def handle(self):
        length = 0
        while line := self.rfile.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        self.rfile.read(length)
        with contextlib.suppress(OSError):  # whoever asked has had enough
            self.wfile.write(type(self).head)
            for data in type(self).stream():
                self.wfile.write(data)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with make_store(tmp_path_factory.mktemp("faults"), [{"title": "服务站", "text": TEXT}]) as made:
        yield made


@pytest.fixture(scope="module")
def assistants(store):
    """One that waits for its model as long as a busy machine needs, and one that soon has enough."""
    pytest.importorskip("langchain_openai")
    with _Server(("127.0.0.1", 0), _Model) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}/v1"
        given = {"model": "openai:m", "model_base_url": address, "model_key": "x"}
        yield [Assistant(store, AssistantSettings(**given, model_timeout_s=s)) for s in (4.0, 0.6)]
        server.shutdown()


@pytest.mark.filterwarnings("ignore:Pydantic serializer")
@pytest.mark.parametrize("fault", STREAMS)
def test_whatever_a_model_streams_the_answer_is_right_and_comes_in_time(assistants, monkeypatch, fault):
    stream, text, note = STREAMS[fault]
    assistant = assistants[text == QUOTED]
    monkeypatch.setattr(_Model, "stream", staticmethod(stream))
    started = time.monotonic()
    answer = assistant.ask(QUESTION)
    assert time.monotonic() - started < 20  # and not without end
    assert answer.text == text
    assert note is None or note in answer.notes
    assert all(citation.verdict == "已核实" for said in answer.statements for citation in said.citations)


@pytest.mark.parametrize("head", [REDIRECT, b"\x00\xff nothing of HTTP\r\n\r\n", b""])
def test_a_model_that_does_not_even_answer_gives_way(assistants, monkeypatch, head):
    monkeypatch.setattr(_Model, "head", head)
    monkeypatch.setattr(_Model, "stream", staticmethod(list))
    answer = assistants[1].ask(QUESTION)
    assert (answer.text, answer.outcome) == (QUOTED, "已回答")
    assert GAVE_UP in answer.notes


def test_a_model_that_nobody_serves_gives_way(store):
    given = {"model": "openai:m", "model_base_url": "http://127.0.0.1:9/v1", "model_key": "x"}
    answer = Assistant(store, AssistantSettings(**given, model_timeout_s=5)).ask(QUESTION)
    assert (answer.text, GAVE_UP in answer.notes) == (QUOTED, True)


# -- the running app -------------------------------------------------------------------------

GONE = "资料库的文件不见了，或者被移走了。"


class App:
    """The served app, asked from outside."""

    def __init__(self, address):
        self._address = address.rstrip("/")

    def get(self, path):
        """Status, headers and text."""
        return self._open(urllib.request.Request(self._address + path))

    def ask(self):
        """Status, headers and what was answered."""
        data = json.dumps({"question": QUESTION}).encode()
        head = {"content-type": "application/json"}
        status, headers, text = self._open(
            urllib.request.Request(f"{self._address}/api/v1/ask", data, headers=head)
        )
        return status, headers, json.loads(text)

    def _open(self, request):
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return reply.status, reply.headers, reply.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()

    def answers(self):
        status, _, body = self.ask()
        return (status, body.get("answer")) == (200, QUOTED)


def children(pid):
    """The processes that a process started."""
    found = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    return [int(child) for each in found for child in each]


def lose_the_keyword_index(directory):
    shutil.rmtree(directory / "lexical")


def cut_the_keyword_index(directory):
    for path in (directory / "lexical").glob("*.idx"):
        os.truncate(path, 7)


def lose_the_vectors(directory):
    shutil.rmtree(directory / "vectors")


def cut_the_vectors(directory):
    for path in (directory / "vectors").iterdir():
        os.truncate(path, 7)


def lose_the_dictionary(directory):
    (directory / "words.txt").unlink()


IN_USE = (
    lose_the_keyword_index,
    cut_the_keyword_index,
    lose_the_vectors,
    cut_the_vectors,
    lose_the_dictionary,
)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are found in /proc")
def test_the_running_app_answers_or_says_why_not_whatever_happens_to_its_store(tmp_path, monkeypatch):
    monkeypatch.setenv("UNIONQA_WORKERS", "1")
    directory = tmp_path / "store"
    with Store.open(directory) as made, made.writing() as writer:
        writer.put(*make_document("1", articles=[{"title": "服务站", "text": TEXT}]))
    with served(directory) as (address, pid):
        app = App(address)
        assert app.answers()
        for harm in IN_USE:
            harm(directory)
            assert app.answers(), harm.__name__

        rival = sqlite3.connect(directory / "catalogue.sqlite", isolation_level=None)
        rival.execute("BEGIN IMMEDIATE")  # somebody has the file open in another program
        assert app.answers()
        rival.execute("ROLLBACK")
        rival.close()

        for child in children(pid):
            os.kill(child, signal.SIGKILL)
        assert app.answers()

        directory.rename(tmp_path / "away")
        status, headers, body = app.ask()
        assert (status, body["error"]["code"], body["error"]["message"]) == (503, "unavailable", GONE)
        assert int(headers["retry-after"]) > 0
        assert app.get("/readyz")[0] == 503
        assert app.get("/healthz")[0] == 200
        assert not directory.exists()
        (tmp_path / "away").rename(directory)
        assert app.answers()
    with Store.open(directory) as after:
        assert after.verify() == []
        assert after.trail.check() == []
