"""Backup and restore: whole, while the store is in use, and nothing that is damaged comes back."""

import json
import random
import stat
import threading
import zipfile
from hashlib import sha256

import pytest

from corpus import backup, locks
from corpus.errors import UserError
from corpus.store import Store
from corpus.testing import HashingEncoder, make_document, make_store

TEXTS = [
    f"第{n}条　{word}由经办人在{n}日内办结。" for n, word in enumerate(["报销", "用车", "值班", "体检"], 1)
]


@pytest.fixture
def store(tmp_path):
    with make_store(tmp_path, TEXTS) as made:
        with made.writing() as writer:
            writer.withdraw("2")
            writer.put(*make_document("3", articles=["第3条　夜间值班另发补贴。"]))
        for place in ("drafts/7/draft.json", "questions/甲.jsonl"):
            (made.directory / place).parent.mkdir(parents=True)
            (made.directory / place).write_text(place, encoding="utf-8")
        (made.directory / "inbox").mkdir()
        (made.directory / "inbox" / "上传.pdf").write_bytes(b"x")
        yield made


def opened(directory):
    return Store.open(directory, encoder=HashingEncoder())


def answers(store):
    return [
        (search(text), search(f"{text}怎么办"))
        for text in TEXTS
        for search in (store.search_lexical, store.search_vector)
    ]


def left_behind(folder, *expected):
    assert sorted(p.name for p in folder.iterdir()) == sorted(expected)


def test_what_is_restored_answers_to_the_byte_and_has_everything_beside_it(store, tmp_path):
    seen = []
    (tmp_path / "b").mkdir()
    store.backup(tmp_path / "b" / "备份.zip", progress=lambda *told: seen.append(told), who="王敏")
    left_behind(tmp_path / "b", "备份.zip")
    assert stat.S_IMODE((tmp_path / "b" / "备份.zip").stat().st_mode) == 0o600
    assert {stage for stage, _, _ in seen} == {"复制目录", "写入备份", "核对备份"}
    assert all(done <= total for _, done, total in seen)
    Store.restore(tmp_path / "b" / "备份.zip", tmp_path / "r" / "别处", who="李强")
    left_behind(tmp_path / "r", "别处")
    with opened(tmp_path / "r" / "别处") as other:
        assert answers(other) == answers(store)
        assert other.sources() == store.sources()
        assert [other.original(s.id) for s in other.sources()] == [
            store.original(s.id) for s in store.sources()
        ]
        assert [other.original(v.id) for v in other.archive.history("3")] == [TEXTS[2].encode()]
        assert other.verify() == []
        assert [(e.who, e.action) for e in other.trail.entries(limit=1)] == [("李强", "从备份恢复")]
        assert (other.directory / "drafts/7/draft.json").read_text("utf-8") == "drafts/7/draft.json"
        assert (other.directory / "questions/甲.jsonl").exists()
        assert not (other.directory / "inbox").exists()
    assert [(e.who, e.action, e.detail) for e in store.trail.entries(limit=1)] == [
        ("王敏", "备份", "备份.zip")
    ]
    assert store.verify() == []


def test_the_manifest_names_every_member_with_its_sha256(store, tmp_path):
    store.backup(tmp_path / "备份.zip")
    with zipfile.ZipFile(tmp_path / "备份.zip") as packed:
        told = json.loads(packed.read("manifest.json"))
        members = {name: packed.read(name) for name in packed.namelist() if name != "manifest.json"}
    assert told["members"] == {
        name: {"bytes": len(data), "sha256": sha256(data).hexdigest()} for name, data in members.items()
    }
    assert told["counts"] == {"sources": 3, "articles": 3, "passages": 3}
    assert told["indexes"]["lexical"]["revision"] == told["revision"] == store.revision
    assert told["audit"] == {"lines": store.trail.head().lines - 1, "chain": store.trail.entries()[1].chain}


def test_a_damaged_or_truncated_backup_is_refused_and_nothing_is_left(store, tmp_path):
    store.backup(tmp_path / "备份.zip")
    whole = (tmp_path / "备份.zip").read_bytes()
    chance = random.Random(20_311_121)
    places = [chance.randrange(len(whole)) for _ in range(40)]
    cut = [0, 1, len(whole) // 3, len(whole) - 1, len(whole) - 30]
    damaged = [whole[:at] + bytes([whole[at] ^ 0x5A]) + whole[at + 1 :] for at in places]
    refused = 0
    (tmp_path / "r").mkdir()
    for data in [*damaged, *(whole[:n] for n in cut)]:
        (tmp_path / "坏.zip").write_bytes(data)
        try:
            Store.restore(tmp_path / "坏.zip", tmp_path / "r" / "新" / "库")
        except UserError as error:
            refused += 1
            assert "备份" in error.message
            left_behind(tmp_path / "r")
        else:  # a byte that says nothing of the content, such as a time
            with opened(tmp_path / "r" / "新" / "库") as other:
                assert answers(other) == answers(store)
            backup.shutil.rmtree(tmp_path / "r" / "新")
    assert refused > 20


def rewritten(path, change):
    """The backup with other members, its manifest made to fit."""
    with zipfile.ZipFile(path) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    told = json.loads(members.pop("manifest.json"))
    change(told, members)
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in members.items():
            packed.writestr(name, data)
        packed.writestr("manifest.json", json.dumps(told))


def added(name):
    def change(told, members):
        members[name] = b"x"
        told["members"][getattr(name, "filename", name)] = {"bytes": 1, "sha256": sha256(b"x").hexdigest()}

    return change


LINK = zipfile.ZipInfo("originals/link")
LINK.external_attr = (stat.S_IFLNK | 0o777) << 16
OTHERWISE = [
    (added("../外面.txt"), "不该有的路径"),
    (added("originals/../../外面.txt"), "不该有的路径"),
    (added("/tmp/外面.txt"), "不该有的路径"),
    (added("originals\\..\\..\\外面.txt"), "不该有的路径"),
    (added("C:/外面.txt"), "不该有的路径"),
    (added("originals//x"), "不该有的路径"),
    (added("writer.lock"), "不该有的路径"),
    (added(LINK), "不该有的路径"),
    (lambda told, members: members.update({"originals/多的": b"x"}), "与清单不符"),
    (lambda told, members: members.pop("questions/甲.jsonl"), "与清单不符"),
    (lambda told, members: members.update({"catalogue.sqlite": b"x"}), "与清单不符"),
    (lambda told, members: told.update({"format": 99}), "更新版本"),
    (lambda told, members: told.pop("members"), "读不出清单"),
]


@pytest.mark.parametrize(("change", "said"), OTHERWISE)
def test_a_backup_that_was_made_otherwise_is_refused(store, tmp_path, change, said):
    store.backup(tmp_path / "备份.zip")
    rewritten(tmp_path / "备份.zip", change)
    (tmp_path / "r").mkdir()
    with pytest.raises(UserError, match=said):
        Store.restore(tmp_path / "备份.zip", tmp_path / "r" / "新")
    left_behind(tmp_path / "r")
    assert not list(tmp_path.rglob("外面.txt"))


def without_manifest(path, *, altered=""):
    """The backup as an earlier program wrote it."""
    with zipfile.ZipFile(path) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in members.items():
            if name.startswith(("catalogue", "originals")):
                packed.writestr(name, b"x" * len(data) if name == altered else data)


def test_a_backup_from_before_there_were_manifests_is_restored(store, tmp_path):
    store.backup(tmp_path / "备份.zip")
    without_manifest(tmp_path / "备份.zip")
    Store.restore(tmp_path / "备份.zip", tmp_path / "新")
    with opened(tmp_path / "新") as other:
        assert (other.sources(), other.verify()) == (store.sources(), [])
    original = next(n for n in zipfile.ZipFile(tmp_path / "备份.zip").namelist() if n != "catalogue.sqlite")
    without_manifest(tmp_path / "备份.zip", altered=original)
    with pytest.raises(UserError, match="已损坏"):
        Store.restore(tmp_path / "备份.zip", tmp_path / "更新")
    assert not (tmp_path / "更新").exists()


def test_what_is_no_backup_says_so(tmp_path):
    with zipfile.ZipFile(tmp_path / "照片.zip", "w") as packed:
        packed.writestr("一.txt", "一")
    with pytest.raises(UserError, match="不是资料库的备份"):
        Store.restore(tmp_path / "照片.zip", tmp_path / "新")
    with pytest.raises(UserError, match="无法读取"):
        Store.restore(tmp_path / "没有.zip", tmp_path / "新")
    left_behind(tmp_path, "照片.zip")


def keep_writing(store, stop):
    turn = 0
    while not stop.is_set():
        turn += 1
        with store.writing() as writer:
            for n in range(5, 9):
                texts = [f"第{turn}轮第{n}份。", f"第{turn}轮第{n}份附件。"]
                writer.put(*make_document(str(n), articles=texts))
            writer.remove(str(turn % 4 + 5))


def keep_asking(store, stop, lost):
    while not stop.is_set():
        if not store.search_lexical("报销由经办人办结"):
            lost.append("nothing found")


def test_a_backup_goes_on_while_others_write_and_ask(store, tmp_path):
    stop, lost = threading.Event(), []
    threads = [
        threading.Thread(target=keep_writing, args=(store, stop)),
        threading.Thread(target=keep_asking, args=(store, stop, lost)),
    ]
    for thread in threads:
        thread.start()
    try:
        for n in range(4):
            store.backup(tmp_path / f"{n}.zip")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert lost == []
    for n in range(4):
        Store.restore(tmp_path / f"{n}.zip", tmp_path / f"库{n}")
        with opened(tmp_path / f"库{n}") as other:
            assert other.verify() == []
            for source in other.sources():
                turns = {article.text.split("轮")[0] for article in other.articles(source.id)}
                assert len(turns) == 1


def test_an_original_that_is_deleted_meanwhile_costs_another_snapshot(store, tmp_path, monkeypatch):
    link, seen = backup._link, []

    def slow(name, directory, held):
        if not seen and name.parts[0] == "originals":
            with opened(store.directory) as other, other.writing() as writer:
                seen.extend(s.id for s in other.sources() if writer.remove(s.id))
        link(name, directory, held)

    monkeypatch.setattr(backup, "_link", slow)
    store.backup(tmp_path / "备份.zip")
    Store.restore(tmp_path / "备份.zip", tmp_path / "新")
    with opened(tmp_path / "新") as other:
        assert (seen, [s.id for s in other.sources()]) == (["1", "3", "4"], [])
        assert other.verify() == []


def test_a_backup_that_fails_leaves_nothing(store, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    (tmp_path / "b").mkdir()
    with monkeypatch.context() as broken:
        broken.setattr(backup, "_copied", full)
        with pytest.raises(UserError, match="备份没有写成"):
            store.backup(tmp_path / "b" / "备份.zip")
    left_behind(tmp_path / "b")
    with pytest.raises(UserError, match="不能放在资料库"):
        store.backup(store.directory / "备份.zip")
    with locks.lock(store.directory, 0, "backup.lock"), pytest.raises(UserError, match="另一个备份"):
        store.backup(tmp_path / "b" / "备份.zip")
    assert store.verify() == []


def test_what_a_killed_backup_left_is_told_and_cleared(store):
    (store.directory / "backup.tmp" / "originals").mkdir(parents=True)
    (store.directory / "backup.tmp" / "originals" / "x").write_bytes(b"x")
    with locks.lock(store.directory, 0, "backup.lock"):  # it is still at it
        assert store.verify() == []
    assert store.verify() == ["有 1 个没有用处的文件：backup.tmp，请运行 python -m corpus verify --repair。"]
    assert store.repair() == (["已清除没有用处的文件。"], [])
    assert not (store.directory / "backup.tmp").exists()
