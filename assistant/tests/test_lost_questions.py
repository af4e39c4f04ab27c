"""A question that is sent in the very moment in which gradio's client stops listening is answered."""

import asyncio
import socket
import threading

import gradio
import pytest
import uvicorn
from fastapi import FastAPI

from assistant import panel
from assistant.tests.fakes import FakeAssistant, FakeStore
from corpus.testing import chromium

pytestmark = pytest.mark.browser


class Late:
    """Keeps the server's last word of the first stream back until it is let go."""

    def __init__(self, inner) -> None:
        self.inner = inner
        self.held = threading.Event()
        self.let = threading.Event()

    async def __call__(self, scope, receive, send) -> None:
        async def sent(message) -> None:
            last = b"close_stream" in message.get("body", b"") and not self.held.is_set()
            if last and scope["path"].endswith("/queue/data"):
                self.held.set()
                await asyncio.to_thread(self.let.wait, 60)
            await send(message)

        await self.inner(scope, receive, sent)


@pytest.fixture
def late():
    """The window over the fakes, whose last word comes late, and its address."""
    page = panel.page(FakeAssistant(), FakeStore())
    page.queue()
    script = f"<script>{panel.QUEUE_SCRIPT}</script>"
    late = Late(gradio.mount_gradio_app(FastAPI(), page, path="/", head=script, ssr_mode=False))
    door = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(late, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    yield late, f"http://127.0.0.1:{door.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=20)


def test_a_question_sent_as_the_stream_of_events_ends_is_answered(late):
    held, address = late
    with chromium() as browser:
        page = browser.new_page()
        page.goto(address)
        ask(page, "慰问标准是多少？")
        answered(page, "1500 元")
        assert held.held.wait(30)
        with page.expect_response(lambda one: "/queue/join" in one.url) as taken:
            ask(page, "职工书屋由谁负责？")
        taken.value.finished()
        page.wait_for_timeout(
            200
        )  # the client knows that the question was taken, and still thinks that it listens
        held.let.set()
        answered(page, "宣传教育部")
        ask(page, "补助多少？")  # with everything at rest
        answered(page, "百分之三十")
        page.close()


def ask(page, question: str) -> None:
    page.locator("#question textarea").fill(question)
    page.locator("#question textarea").press("Enter")


def answered(page, text: str) -> None:
    page.locator("#latest .reply:not(.pending) .statements", has_text=text).wait_for()
