"""``python -m corpus people``: accounts on the command line, the first administrator's above all."""

import argparse
import getpass
import sys
from collections.abc import Sequence
from typing import Any

from corpus.accounts.people import ROLES, People, Person, roles_called
from corpus.errors import UserError

_WHO = "命令行"


def describe(parser: argparse.ArgumentParser, shared: Sequence[argparse.ArgumentParser]) -> None:
    """Give the parser what can be done to accounts; each also takes the ``shared`` flags."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="做什么")

    def act(name: str, help_: str, *, named: bool = True) -> argparse.ArgumentParser:
        added = acts.add_parser(name, parents=list(shared), help=help_, description=help_)
        if named:
            added.add_argument("name", metavar="用户名")
        return added

    act("list", "列出所有账号", named=False)
    given = f"角色，可以写多次：{'、'.join(f'{role}（{word}）' for role, word in ROLES.items())}"
    stdin = "从标准输入读密码（第一行），不询问"
    for name, help_ in (("add", "添加账号；第一个必须是管理员"), ("roles", "更改角色")):
        act(name, help_).add_argument("--role", action="append", default=[], metavar="角色", help=given)
    act("password", "重设密码，并结束原来的登录")
    act("disable", "停用账号，并结束它的登录")
    act("enable", "启用账号，并忘掉输错的次数")
    for name in ("add", "password"):
        acts.choices[name].add_argument("--password-stdin", action="store_true", help=stdin)


def run(given: argparse.Namespace, people: People) -> tuple[Any, str]:
    """Do what was asked for; what is said of it, for programs and for people."""
    if given.act == "list":
        everyone = people.everyone()
        lines = [f"{p.name}\t{p.title}{'' if p.active else '（已停用）'}" for p in everyone]
        return [_json(person) for person in everyone], "\n".join(lines) or "还没有账号。"
    if given.act == "add":
        added = people.add(given.name, roles_called(given.role), _password(given), who=_WHO)
        return _json(added), f"已添加 {added.name}，角色：{added.title}。"
    if given.act == "roles":
        changed = people.set_roles(given.name, roles_called(given.role), who=_WHO)
        return _json(changed), f"{changed.name} 的角色现在是：{changed.title}。"
    if given.act == "password":
        people.check(given.name)
        people.set_password(given.name, _password(given), who=_WHO)
        return {"name": given.name}, f"{given.name} 的密码已经重设，原来的登录都已结束。"
    people.set_active(given.name, given.act == "enable", who=_WHO)
    return {"name": given.name}, f"{given.name} 已{'启用' if given.act == 'enable' else '停用'}。"


def _password(given: argparse.Namespace) -> str:
    """From the first line of standard input, or asked for twice without showing it."""
    if given.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass("密码（输入时不显示）：")
    if getpass.getpass("再输一遍：") != first:
        raise UserError("两次输入的密码不一样。", "请再运行一次。")
    return first


def _json(person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "roles": [role for role in ROLES if role in person.roles],
        "active": person.active,
        "created_at": person.created_at,
        "signed_in_at": person.signed_in_at,
        "sessions": person.sessions,
    }
