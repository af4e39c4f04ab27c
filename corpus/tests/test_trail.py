"""The audit log: nothing is altered, removed or cut off without showing, and it can be taken away."""

import csv
import hashlib
import json
import sqlite3

import pytest

from corpus import database
from corpus.catalogue import Catalogue
from corpus.errors import UserError
from corpus.records.chain import AuditLine, Head, breaks, fingerprint
from corpus.records.trail import Sought
from corpus.store import Store
from corpus.testing import HashingEncoder, make_document, make_store


@pytest.fixture
def store(tmp_path):
    with make_store(tmp_path) as made:
        made.log(who="王敏", action="登录", detail="第一条", before="=1+1", after="改后")
        made.log(who="李强", action="改标题", detail="第二条 Ab", before="旧", after="新")
        made.log(who="王敏", action="改标题", detail="第三条")
        yield made


def tamper(store, *statements):
    """What somebody does who can open the file."""
    connection = sqlite3.connect(store.directory / "catalogue.sqlite")
    for trigger in ("audit_keeps", "audit_holds"):
        connection.execute(f"DROP TRIGGER {trigger}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def numbers(lines):
    return [line.number for line in lines]


def test_each_line_says_who_did_what_and_what_it_was_before(store):
    line = store.trail.entries()[1]
    assert line._replace(at="", chain="") == AuditLine(2, "", "李强", "改标题", "第二条 Ab", "旧", "新", "")
    assert store.trail.check() == []
    assert store.trail.head() == Head(3, store.trail.entries()[0].chain)


@pytest.mark.parametrize(
    "statement", ["UPDATE audit SET who = '别人' WHERE id = 2", "DELETE FROM audit WHERE id = 2"]
)
def test_the_file_itself_refuses_to_alter_or_remove_a_line(store, statement):
    with pytest.raises(sqlite3.IntegrityError, match="append only"):
        store._catalogue.connection().execute(statement)
    assert store.trail.check() == []


ALTERED = "审计记录第 {} 条与它的校验码不符：被改动过，或者是后来插入的。"
END = "审计记录的末尾与另存的条数和校验码不符：末尾的记录被改动过，或者是后来插入的。"
TAMPERED = [
    (["UPDATE audit SET who = '别人' WHERE id = 2"], [ALTERED.format(2)]),
    (["UPDATE audit SET at = '2031-01-01T00:00:00+08:00' WHERE id = 1"], [ALTERED.format(1)]),
    (["UPDATE audit SET before = '' WHERE id = 2"], [ALTERED.format(2)]),
    (["UPDATE audit SET after = '改' WHERE id = 3"], [ALTERED.format(3)]),
    (["DELETE FROM audit WHERE id = 2"], ["审计记录第 2 条被删去了。"]),
    (["DELETE FROM audit WHERE id < 3"], ["审计记录第 1 条至第 2 条被删去了。"]),
    (["DELETE FROM audit WHERE id = 3"], ["审计记录第 3 条被删去了。"]),
    (["DELETE FROM audit WHERE id > 1"], ["审计记录第 2 条至第 3 条被删去了。"]),
    (["DELETE FROM audit"], ["审计记录第 1 条至第 3 条被删去了。"]),
    (["INSERT INTO audit VALUES (4, '', '别人', '登录', '', '', '', 'x')"], [ALTERED.format(4), END]),
    (
        ["DELETE FROM audit WHERE id = 2", "UPDATE audit SET id = 2 WHERE id = 3"],
        [ALTERED.format(2), "审计记录第 3 条被删去了。"],
    ),
]


@pytest.mark.parametrize(("statements", "said"), TAMPERED)
def test_whatever_was_done_to_the_lines_shows(store, statements, said):
    tamper(store, *statements)
    assert store.trail.check() == said
    assert [p for p in store.verify() if "审计" in p] == said
    store.log(who="王敏", action="登录")  # and what is written afterwards hides nothing
    assert len(store.trail.check()) >= 1


def test_a_chain_that_was_forged_whole_differs_from_an_export(store, tmp_path):
    store.backup(tmp_path / "备份.zip")
    assert store.trail.check_against(tmp_path / "备份.zip") == []
    for name in ("记录.jsonl", "记录.csv"):
        assert store.trail.export(tmp_path / name) == 4
        assert store.trail.check_against(tmp_path / name) == []
    lines = sorted(store.trail.entries())[:2]
    forged = fingerprint(lines[0].chain, *lines[1]._replace(who="别人")[:-1])
    tamper(
        store,
        "DELETE FROM audit WHERE id > 2",
        f"UPDATE audit SET who = '别人', chain = '{forged}' WHERE id = 2",
        "UPDATE settings SET value = '2' WHERE key = 'audit_count'",
        f"UPDATE settings SET value = '{forged}' WHERE key = 'audit_head'",
    )
    assert store.trail.check() == []
    for name in ("记录.jsonl", "记录.csv"):
        assert store.trail.check_against(tmp_path / name) == [
            "第 2 条与导出文件或备份里的不同：现在的审计记录被改写过。",
            "导出文件或备份里的第 3 条，现在的审计记录里没有。",
            "导出文件或备份里的第 4 条，现在的审计记录里没有。",
        ]
    assert store.trail.check_against(tmp_path / "备份.zip") == [
        "导出文件或备份里的第 3 条，现在的审计记录里没有。"
    ]


def test_a_line_goes_with_the_change_that_it_records(store):
    class StopError(Exception):
        pass

    with pytest.raises(StopError), store._catalogue.transaction():
        store.log(who="王敏", action="删除")
        raise StopError
    assert numbers(store.trail.entries()) == [3, 2, 1]
    store.log(who="王敏", action="登录")
    assert store.trail.check() == []


SOUGHT = [
    (Sought(), [3, 2, 1]),
    (Sought(who="王敏"), [3, 1]),
    (Sought(action="改标题"), [3, 2]),
    (Sought(who="王敏", action="改标题"), [3]),
    (Sought(text="aB"), [2]),
    (Sought(text="改后"), [1]),
    (Sought(text="%"), []),
    (Sought(since="2000-01-01"), [3, 2, 1]),
    (Sought(until="2000-01-01"), []),
    (Sought(who="没有"), []),
]


@pytest.mark.parametrize(("sought", "found"), SOUGHT)
def test_lines_are_found_by_who_what_and_when(store, sought, found):
    assert numbers(store.trail.entries(sought)) == found
    assert numbers(store.trail.entries(sought, limit=1, offset=1)) == found[1:2]
    assert store.trail.count(sought) == len(found)
    assert store.trail.names() == (["李强", "王敏"], ["改标题", "登录"])


def test_an_export_has_the_chain_and_no_formula(store, tmp_path):
    assert store.trail.export(tmp_path / "记录.csv", Sought(text="第一条")) == 1
    written = (tmp_path / "记录.csv").read_bytes()
    assert written.startswith("\ufeff序号,时间,操作人,操作,对象,原来,改为,校验码\r\n".encode())
    (row,) = csv.DictReader(written.decode("utf-8-sig").splitlines())
    first = store.trail.entries()[-1]
    assert (row["原来"], row["改为"], row["校验码"]) == ("'=1+1", "改后", first.chain)
    store.trail.export(tmp_path / "记录.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "记录.jsonl").read_text("utf-8").splitlines()]
    assert [AuditLine(**line) for line in lines] == sorted(store.trail.entries())
    assert breaks([AuditLine(**line) for line in lines], store.trail.head()) == []


def test_what_cannot_be_exported_or_compared_says_why(store, tmp_path):
    with pytest.raises(UserError, match="格式"):
        store.trail.export(tmp_path / "记录.doc")
    with pytest.raises(UserError, match="无法写入"):
        store.trail.export(tmp_path / "没有" / "记录.csv")
    (tmp_path / "别的.jsonl").write_text("[1]\n", "utf-8")
    with pytest.raises(UserError, match="不是审计记录"):
        store.trail.check_against(tmp_path / "别的.jsonl")
    with pytest.raises(UserError, match="不是日期"):
        Sought(since="三月")


#: The version of a catalogue whose log has no chain yet.
CHAINED = next(n for n, sql in enumerate(database.MIGRATIONS) if "audit_chain" in sql)


@pytest.mark.parametrize("lines", [0, 1, 3000])
def test_the_lines_of_an_older_store_are_chained(tmp_path, monkeypatch, lines):
    with monkeypatch.context() as earlier:
        earlier.setattr(database, "MIGRATIONS", database.MIGRATIONS[:CHAINED])
        old = Catalogue(tmp_path / "catalogue.sqlite")
        old.connection().executemany(
            "INSERT INTO audit (at, who, action, detail) VALUES ('2031-03-05T08:00:00+08:00', ?, '新增', ?)",
            [("王敏", f"{n} 文件{n}.txt") for n in range(lines)],
        )
        old.close()
    with Store.open(tmp_path, encoder=HashingEncoder()) as store:
        assert [line.detail for line in reversed(store.trail.entries())] == [
            f"{n} 文件{n}.txt" for n in range(lines)
        ]
        with store.writing(who="李强") as writer:
            writer.put(*make_document("1", articles=["一。"]))
        assert store.trail.head().lines == lines + 1
        assert store.verify() == []


def test_a_changed_source_says_what_was_and_what_is(tmp_path):
    old = {"title": "收费办法", "number": "云工发〔2031〕7号", "text": "每月十元。"}
    with make_store(tmp_path, [old]) as store:
        with store.writing(who="王敏") as writer:
            writer.put(*make_document("1", articles=[{**old, "title": "经费办法"}]))
            writer.put(
                *make_document("1", articles=[{**old, "title": "经费办法", "text": "每月二十元。"}, "另一篇"])
            )
            writer.put(
                *make_document("1", articles=[{**old, "title": "经费办法", "text": "每月二十元。"}, "另一篇"])
            )
            writer.remove("1")
        told = [(line.action, line.before, line.after) for line in sorted(store.trail.entries())]
    held = [
        hashlib.sha256(text.encode()).hexdigest()[:12] for text in ("每月十元。", "每月二十元。\n\n另一篇")
    ]
    assert told[0] == ("新增", "", f"1 篇；原件 {held[0]}")
    assert told[1] == ("更新", "标题：收费办法", "标题：经费办法")
    assert told[2][1].startswith(f"原件：{held[0]}；篇数：1；标题：经费办法；")
    assert told[2][2].startswith(f"原件：{held[1]}；篇数：2；第 1 篇标题：经费办法；")
    assert told[3] == ("更新", "", "")
    assert told[4] == ("删除", f"2 篇；原件 {held[1]}", "")
    assert not any("元" in text for line in told for text in line)
