"""The tools of this program for language models, over MCP: search, ask, open an article.

``python -m assistant mcp`` serves them over standard input and output, ``mcp_routes.py`` over HTTP.
Only this file knows the ``mcp`` library.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, Protocol

from mcp import types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from assistant import asked
from assistant.answering import BusyError
from assistant.contract import answer_json, find_json
from assistant.finds import Find, find
from assistant.openai_chat import Reply, inert
from assistant.question.understand import understand
from assistant.types import Answer
from corpus.errors import UserError
from corpus.store import Store
from corpus.types import Article
from corpus.versions.standing import Register

QUESTION_LIMIT = 2000
FOUND, FOUND_MOST = 8, 50
#: Characters of an article that are given at once; the rest is asked for.
ARTICLE_CHARS = 8000
_INSTRUCTIONS = (
    "这里是工会政策文件库。回答工会政策问题时先用 ask：它只用已入库文件的原文作答，每句都带出处，没有依据就说没有。"
    "引用时请保留它的角标和“依据”，不要改动数字、日期和文号。要自己查找用 search，要读全文用 open_article。"
)
_log = logging.getLogger(__name__)


class Asking(Protocol):
    """Who answers: the server's one line of questions, or an assistant of one's own."""

    def __call__(self, question: str, *, as_of: str) -> Awaitable[Answer]: ...


class _Told(NamedTuple):
    """What a tool gives: for reading, and as data."""

    text: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Tool:
    name: str
    title: str
    description: str
    properties: dict[str, Any]
    required: str
    run: "Callable[[Mapping[str, Any], str], Awaitable[_Told]]"

    @property
    def described(self) -> types.Tool:
        schema = {"type": "object", "properties": self.properties, "required": [self.required]}
        hints = types.ToolAnnotations(read_only_hint=True, destructive_hint=False, open_world_hint=False)
        return types.Tool(
            name=self.name,
            title=self.title,
            description=self.description,
            input_schema=schema,
            annotations=hints,
        )


class Tools:
    """The tools over one store. Questions are kept for statistics and review as those of the window are."""

    def __init__(self, store: Store, ask: Asking) -> None:
        self._store = store
        self._ask = ask
        self._register = Register(store)
        self._keeping: set[asyncio.Future[None]] = set()
        self._tools = {tool.name: tool for tool in self._made()}

    def server(self) -> Server[Any]:
        """The tools as an MCP server."""
        return Server(
            "unionqa",
            title="工会政策问答",
            version="1",
            instructions=_INSTRUCTIONS,
            on_list_tools=self._list,
            on_call_tool=self._call,
        )

    def _made(self) -> list[_Tool]:
        query = {"type": "string", "minLength": 1, "maxLength": QUESTION_LIMIT}
        return [
            _Tool(
                "ask",
                "提问",
                "向工会政策文件库提一个问题，得到带出处的回答；库中没有依据时会如实说明。问题要能单独看懂，一次只问一件事。",
                {
                    "question": {**query, "description": "完整的问题"},
                    "as_of": {
                        "type": "string",
                        "format": "date",
                        "description": "以哪一天的效力为准，如 2024-05-01；不填为今天",
                    },
                },
                "question",
                self._asked,
            ),
            _Tool(
                "search",
                "检索",
                "在工会政策文件库里查找段落，只检索，不作答。每一段给出原文、所在文章的编号和出处。",
                {
                    "query": {**query, "description": "要找的词或问题"},
                    "k": {
                        "type": "integer",
                        "minimum": 1,
                        "maximum": FOUND_MOST,
                        "default": FOUND,
                        "description": "给出几段",
                    },
                },
                "query",
                self._searched,
            ),
            _Tool(
                "open_article",
                "打开文章",
                f"按编号读一篇文章的原文和发文信息，每次至多 {ARTICLE_CHARS} 字；后面还有时会给出接着读的位置。",
                {
                    "article_id": {
                        "type": "string",
                        "description": "文章编号，如 3/2，由 ask 和 search 给出",
                    },
                    "start": {
                        "type": "integer",
                        "minimum": 0,
                        "default": 0,
                        "description": "从第几个字开始读",
                    },
                },
                "article_id",
                self._opened,
            ),
        ]

    async def _list(
        self, context: ServerRequestContext[Any], params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[tool.described for tool in self._tools.values()])

    async def _call(
        self, context: ServerRequestContext[Any], params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        try:
            tool = self._tools.get(params.name)
            if tool is None:
                names = "、".join(self._tools)
                raise UserError(f"没有名为“{params.name[:60]}”的工具。", f"可用的工具有：{names}。")
            told = await tool.run(params.arguments or {}, _who(context))
        except Exception as error:  # the edge: a person must read words, the log has the traceback
            return types.CallToolResult(content=[_text(_in_words(error))], is_error=True)
        return types.CallToolResult(content=[_text(told.text)], structured_content=told.data)

    async def _asked(self, arguments: Mapping[str, Any], who: str) -> _Told:
        question, as_of = _string(arguments, "question"), _day(arguments)
        try:
            answer = await self._ask(question, as_of=as_of)
        except BusyError:
            raise
        except Exception:
            self._keep(question, None, who)
            raise
        self._keep(question, answer, who)
        reply = Reply()
        reply.rest(answer)
        # What was judged and set aside stays here: a language model would make an answer of it.
        data = answer_json(answer)
        return _Told(reply.text, {**data, "evidence": [e for e in data["evidence"] if e["cited"]]})

    def _keep(self, question: str, answer: Answer | None, who: str) -> None:
        # In a thread, and nobody waits for it: a writer may keep the catalogue for a while.
        keeping = asyncio.get_running_loop().run_in_executor(
            None, lambda: asked.settle(self._store, question, answer, who=who)
        )
        self._keeping.add(keeping)
        keeping.add_done_callback(self._keeping.discard)

    async def _searched(self, arguments: Mapping[str, Any], who: str) -> _Told:
        query, k = _string(arguments, "query"), _number(arguments, "k", FOUND, 1, FOUND_MOST)
        found = await asyncio.to_thread(self._found, query, k)
        lines = [f"{n}. {inert(_place(one))}\n{inert(one.text)}" for n, one in enumerate(found, 1)]
        return _Told("\n\n".join(lines) or "没有找到。", {"hits": [find_json(one) for one in found]})

    def _found(self, query: str, k: int) -> list[Find]:
        asked, day = understand(query, self._store), date.today().isoformat()
        return find(self._store, asked, k, day=day, register=self._register)

    async def _opened(self, arguments: Mapping[str, Any], who: str) -> _Told:
        article_id, start = _string(arguments, "article_id"), _number(arguments, "start", 0, 0, 10**9)
        return await asyncio.to_thread(self._read, article_id, start)

    def _read(self, article_id: str, start: int) -> _Told:
        article = self._store.article(article_id)
        source = self._store.source(article.source_id) if article else None
        if article is None or source is None:
            raise UserError(
                f"没有编号为“{article_id[:60]}”的文章。",
                "请用 ask 或 search 给出的 article_id；文章也可能已经撤下。",
            )
        article = self._register.listed(article, date.today().isoformat())
        text = article.text[start : start + ARTICLE_CHARS]
        end = start + len(text)
        following = end if end < len(article.text) else None
        head = "\n".join([article.title or source.name, *_about(article), f"来源：{source.name}"])
        more = f"\n\n（全文 {len(article.text)} 字，后面还有；接着读请用 start={end}。）" if following else ""
        data = {
            **_article_json(article),
            "source": source.name,
            "text": text,
            "start": start,
            "end": end,
            "chars": len(article.text),
            "next": following,
        }
        return _Told(f"{inert(head)}\n\n{inert(text)}{more}", data)


def _who(context: ServerRequestContext[Any]) -> str:
    """Who calls, over HTTP; ``""`` over standard input, and without accounts."""
    person = context.request.scope.get("person") if context.request else None
    return person.name if person else ""


def _text(text: str) -> types.TextContent:
    return types.TextContent(type="text", text=text)


def _in_words(error: Exception) -> str:
    if isinstance(error, UserError):
        return f"{error.message}{error.hint}"
    number = secrets.token_hex(3)
    _log.error("error %s", number, exc_info=error)
    return f"程序出错了（编号 {number}）。请重试；如果再次出现，请把编号告诉管理员。"


def _string(arguments: Mapping[str, Any], name: str) -> str:
    value = arguments.get(name)
    if not isinstance(value, str) or not value.strip():
        raise UserError(f"缺少 {name}。", f"请用文字填写 {name}。")
    if len(value) > QUESTION_LIMIT:
        raise UserError(f"{name} 太长了（{len(value)} 字）。", f"请缩短到 {QUESTION_LIMIT} 字以内。")
    return value.strip().encode("utf-8", "replace").decode()


def _number(arguments: Mapping[str, Any], name: str, usual: int, least: int, most: int) -> int:
    value = arguments.get(name, usual)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise UserError(f"{name} 不对。", f"请填写 {least} 到 {most} 之间的整数。")
    return value


def _day(arguments: Mapping[str, Any]) -> str:
    given = arguments.get("as_of") or ""
    try:
        return date.fromisoformat(given).isoformat() if given else ""
    except (TypeError, ValueError):
        raise UserError(f"日期“{str(given)[:40]}”看不懂。", "请写成 2024-05-01 这样的形式。") from None


def _place(found: Find) -> str:
    hit = found.hit
    title = f"《{hit.article.title}》" if hit.article.title else hit.source.name
    return f"{title}{found.label}（文章编号 {hit.article.id}，{hit.source.name} 第 {hit.passage.page} 页）"


def _about(article: Article) -> list[str]:
    """What a reader of the article must know, a line each."""
    said = {
        "发文机关": article.issuer,
        "文号": article.number,
        "作者": "、".join(article.authors),
        "发布日期": article.published_on,
        "施行日期": article.effective_on,
        "失效日期": article.expires_on,
        "效力": "" if article.status == "未知" else article.status,
    }
    return [f"{name}：{value}" for name, value in said.items() if value]


def _article_json(article: Article) -> dict[str, Any]:
    return {
        "article_id": article.id,
        "title": article.title,
        "issuer": article.issuer,
        "number": article.number,
        "authors": list(article.authors),
        "published_on": article.published_on,
        "effective_on": article.effective_on,
        "expires_on": article.expires_on,
        "region": article.region,
        "kind": article.kind,
        "status": article.status,
        "pages": list(article.pages),
    }


async def over_http(server: Server[Any], scope: Any, receive: Any, send: Any) -> None:
    """Serve one request. Each stands alone, whichever process it comes to: there are no sessions to lose.

    Who may ask at all, and from which website, has been decided by the guard before.
    """
    manager = StreamableHTTPSessionManager(server, stateless=True, json_response=True)
    async with manager.run():
        await manager.handle_request(scope, receive, send)


def over_stdio(store: Store, ask: Callable[..., Answer]) -> None:
    """Serve one program over standard input and output until it hangs up; ``ask`` is ``Assistant.ask``."""

    async def asking(question: str, *, as_of: str) -> Answer:
        return await asyncio.to_thread(ask, question, as_of=as_of)

    async def serve() -> None:
        server = Tools(store, asking).server()
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())

    asyncio.run(serve())
