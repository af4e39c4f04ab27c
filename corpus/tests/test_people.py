"""Accounts, sessions, lock-out: what holds whatever page asks."""

import sqlite3

import argon2
import pytest

from corpus.accounts import passwords
from corpus.accounts.lockout import ACCOUNT, ADDRESS
from corpus.accounts.people import IDLE_S, LONGEST_S, NOTED_S, People, Person
from corpus.errors import UserError
from corpus.testing import make_store

GOOD = "huaishu shidengzi 7"
BETTER = "danche Shideng jiu"


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    """Hashing that costs nothing: its cost is not what is tested."""
    monkeypatch.setattr(passwords, "_hasher", argon2.PasswordHasher(1, 8, 1))
    passwords.nobody.cache_clear()


class Clock:
    def __init__(self):
        self.s = 1_000_000.0

    def __call__(self):
        return self.s


@pytest.fixture
def store(tmp_path):
    with make_store(tmp_path) as store:
        yield store


@pytest.fixture
def people(store):
    people = People(store._catalogue, Clock())
    people.add("林主任", ["admin"], GOOD, who="命令行")
    people.add("周小满", ["cadre"], GOOD, who="林主任")
    return people


def refused(act, *given, **named) -> str:
    with pytest.raises(UserError) as raised:
        act(*given, **named)
    return raised.value.message


def sign_in(people, name="周小满", password=GOOD, address="10.0.0.7", token=""):
    return people.sign_in(name, password, address=address, token=token)


# -- accounts -----------------------------------------------------------------------------


def test_roles_follow_from_roles(people):
    people.add("江培训", ["trainer", "office"], GOOD, who="林主任")
    assert [(p.name, sorted(p.roles), p.title) for p in people.everyone()] == [
        ("周小满", ["cadre"], "干部"),
        ("林主任", ["admin", "cadre", "office", "trainer"], "管理员"),
        ("江培训", ["cadre", "office", "trainer"], "培训、办公室"),
    ]


def test_the_first_account_is_an_administrators(tmp_path):
    with make_store(tmp_path) as store:
        assert not store.people.exist()
        assert refused(store.people.add, "周小满", ["cadre"], GOOD, who="命令行") == "还没有管理员。"
        assert not store.people.exist()


def test_the_last_administrator_stays(people):
    last = "这是最后一位管理员。"
    assert refused(people.set_roles, "林主任", ["office"], who="林主任") == last
    assert refused(people.set_active, "林主任", False, who="林主任") == last
    assert people.find("林主任").title == "管理员"
    people.set_roles("周小满", ["admin"], who="林主任")
    people.set_active("林主任", False, who="周小满")
    assert refused(people.set_active, "周小满", False, who="周小满") == last


@pytest.mark.parametrize(
    "name", ["", "  ", "甲" * 41, "周\n小满", "周\u202e小满", "命令行", "周 小满", "周小满"]
)
def test_a_name_is_short_seen_and_nobody_elses(people, name):
    refused(people.add, name, ["cadre"], GOOD, who="林主任")
    assert len(people.everyone()) == 2


def test_a_role_that_is_none_is_refused(people):
    assert refused(people.set_roles, "周小满", ["root"], who="林主任") == "没有“root”这种角色。"


@pytest.mark.parametrize(
    ("password", "wrong"),
    [
        ("短密码", "密码太短"),
        ("x" * 201, "密码太长"),
        ("我是周小满我是周小满", "用户名"),
        ("ＡＢ周小满ＣＤＥＦＧＨ", "用户名"),
        ("20250402123", "只用数字"),
        ("１３８１２３４５６７８", "只用数字"),
        ("abcabcabcabcabc", "太容易"),
        ("qwertyuiopasdf", "太容易"),
        ("Password2025!", "太容易"),
        ("工会工会工会工会工会", "太容易"),
        ("!!!!!!!!!!!!", "太容易"),
    ],
)
def test_a_password_that_is_guessed_is_refused_in_a_sentence(password, wrong):
    assert wrong in passwords.problem(password, "周小满")


@pytest.mark.parametrize("password", [GOOD, "correct horse battery", "4817-2290-5563-01", "Tr4m&Regen#9z"])
def test_a_password_that_is_not_guessed_will_do(password):
    assert passwords.problem(password, "周小满") == ""


def test_what_is_kept_cannot_sign_in(people, store):
    token = sign_in(people)
    file = sqlite3.connect(store.directory / "catalogue.sqlite")
    held = "\n".join(file.iterdump())
    file.close()
    assert GOOD not in held
    assert token not in held
    assert held.count("$argon2id$") == 2


def test_full_width_letters_of_an_input_method_are_letters(people):
    people.set_password("周小满", "Regen auf 9 Dächern", who="林主任")
    assert people.session(sign_in(people, password="Ｒegen auf ９ Dächern"))


# -- sessions -----------------------------------------------------------------------------


def test_a_session_is_whoever_signed_in_until_they_sign_out(people):
    token = sign_in(people, "周 小满")
    assert people.session(token).person.name == "周小满"
    people.sign_out(token)
    assert people.session(token) is None
    assert people.session("") is None


def test_each_sign_in_has_a_token_of_its_own_and_ends_the_one_before(people):
    first = sign_in(people)
    second = sign_in(people, token=first)
    assert first != second
    assert (people.session(first), people.session(second).person.name) == (None, "周小满")


def test_a_session_ends_after_hours_without_a_request_and_after_days_in_any_case(people):
    token = sign_in(people)
    people._clock.s += IDLE_S - 1
    assert people.session(token).to_note
    people.note(token)
    people._clock.s += NOTED_S
    assert not people.session(token).to_note
    people._clock.s += IDLE_S
    assert people.session(token) is None
    token = sign_in(people)
    while people._clock.s < 1_000_000 + LONGEST_S + 2 * IDLE_S + 100:
        people._clock.s += IDLE_S / 2
        people.note(token)
    assert people.session(token) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda people: people.set_password("周小满", BETTER, who="林主任"),
        lambda people: people.change_password("周小满", GOOD, BETTER, address="10.0.0.7"),
        lambda people: people.set_active("周小满", False, who="林主任"),
        lambda people: people.end_sessions("周小满", who="林主任"),
    ],
)
def test_all_sessions_end_when_the_password_or_the_account_goes(people, change):
    tokens = [sign_in(people), sign_in(people), sign_in(people, "林主任")]
    change(people)
    assert [people.session(token) is not None for token in tokens] == [False, False, True]


def test_a_role_that_is_taken_away_is_gone_at_the_next_request(people):
    people.set_roles("周小满", ["office"], who="林主任")
    token = sign_in(people)
    people.set_roles("周小满", [], who="林主任")
    assert people.session(token).person.roles == {"cadre"}


def test_a_disabled_account_does_not_sign_in_and_tells_only_who_knows_the_password(people):
    people.set_active("周小满", False, who="林主任")
    assert refused(sign_in, people, password="猜一猜猜一猜猜一猜") == "用户名或密码不正确。"
    assert refused(sign_in, people) == "这个账号已停用。"
    people.set_active("周小满", True, who="林主任")
    assert people.session(sign_in(people))


def test_a_weaker_hash_becomes_a_stronger_one_at_sign_in(people, monkeypatch):
    before = people._password(2)
    monkeypatch.setattr(passwords, "_hasher", argon2.PasswordHasher(2, 8, 1))
    sign_in(people)
    assert people._password(2) != before
    assert people.session(sign_in(people))


# -- guessing -------------------------------------------------------------------------------


def test_an_unknown_name_costs_as_many_comparisons_as_a_known_one(people, monkeypatch):
    compared = []
    real = passwords._hasher.verify

    class Counting(argon2.PasswordHasher):
        def verify(self, *given):
            compared.append(given[0])
            return real(*given)

    monkeypatch.setattr(passwords, "_hasher", Counting(1, 8, 1))
    assert refused(sign_in, people, "没有此人") == refused(sign_in, people, password="不对的密码不对")
    assert len(compared) == 2
    assert compared[0] == passwords.nobody()


def test_guessing_waits_longer_and_longer_even_with_the_right_password_then(people):
    waits = []
    for _ in range(ACCOUNT.free + 7):
        assert refused(sign_in, people, password="不对的密码不对") == "用户名或密码不正确。"
        start = people._clock.s
        while True:
            try:
                people._lockout._refuse(people._catalogue.connection(), *_subjects())
                break
            except UserError:
                people._clock.s += 30
        waits.append(people._clock.s - start)
    assert waits[: ACCOUNT.free] == [0, 0, 0, 0, 30]
    assert waits[ACCOUNT.free :] == [60, 120, 240, 480, 900, 900, 900]
    refused(sign_in, people, password="不对的密码不对")
    assert refused(sign_in, people) == "密码输错的次数太多，暂时不能登录。"


def _subjects():
    from corpus.accounts import lockout

    return (lockout._account("周小满"),)


def test_a_right_password_clears_the_account_and_so_does_a_new_one(people):
    for _ in range(3):
        for _ in range(ACCOUNT.free - 1):
            refused(sign_in, people, password="不对的密码不对")
        assert sign_in(people)
    for _ in range(ACCOUNT.free):
        refused(sign_in, people, password="不对的密码不对")
    people.set_password("周小满", BETTER, who="林主任")
    assert sign_in(people, password=BETTER)


def test_unknown_names_are_locked_like_known_ones(people):
    for _ in range(ACCOUNT.free):
        refused(sign_in, people, "没有此人")
    assert refused(sign_in, people, "没有此人") == "密码输错的次数太多，暂时不能登录。"


def test_one_address_cannot_try_many_names(people):
    for n in range(ADDRESS.free):
        assert refused(sign_in, people, f"名字{n}", address=f"2001:db8::{n:x}") == "用户名或密码不正确。"
    assert refused(sign_in, people, address="2001:db8::ffff") == "密码输错的次数太多，暂时不能登录。"
    assert sign_in(people, address="2001:db8:1::1")


def test_many_guesses_at_once_count_as_many(people):
    lockout = people._lockout
    attempts = [lockout.attempt("周小满", "10.0.0.7") for _ in range(ACCOUNT.free)]
    for attempt in attempts:
        attempt.__enter__()
    assert refused(lockout.attempt("周小满", "10.0.0.7").__enter__) == "密码输错的次数太多，暂时不能登录。"


def test_guesses_are_forgotten_after_a_while(people):
    for _ in range(ACCOUNT.free - 1):
        refused(sign_in, people, password="不对的密码不对")
    people._clock.s += ACCOUNT.forgotten_s + 1
    for _ in range(ACCOUNT.free - 1):
        refused(sign_in, people, password="不对的密码不对")
    assert sign_in(people)


# -- the audit log --------------------------------------------------------------------------


def test_whatever_is_done_to_accounts_stands_in_the_audit_log_and_no_password_does(people, store):
    people.set_roles("周小满", ["office"], who="林主任")
    people.set_password("周小满", BETTER, who="林主任")
    sign_in(people, password=BETTER)
    for _ in range(ACCOUNT.free):
        refused(sign_in, people, password=GOOD)
        refused(sign_in, people, "我的密码其实是" + GOOD)
    people.end_sessions("周小满", who="林主任")
    people.set_active("周小满", False, who="林主任")
    lines = [(e.who, e.action, e.detail, e.before, e.after) for e in reversed(store.trail.entries())]
    assert lines == [
        ("命令行", "添加人员", "林主任", "", "管理员"),
        ("林主任", "添加人员", "周小满", "", "干部"),
        ("林主任", "更改角色", "周小满", "干部", "办公室"),
        ("林主任", "重设密码", "周小满", "", ""),
        ("周小满", "登录", "10.0.0.7", "", ""),
        ("周小满", "登录锁定", "10.0.0.7", "", "30 秒"),
        ("林主任", "结束登录", "周小满", "", "1 处"),
        ("林主任", "停用账号", "周小满", "启用", "停用"),
    ]
    assert store.trail.check() == []


def test_a_person_compares_by_what_they_may(people):
    assert people.find(None) is None
    assert people.find("周小满") == Person(name="周小满", created_at=people.find("周小满").created_at)
