"""``python -m corpus keys``, as whoever connects another program meets it."""

import json
import re

import argon2
import pytest

from corpus.__main__ import main
from corpus.accounts import passwords
from corpus.store import Store
from corpus.tests.test_people import GOOD


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(passwords, "_hasher", argon2.PasswordHasher(1, 8, 1))

    def run(*arguments):
        code = main(["keys", *arguments, "--store", str(tmp_path / "store")])
        return code, *capsys.readouterr()

    return run


def test_there_are_no_keys_before_there_are_accounts(run, tmp_path):
    assert run("list")[2].startswith("这里没有资料库：")
    with Store.open(tmp_path / "store"):
        pass
    assert run("list") == (0, "还没有密钥。\n", "")
    assert run("add", "报表系统")[:1] == (1,)
    assert "还没有账号：只在本机使用，不需要密钥。" in run("add", "报表系统")[2]


def test_a_key_is_added_shown_once_listed_and_revoked(run, tmp_path):
    with Store.open(tmp_path / "store") as store:
        store.people.add("林主任", ["admin"], GOOD, who="命令行")
    code, said, _ = run("add", "报表系统", "--role", "办公室", "--days", "0")
    told, secret, end = said.split("\n")
    assert (code, end) == (0, "")
    assert told == "已添加密钥 报表系统，角色：办公室，不过期。密钥只显示这一次，请妥善保存："
    assert re.fullmatch(r"uq_[\w-]{43}", secret)
    assert run("list")[1] == f"报表系统\t{secret[:7]}…\t办公室\t不过期\t从未使用\n"
    other = json.loads(run("add", "问答网页", "--json")[1])
    assert (other["roles"], other["state"], other["secret"][:7]) == (["cadre"], "valid", other["begins"])
    with Store.open(tmp_path / "store") as store:
        assert [store.keys.find(one).name for one in (secret, other["secret"])] == ["报表系统", "问答网页"]
    assert run("revoke", "报表系统")[1] == f"密钥 报表系统（{secret[:7]}…）已撤销。\n"
    assert run("revoke", "报表系统")[::2] == (
        1,
        "没有叫“报表系统”的密钥。请用 python -m corpus keys list 查看有哪些密钥。\n",
    )
    listed = json.loads(run("list", "--json")[1])
    assert [(one["name"], one["state"]) for one in listed] == [("问答网页", "valid"), ("报表系统", "revoked")]
    assert secret not in json.dumps(listed)
    assert run("list")[1].splitlines()[1].split("\t")[3] == "已撤销"
