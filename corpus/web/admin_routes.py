"""管理: what only administrators do: people, roles, passwords, API keys, what is kept of questions. Plain forms."""

from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route, get_route_path

from corpus.accounts.keys import Added
from corpus.accounts.people import ROLES, Person
from corpus.errors import UserError
from corpus.web import encoder_section, keys_section
from corpus.web.account_routes import Form, new_password_fields, posted, same_twice
from corpus.web.masthead import Offered, masthead
from corpus.web.plain_page import HEADERS, field, notice, page

if TYPE_CHECKING:
    from corpus.store import Store

#: Without accounts: who sits at this machine.
_LOCAL = "网页"
#: What was done, as the page says it after it was. The name of whom it was done to goes before it.
_DONE = {
    "add": "：已经添加。请把用户名和密码告诉本人，并请他（她）登录后修改密码。",
    "roles": "：角色已经更改。",
    "password": "：密码已经重设，原来的登录都已结束。",
    "disable": "：账号已经停用，登录都已结束。",
    "enable": "：账号已经启用。",
    "end": "：登录都已结束。",
    "revoke": "：密钥已经撤销，用它的程序再也不能访问。",
    "settings": "设置已经保存。",
    "encoder": "已经开始换向量模型，进度在下面。",
}
#: What is done to nobody by name.
_OF_NOBODY = ("settings", "encoder")


def routes(store: "Store", offered: Offered, more: Sequence[tuple[str, str]] = ()) -> list[Route]:
    """The administrators' pages; ``more`` are further ones below /admin/: address and name."""
    desk = _Desk(store, offered, more)
    return [
        Route("/admin", lambda _: RedirectResponse("admin/"), methods=["GET"]),
        Route("/admin/", desk.show, methods=["GET"]),
        Route("/admin/people", desk.change_people, methods=["POST"]),
        Route("/admin/keys", desk.add_key, methods=["POST"]),
        Route("/admin/revoke", desk.revoke_key, methods=["POST"]),
        Route("/admin/encoder", desk.change_encoder, methods=["POST"]),
        Route("/admin/settings", desk.change_settings, methods=["POST"]),
    ]


class _Desk:
    def __init__(self, store: "Store", offered: Offered, more: Sequence[tuple[str, str]]) -> None:
        self._store = store
        self._offered = offered
        self._more = more
        self._change_of_encoder = encoder_section.Change(store)

    async def show(
        self, request: Request, said: UserError | str = "", added: Added | None = None
    ) -> Response:
        """The page. ``said`` is what just happened, ``added`` a key that was just made: it is told now or never."""
        done, name = (request.query_params.get(key, "") for key in ("done", "name"))
        if not said and not added and done in _DONE and self._there_is(done, name):
            said = name + _DONE[done]
        alone = not self._store.people.exist()
        adding = get_route_path(request.scope) if isinstance(said, UserError) else ""
        links = "".join(f'<li><a href="{escape(at)}">{escape(name)}</a></li>' for at, name in self._more)
        body = (
            notice(said)
            + (keys_section.told_once(added) if added else "")
            + (f"<section><ul>{links}</ul></section>" if links else "")
            + (_FIRST if alone else self._people(adding=adding == "/admin/people"))
            + (
                ""
                if alone
                else keys_section.section(self._store.keys.all(), _roles, adding=adding == "/admin/keys")
            )
            + self._settings()
            + encoder_section.section(self._store, self._change_of_encoder)
        )
        head = masthead(self._offered, "/admin/", request.scope["person"], alone=alone)
        status = 400 if isinstance(said, UserError) else 200
        return HTMLResponse(page("管理", body, here="/admin/", head=head), status, headers=HEADERS)

    async def change_people(self, request: Request) -> Response:
        """Whatever is done to an account: the field ``do`` says what."""
        return await self._done(request, self._change)

    async def add_key(self, request: Request) -> Response:
        """A new key. It is shown with this answer and never again."""
        try:
            form = await posted(request)
            added = await run_in_threadpool(self._add_key, form, self._who(request))
        except UserError as error:
            return await self.show(request, error)
        return await self.show(request, added=added)

    async def revoke_key(self, request: Request) -> Response:
        """A key is good no longer."""
        return await self._done(request, self._revoke_key)

    async def change_settings(self, request: Request) -> Response:
        """What is kept of questions."""
        return await self._done(request, self._keep)

    async def change_encoder(self, request: Request) -> Response:
        """Another encoder; it takes its time, and the page shows how far it is."""
        return await self._done(request, self._begin_encoder)

    async def _done(self, request: Request, change: Callable[[Form, str], str]) -> Response:
        """Do it, and show the page again; anew, so that a reload does not do it twice."""
        try:
            form = await posted(request)
            done = await run_in_threadpool(change, form, self._who(request))
        except UserError as error:
            return await self.show(request, error)
        name = form.fields.get("name", "") if done not in _OF_NOBODY else ""
        return RedirectResponse(f"./?{urlencode({'done': done, 'name': name})}", 303)

    def _change(self, form: Form, who: str) -> str:
        people, given = self._store.people, form.fields
        if not people.exist():
            raise UserError(
                "第一位管理员要在命令行添加。", "请运行 python -m corpus people add 姓名 --role admin。"
            )
        name, do, roles = given.get("name", ""), given.get("do", ""), _ticked_roles(form)
        if do == "add":
            people.add(name, roles, same_twice(given), who=who)
        elif do == "roles":
            people.set_roles(name, roles, who=who)
        elif do == "password":
            people.set_password(name, same_twice(given), who=who)
        elif do in ("disable", "enable"):
            people.set_active(name, do == "enable", who=who)
        elif do == "end":
            people.end_sessions(name, who=who)
        else:
            raise UserError("没有这种操作。", "请刷新页面后再试。")
        return do

    def _add_key(self, form: Form, who: str) -> Added:
        name, days = form.fields.get("name", ""), form.fields.get("days", "")
        number = int(days) if days.isascii() and days.isdigit() and len(days) < 6 else -1
        return self._store.keys.add(name, _ticked_roles(form), days=number, who=who)

    def _revoke_key(self, form: Form, who: str) -> str:
        self._store.keys.revoke(form.fields.get("name", ""), who=who)
        return "revoke"

    def _begin_encoder(self, form: Form, who: str) -> str:
        self._change_of_encoder.begin(form.fields.get("encoder", ""), who)
        return "encoder"

    def _keep(self, form: Form, who: str) -> str:
        days = form.fields.get("days", "")
        number = int(days) if days.isascii() and days.isdigit() and len(days) < 6 else 0
        self._store.asked.keep(names=("names", "1") in form.ticked, days=number, who=who)
        return "settings"

    # -- what is shown ------------------------------------------------------------------------

    @staticmethod
    def _who(request: Request) -> str:
        person: Person | None = request.scope["person"]
        return person.name if person else _LOCAL

    def _there_is(self, done: str, name: str) -> bool:
        """Whether what a link says was done was done to somebody or something there is."""
        if done == "revoke":
            return any(key.name == name and key.revoked_at for key in self._store.keys.all())
        return done in _OF_NOBODY or self._store.people.find(name) is not None

    def _people(self, *, adding: bool) -> str:
        people = self._store.people.everyone()
        listed = "".join(map(_person, people))
        added = (
            f'<details class="person"{" open" if adding else ""}><summary><b>添加人员……</b></summary>'
            '<div class="acts"><form method="post" action="people" autocomplete="off">'
            + field(
                "用户名",
                "name",
                hint="例如姓名。以后不能更改。",
                more='required maxlength="40" autocomplete="off"',
            )
            + _roles(frozenset())
            + new_password_fields()
            + '<button class="main" name="do" value="add">添加</button></form></div></details>'
        )
        return f"<section><h2>人员（{len(people)}）</h2>{listed}{added}</section>"

    def _settings(self) -> str:
        asked = self._store.asked
        ticked = " checked" if asked.names_kept else ""
        return (
            '<section><h2>提问记录</h2><p class="soft">“统计”页用它数问了什么、答上了多少。默认不记提问人。</p>'
            '<form method="post" action="settings">'
            + field(
                "保留天数",
                "days",
                kind="number",
                value=str(asked.days_kept),
                more='min="1" max="3650" required',
            )
            + f'<p class="tick"><label><input type="checkbox" name="names" value="1"{ticked}>'
            "<span>记下提问人的用户名（打开前请告知大家；关闭后，已记下的会抹去）</span></label></p>"
            '<button class="main">保存设置</button></form></section>'
        )


def _person(person: Person) -> str:
    """One account: who, what, since when, and what can be done to it."""
    name = f'<input type="hidden" name="name" value="{escape(person.name)}">'
    start = f'<form method="post" action="people" autocomplete="off">{name}'
    last = f"上次登录 {person.signed_in_at[:16].replace('T', ' ')}" if person.signed_in_at else "从未登录"
    here = f"，现在 {person.sessions} 处登录" if person.sessions else ""
    state = last + here if person.active else "已停用"
    turn = '<button name="do" value="disable" class="risky">停用账号</button>'
    if not person.active:
        turn = '<button name="do" value="enable">启用账号</button>'
    return (
        f'<details class="person{"" if person.active else " off"}"><summary><b>{escape(person.name)}</b>'
        f"<span>{person.title}</span><span>{state}</span></summary>"
        f'<div class="acts">{start}{_roles(person.roles)}<button name="do" value="roles">更改角色</button></form>'
        f'{start}{new_password_fields()}<button name="do" value="password">重设密码</button></form>'
        f'{start}<button name="do" value="end">结束全部登录</button> {turn}</form></div></details>'
    )


def _ticked_roles(form: Form) -> list[str]:
    return [value for key, value in form.ticked if key == "role"]


def _roles(held: frozenset[str]) -> str:
    """Boxes to tick. 干部 is everybody, so there is no box for it; 管理员 is all."""
    told = {"trainer": "培训（测评）", "office": "办公室（资料库）", "admin": "管理员（全部）"}
    shown = {"admin"} if "admin" in held else held
    boxes = "".join(
        f'<label><input type="checkbox" name="role" value="{role}"{" checked" if role in shown else ""}>'
        f"<span>{told[role]}</span></label>"
        for role in ROLES
        if role in told
    )
    return f"<fieldset><legend>除了提问，还可以</legend>{boxes}</fieldset>"


_FIRST = (
    "<section><h2>人员</h2><p>还没有账号：不用登录，只有在这台电脑上可以打开。要让别人也能用，"
    "请在这台电脑的命令行添加第一位管理员：</p>"
    "<p><code>python -m corpus people add 姓名 --role admin</code></p></section>"
)
