"""Asking an ASGI application without a server: each part of the request is the test's own choice."""

import asyncio
from dataclasses import dataclass, field
from urllib.parse import urlencode

HERE = ("127.0.0.1", 50000)
PAGE = {"accept": "text/html,*/*"}


@dataclass
class Answer:
    """What came back."""

    status: int = 0
    headers: dict[str, list[str]] = field(default_factory=dict)
    body: bytes = b""

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def location(self) -> str:
        return self.headers.get("location", [""])[0]

    @property
    def cookies(self) -> dict[str, str]:
        """Name → the whole header."""
        return {one.split("=")[0]: one for one in self.headers.get("set-cookie", [])}

    def cookie(self, name: str) -> str:
        return self.cookies[name].split(";")[0].split("=", 1)[1]


async def answered(
    app, method, address, *, cookies=(), headers=(), form=None, client=HERE, scheme="http", root=""
):
    """The answer of an application to one request."""
    path, _, query = address.partition("?")
    body = urlencode(form, doseq=True).encode() if form is not None else b""
    given = {"host": "127.0.0.1:7860", "accept": "*/*", **dict(headers)}
    if cookies:
        given["cookie"] = "; ".join(f"{name}={value}" for name, value in dict(cookies).items())
    if form is not None:
        given["content-type"] = "application/x-www-form-urlencoded"
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": scheme,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": root,
        "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
        "client": client,
        "server": ("127.0.0.1", 7860),
    }
    answer, sent = Answer(), [{"type": "http.request", "body": body, "more_body": False}]

    async def receive():
        return sent.pop() if sent else {"type": "http.disconnect"}

    async def send(message):
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            for name, value in message["headers"]:
                answer.headers.setdefault(name.decode(), []).append(value.decode())
        else:
            answer.body += message.get("body", b"")

    await app(scope, receive, send)
    return answer


def ask(app, method, address, **given):
    """The same, for tests that are not asynchronous."""
    return asyncio.run(answered(app, method, address, **given))
