"""``python -m corpus keys``: API keys on the command line."""

import argparse
from collections.abc import Sequence
from typing import Any

from corpus.accounts.keys import USUAL_DAYS, Key, Keys, until
from corpus.accounts.people import ROLES, roles_called

_WHO = "命令行"


def describe(parser: argparse.ArgumentParser, shared: Sequence[argparse.ArgumentParser]) -> None:
    """Give the parser what can be done to keys; each also takes the ``shared`` flags."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="做什么")

    def act(name: str, help_: str) -> argparse.ArgumentParser:
        return acts.add_parser(name, parents=list(shared), help=help_, description=help_)

    act("list", "列出所有密钥：名称、角色、有效期、上次使用（不含密钥本身）")
    add = act("add", "添加密钥；密钥只显示这一次")
    add.add_argument("name", metavar="名称", help="例如使用它的系统")
    add.add_argument(
        "--role",
        action="append",
        default=[],
        metavar="角色",
        help=f"可以写多次，默认只能提问：{'、'.join(f'{role}（{word}）' for role, word in ROLES.items())}",
    )
    add.add_argument(
        "--days",
        type=int,
        default=USUAL_DAYS,
        metavar="天数",
        help="有效天数（默认 %(default)s；0 为不过期）",
    )
    act("revoke", "撤销密钥，立即生效").add_argument("name", metavar="名称")


def run(given: argparse.Namespace, keys: Keys) -> tuple[Any, str]:
    """Do what was asked for; what is said of it, for programs and for people."""
    if given.act == "list":
        every = keys.all()
        return [_json(key) for key in every], "\n".join(map(_line, every)) or "还没有密钥。"
    if given.act == "add":
        key, secret = keys.add(given.name, roles_called(given.role), days=given.days, who=_WHO)
        told = f"已添加密钥 {key.name}，角色：{key.person.title}，{until(key)}。密钥只显示这一次，请妥善保存：\n{secret}"
        return {**_json(key), "secret": secret}, told
    revoked = keys.revoke(given.name, who=_WHO)
    return {"name": revoked.name}, f"密钥 {revoked.name}（{revoked.shown}…）已撤销。"


def _line(key: Key) -> str:
    used = f"上次使用 {key.used_at[:16].replace('T', ' ')}" if key.used_at else "从未使用"
    state = until(key) if key.state == "有效" else key.state
    return "\t".join((key.name, f"{key.shown}…", key.person.title, state, used))


def _json(key: Key) -> dict[str, Any]:
    return {
        "name": key.name,
        "begins": key.shown,
        "roles": [role for role in ROLES if role in key.person.roles],
        "state": {"有效": "valid", "已过期": "expired", "已撤销": "revoked"}[key.state],
        "ends_on": key.ends_on,
        "created_at": key.created_at,
        "created_by": key.created_by,
        "used_at": key.used_at,
        "revoked_at": key.revoked_at,
    }
