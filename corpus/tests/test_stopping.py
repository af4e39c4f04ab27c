"""Told to stop (SIGTERM, as a service is): answers under way are sent whole, an ingest ends at a document's border."""

import http.client
import importlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from corpus.settings import CorpusSettings
from corpus.store import Store
from corpus.testing import make_document

pytest.importorskip("langchain_openai")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of a service on POSIX")
ROOT = Path(__file__).parents[2]
TEXT = "云河市职工浴室每周开放五天，家属每次收费四元。"
QUESTION = "家属进职工浴室每次收费多少？"
FILES = 30
#: No state is waited for any longer than this; it says nothing about how long things take.
PATIENCE_S = 120


class _Model(BaseHTTPRequestHandler):
    """A chat model that answers when it is let."""

    def log_message(self, *args):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.server.asked.set()
        assert self.server.may_answer.wait(PATIENCE_S)
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"data: [DONE]\n\n")


@contextmanager
def model():
    with ThreadingHTTPServer(("127.0.0.1", 0), _Model) as server:
        server.asked, server.may_answer = threading.Event(), threading.Event()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.may_answer.set()
        server.shutdown()


@contextmanager
def app(store, errors, **environ):
    """The app, started as a service starts it: its process and its address."""
    command = [sys.executable, "app.py", "--store", str(store), "--port", "0"]
    with errors.open("w") as written:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environ},
            stdout=subprocess.PIPE,
            stderr=written,
            text=True,
        )
    try:
        line = next((x for x in process.stdout if "已经启动" in x), "")
        assert line, errors.read_text()
        yield process, urlsplit(re.search(r"http://\S+", line)[0])
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def sent(address, method, path, body=None, headers=None):
    """The open connection and the answer's status, headers and body; the body None for a stream."""
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=PATIENCE_S)
    connection.request(method, path, body, headers or {})
    return connection.getresponse()


def asked(address, question):
    body = json.dumps({"question": question})
    answer = sent(address, "POST", "/api/v1/ask", body, {"content-type": "application/json"})
    return answer.status, json.loads(answer.read())


def until(state):
    ends = time.monotonic() + PATIENCE_S
    while not (found := state()):
        assert time.monotonic() < ends
        time.sleep(0.02)
    return found


def files_handed_in(address):
    """Hands in many small files that are to be live at once."""
    parts = [("direct", None, "true")]
    parts += [
        ("files", f"通知{n}.txt", f"关于第{n}次检修的通知\n浴室第{n}次检修定在{n}日。")
        for n in range(1, FILES + 1)
    ]
    body = b""
    for name, file, text in parts:
        named = f'; filename="{file}"' if file else ""
        head = f'--x\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
        body += head.encode() + text.encode() + b"\r\n"
    kind = {"content-type": "multipart/form-data; boundary=x"}
    answer = sent(address, "POST", "/api/v1/ingest", body + b"--x--\r\n", kind)
    assert answer.status == 202, answer.read()


def test_told_to_stop_the_program_ends_what_it_began_and_nothing_else(tmp_path):
    folder, errors = tmp_path / "store", tmp_path / "errors.txt"
    with Store.open(folder, encoder=CorpusSettings().encoder) as store, store.writing() as writer:
        writer.put(*make_document("1", articles=[{"title": "云河市职工浴室办法", "text": TEXT}]))
    with model() as server:
        place = f"http://127.0.0.1:{server.server_port}/v1"
        environ = {"UNIONQA_MODEL": "openai:m", "UNIONQA_MODEL_BASE_URL": place, "UNIONQA_MODEL_KEY": "k"}
        environ |= {"UNIONQA_GRACE": str(PATIENCE_S), "UNIONQA_MODEL_TIMEOUT": str(PATIENCE_S)}
        with app(folder, errors, **environ) as (process, address):
            page = sent(address, "GET", "/gradio_api/heartbeat/abcdefgh")
            assert page.readline().startswith(b"data: ALIVE")
            answers = []
            asking = threading.Thread(target=lambda: answers.append(asked(address, QUESTION)))
            asking.start()
            assert server.asked.wait(PATIENCE_S)
            files_handed_in(address)
            process.send_signal(signal.SIGTERM)
            until(lambda: sent(address, "GET", "/readyz").status == 503)
            status, refused = asked(address, QUESTION)
            assert (status, refused["error"]["message"]) == (503, "程序正在停止。")
            assert process.poll() is None
            assert answers == []
            server.may_answer.set()
            asking.join(PATIENCE_S)
            assert process.wait(PATIENCE_S) == 0
            assert page.read().replace(b"data: ALIVE\n\n", b"").strip() == b""
    [(status, answer)] = answers
    assert (status, answer["outcome"]) == (200, "answered")
    assert "四元" in answer["answer"]
    assert errors.read_text() == ""
    nothing_is_lost(folder)


def nothing_is_lost(folder):
    """Each file that was handed in is live, or a draft that the next program goes on with; never both or half."""
    drafts = importlib.import_module("ingest.intake.drafts")  # rooms may not import the next one
    with Store.open(folder, encoder=CorpusSettings().encoder) as store:
        assert store.verify() == []
        live = {source.name for source in store.sources()} - {"文件1.txt"}
        waiting = {draft.name for draft in drafts.Drafts(folder).all()}
        assert live | waiting == {f"通知{n}.txt" for n in range(1, FILES + 1)}
        assert all(draft.direct for draft in drafts.Drafts(folder).all() if draft.name not in live)


def test_told_to_stop_while_the_first_documents_are_read_it_ends_and_the_next_start_goes_on(tmp_path):
    folder, errors = tmp_path / "store", tmp_path / "errors.txt"
    command = [sys.executable, "app.py", "--store", str(folder), "--port", "0"]
    with errors.open("w") as written:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=written)
    until(lambda: (folder / "first-start.unfinished").exists() or process.poll() is not None)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_S) == 0
    assert errors.read_text() == ""
    with Store.open(folder, encoder=CorpusSettings().encoder) as store:
        assert store.verify() == []
    assert (folder / "first-start.unfinished").exists()
