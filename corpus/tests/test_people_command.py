"""``python -m corpus people``, as whoever sets the program up meets it."""

import io
import json

import argon2
import pytest

from corpus.__main__ import main
from corpus.accounts import passwords
from corpus.store import Store
from corpus.tests.test_people import BETTER, GOOD


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(passwords, "_hasher", argon2.PasswordHasher(1, 8, 1))

    def run(*arguments, typed=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = main(["people", *arguments, "--store", str(tmp_path / "store")])
        return code, *capsys.readouterr()

    return run


def test_the_first_administrator_may_come_before_the_first_start(run, tmp_path):
    assert run("list") == (0, "还没有账号。\n", "")
    added = run("add", "林主任", "--role", "管理员", "--password-stdin", typed=f"{GOOD}\r\n另一行")
    assert added == (0, "已添加 林主任，角色：管理员。\n", "")
    run("add", "周小满", "--role", "office", "--role", "trainer", "--password-stdin", typed=GOOD)
    assert run("list")[1] == "周小满\t培训、办公室\n林主任\t管理员\n"
    listed = json.loads(run("list", "--json")[1])
    assert [(one["name"], one["roles"]) for one in listed] == [
        ("周小满", ["cadre", "trainer", "office"]),
        ("林主任", ["cadre", "trainer", "office", "admin"]),
    ]
    with Store.open(tmp_path / "store") as store:
        assert store.revision == 0  # so that the first start still fills the store
        assert store.people.session(store.people.sign_in("林主任", GOOD, address="127.0.0.1"))


def test_accounts_are_changed_and_whatever_is_wrong_is_said(run):
    run("add", "林主任", "--role", "admin", "--password-stdin", typed=GOOD)
    run("add", "周小满", "--password-stdin", typed=GOOD)
    assert run("roles", "周小满", "--role", "办公室")[1] == "周小满 的角色现在是：办公室。\n"
    assert run("password", "周小满", "--password-stdin", typed=BETTER)[0] == 0
    assert run("disable", "周小满")[1] == "周小满 已停用。\n"
    assert run("list")[1] == "林主任\t管理员\n周小满\t办公室（已停用）\n"
    assert run("enable", "周小满")[1] == "周小满 已启用。\n"
    assert run("disable", "林主任") == (1, "", "这是最后一位管理员。请先让另一位当管理员，再改动这个账号。\n")
    assert run("disable", "没有此人")[2].startswith("没有叫“没有此人”的账号。")
    assert run("add", "周小满", "--password-stdin", typed=GOOD)[2].startswith("已经有叫“周小满”的账号了。")
    assert run("add", "江培训", "--role", "root", "--password-stdin", typed=GOOD)[0] == 1
    assert run("add", "江培训", "--password-stdin", typed="")[2].startswith("密码太短")


def test_a_password_is_asked_for_twice(run, monkeypatch):
    typed = iter([GOOD, BETTER, GOOD, GOOD])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))
    assert run("add", "林主任", "--role", "admin")[2] == "两次输入的密码不一样。请再运行一次。\n"
    assert run("add", "林主任", "--role", "admin")[0] == 0
