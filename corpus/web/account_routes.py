"""Signing in and out, and one's own account. Plain forms: they work without scripts."""

import asyncio
import hmac
import secrets
from collections.abc import Callable
from html import escape
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from corpus.accounts import passwords
from corpus.accounts.people import People, Person
from corpus.errors import UserError
from corpus.web import look
from corpus.web.access import may
from corpus.web.masthead import Offered, masthead
from corpus.web.plain_page import HEADERS, field, notice, page
from corpus.web.sign_in import cookie_name

#: Bytes of a posted form. Names and passwords are short; the guard lets anyone post to the sign-in page.
_FORM_LIMIT = 20_000
#: Comparing a password takes 64 MB and a quarter of a second, on purpose.
_AT_ONCE = 2


def routes(people: People, offered: Offered) -> list[Route]:
    """What everybody may reach: the sign-in page, signing out, the account of whoever is signed in."""
    desk = _Desk(people, offered)
    return [
        Route("/look.css", _look, methods=["GET"]),
        Route("/sign-in", desk.form, methods=["GET"]),
        Route("/sign-in", desk.sign_in, methods=["POST"]),
        Route("/sign-out", desk.sign_out, methods=["POST"]),
        Route("/account", lambda _: RedirectResponse("account/"), methods=["GET"]),
        Route("/account/", desk.account, methods=["GET"]),
        Route("/account/", desk.change_password, methods=["POST"]),
    ]


class Form(NamedTuple):
    """A posted form: the last value of each field, and all values of those that may be ticked."""

    fields: dict[str, str]
    ticked: frozenset[tuple[str, str]]


async def posted(request: Request) -> Form:
    """The fields of a form. Raises ``UserError`` where it is longer than any of ours can be."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _FORM_LIMIT:
            raise UserError("提交的内容太长了。", "请缩短后再试。")
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return Form(dict(pairs), frozenset(pairs))


def address(request: Request) -> str:
    """Where a request comes from, as far as the server knows."""
    return request.client.host if request.client else ""


class _Desk:
    def __init__(self, people: People, offered: Offered) -> None:
        self._people = people
        self._offered = offered
        self._comparing = asyncio.Semaphore(_AT_ONCE)

    # -- signing in and out -----------------------------------------------------------------

    async def form(self, request: Request) -> Response:
        """The sign-in page; whoever is signed in already goes on at once."""
        wanted = request.query_params.get("next", "")
        if not self._people.exist():
            return self._answer("登录", _NOBODY, here="/sign-in", request=request)
        person = self._who(request)
        if person:
            return RedirectResponse(self._safe(wanted, person), 303)
        return self._form(request, wanted)

    def _form(
        self, request: Request, wanted: str, name: str = "", said: UserError | str = "", status: int = 200
    ) -> Response:
        ticket = request.cookies.get(self._ticket) or secrets.token_urlsafe(24)
        first, second = ("", " autofocus") if name else (" autofocus", "")
        body = (
            f'<div class="narrow"><h2>登录</h2>{notice(said)}<form method="post" action="sign-in">'
            f'<input type="hidden" name="ticket" value="{escape(ticket)}">'
            f'<input type="hidden" name="next" value="{escape(wanted)}">'
            + field(
                "用户名", "name", value=name, more='autocomplete="username" required maxlength="80"' + first
            )
            + field(
                "密码", "password", kind="password", more='autocomplete="current-password" required' + second
            )
            + '<button class="main" type="submit">登录</button></form>'
            '<p class="soft">没有账号，或者忘记了密码：请找管理员。</p></div>'
        )
        answer = self._answer("登录", body, here="/sign-in", request=request, status=status)
        # Strict: a form that another website posts comes without it.
        _set(answer, request, self._ticket, ticket, "strict")
        return answer

    async def sign_in(self, request: Request) -> Response:
        """Compare name and password; a new session takes the place of the one held before."""
        given = {"name": "", "next": ""}
        try:
            given |= (await posted(request)).fields
            ticket = request.cookies.get(self._ticket, "")
            if not ticket or not hmac.compare_digest(ticket.encode(), given.get("ticket", "").encode()):
                raise UserError("登录页已经失效。", "请再试一次；如果还是这样，请允许浏览器保存 Cookie。")
            token = await self._compared(
                lambda: self._people.sign_in(
                    given["name"],
                    given.get("password", ""),
                    address=address(request),
                    token=request.cookies.get(cookie_name(self._people), ""),
                )
            )
        except UserError as error:
            return self._form(request, given["next"], given["name"][:80], error, 400)
        person = self._people.find(given["name"])
        answer = RedirectResponse(self._safe(given["next"], person), 303)
        _set(answer, request, cookie_name(self._people), token)
        answer.delete_cookie(self._ticket, path="/")
        return answer

    async def sign_out(self, request: Request) -> Response:
        """End the session, here and now."""
        name = cookie_name(self._people)
        await run_in_threadpool(self._people.sign_out, request.cookies.get(name, ""))
        answer = RedirectResponse("./sign-in", 303)
        answer.delete_cookie(name, path="/")
        return answer

    # -- one's own account ------------------------------------------------------------------

    async def account(self, request: Request, said: UserError | str = "") -> Response:
        """Who one is, what one may do, and a form for another password."""
        person: Person | None = request.scope["person"]
        if person is None:
            return self._answer("我的账号", _NOBODY, here="/account/", request=request)
        body = (
            f'<div class="narrow"><h2>我的账号</h2>{notice(said)}'
            f"<p>用户名：{escape(person.name)}<br>角色：{escape(person.title)}</p><h3>修改密码</h3>"
            '<form method="post" action="./">'
            f'<input type="hidden" name="username" value="{escape(person.name)}" autocomplete="username">'
            + field("现在的密码", "old", kind="password", more='autocomplete="current-password" required')
            + new_password_fields()
            + '<button class="main" type="submit">修改密码</button></form>'
            '<p class="soft">修改后，您在其他电脑和浏览器上的登录都会结束。</p></div>'
        )
        status = 400 if isinstance(said, UserError) else 200
        return self._answer("我的账号", body, here="/account/", request=request, status=status)

    async def change_password(self, request: Request) -> Response:
        """Change the password; this browser stays signed in, all others do not."""
        person: Person | None = request.scope["person"]
        if person is None:
            return await self.account(request)
        name = person.name
        try:
            given = (await posted(request)).fields
            old, new = given.get("old", ""), same_twice(given)
            place = address(request)

            def change() -> str:
                self._people.change_password(name, old, new, address=place)
                return self._people.sign_in(name, new, address=place)

            token = await self._compared(change)
        except UserError as error:
            return await self.account(request, error)
        answer = await self.account(request, "密码已经修改。")
        _set(answer, request, cookie_name(self._people), token)
        return answer

    # -- inside -----------------------------------------------------------------------------

    @property
    def _ticket(self) -> str:
        return f"{cookie_name(self._people)}_form"

    async def _compared(self, compare: Callable[[], str]) -> str:
        async with self._comparing:
            return await run_in_threadpool(compare)

    def _who(self, request: Request) -> Person | None:
        person: Person | None = request.scope.get("person")
        return person

    def _answer(self, title: str, body: str, *, here: str, request: Request, status: int = 200) -> Response:
        person, alone = self._who(request), not self._people.exist()
        head = masthead(self._offered, here, person, alone=alone)
        return HTMLResponse(page(title, body, here=here, head=head), status, headers=HEADERS)

    def _safe(self, wanted: str, person: Person | None) -> str:
        """Where to go: a page of ours that this person may see, else the first one; relative to /sign-in."""
        path = urlsplit(f"./{wanted}").path.removeprefix(".")
        parts = path.split("/")
        ours = person and may(person, path) and "gradio_api" not in parts and ".." not in parts
        printable = wanted.isprintable() and "\\" not in wanted
        return f"./{wanted}" if ours and printable and parts[1] not in ("sign-in", "sign-out") else "./"


def new_password_fields() -> str:
    """Two inputs for a new password, with what is asked of it."""
    hint = f"至少 {passwords.SHORTEST} 个字符，例如几个不相干的词的拼音；不要只用数字，不要包含用户名。"
    more = f'autocomplete="new-password" required minlength="{passwords.SHORTEST}" maxlength="{passwords.LONGEST}"'
    return field("新密码", "new", kind="password", hint=hint, more=more) + field(
        "再输一遍新密码", "again", kind="password", more=more
    )


def same_twice(given: dict[str, str]) -> str:
    """The new password. Raises ``UserError`` where it was not typed the same way twice."""
    new = given.get("new", "")
    if new != given.get("again", ""):
        raise UserError("两次输入的新密码不一样。", "请重新输入。")
    return new


_NOBODY = (
    "<h2>还没有账号</h2><p>现在不用登录，只有在这台电脑上可以打开。要让别人也能用，请在命令行添加第一位管理员：</p>"
    "<p><code>python -m corpus people add 姓名 --role admin</code></p>"
)


async def _look(request: Request) -> Response:
    return Response(look.PLAIN_CSS, media_type="text/css", headers={"cache-control": "no-cache"})


def _set(answer: Response, request: Request, name: str, value: str, site: str = "lax") -> None:
    secure = request.url.scheme == "https"
    answer.set_cookie(
        name,
        value,
        path="/",
        httponly=True,
        secure=secure,
        samesite="strict" if site == "strict" else "lax",
    )
