"""``/mcp``: the tools for language models over HTTP."""

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from assistant.answering import Answering
from assistant.mcp_server import Tools, over_http
from corpus.store import Store
from corpus.web.api_errors import response


def routes(store: Store, answering: Answering) -> list[Route]:
    """With and without a slash at the end: some programs add one."""
    served = _Mcp(store, answering)
    return [Route(path, served, include_in_schema=False) for path in ("/mcp", "/mcp/")]


class _Mcp:
    """One request is one answer; streams that stay open for notices are not offered, nor needed."""

    def __init__(self, store: Store, answering: Answering) -> None:
        self._server = Tools(store, answering.ask).server()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "POST":
            await over_http(self._server, scope, receive, send)
            return
        message = "这个地址只接受 MCP 客户端的 POST 请求。"
        refused = response(
            scope, 405, message, "请在支持 MCP 的程序里填写这个网址。", headers={"Allow": "POST"}
        )
        await refused(scope, receive, send)
