"""Stores that earlier programs left, opened by today's: nothing lost, whatever stops the change half-way.

The data is what the programs of their time wrote (``data/schemas``).
"""

import importlib
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from corpus import database
from corpus.errors import UserError
from corpus.records.chain import fingerprint
from corpus.schema import MIGRATIONS
from corpus.settings import CorpusSettings
from corpus.store import Store
from corpus.testing import HashingEncoder, make_document
from corpus.tests.data.schemas.make import DOCUMENTS, FAILURE

ROOT = Path(__file__).parents[2]
DUMPS = sorted((Path(__file__).parent / "data" / "schemas").glob("*.sql"))
#: These came together with the next one: no program ever stopped at them.
NEVER_ALONE = {2, 8}
OLDEST, NEWEST = DUMPS[0], DUMPS[-1]
#: What a migration makes of a table under the same name: everything else stays as it was.
_MADE_ANEW = {"audit": ("at", "who", "action", "detail")}
#: Kept for the program itself.
_OWN = ("sqlite_", "settings")


def schema_of(dump):
    return int(re.search(r"\d+", dump.stem)[0])


def restored(dump, folder):
    """The folder of the store as the program of that time left it, without what can be derived."""
    folder.mkdir(parents=True)
    with closing(sqlite3.connect(folder / "catalogue.sqlite")) as file:
        file.execute("PRAGMA journal_mode=WAL")
        file.executescript(dump.read_text(encoding="utf-8"))
    for number, fields in enumerate(DOCUMENTS, 1):
        keep(folder, make_document(str(number), articles=[dict(fields)])[3])
    for text in (
        "第一版的通知，只有一句话。",
        "第二版的通知，改了一句话。",
        "后来撤下的通知，还留在档案里。",
    ):
        keep(folder, text.encode()) if schema_of(dump) >= 9 else None
    return folder


def keep(folder, original):
    digest = make_document("1", articles=[original.decode()])[0].sha256
    path = folder / "originals" / digest[:2] / digest
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(original)


def tables(folder, columns=None):
    """Table → its rows, as they stand in the file; of ``columns`` where they are given."""
    with closing(sqlite3.connect(folder / "catalogue.sqlite")) as file:
        names = [r[0] for r in file.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")]
        found = {}
        for name in names:
            if name.startswith(_OWN):
                continue
            held = [r[1] for r in file.execute(f"PRAGMA table_info({name})")]
            wanted = columns[name] if columns and name in columns else _MADE_ANEW.get(name, held)
            listed = ", ".join(f'"{column}"' for column in wanted)
            found[name] = (tuple(wanted), sorted(file.execute(f"SELECT {listed} FROM {name}"), key=repr))
        return found


def version(folder):
    with closing(sqlite3.connect(folder / "catalogue.sqlite")) as file:
        return file.execute("PRAGMA user_version").fetchone()[0]


def opened(folder):
    return Store.open(folder, encoder=HashingEncoder(16))


def test_every_schema_that_landed_has_a_store_of_its_time():
    """Whoever adds the next migration writes down the one before: ``data/schemas/make.py``."""
    held = {schema_of(dump) for dump in DUMPS}
    assert held | NEVER_ALONE >= set(range(1, len(MIGRATIONS)))
    assert max(held) <= len(MIGRATIONS)


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.stem)
def test_a_store_of_an_earlier_program_loses_nothing_and_is_sound(dump, tmp_path):
    folder = restored(dump, tmp_path / "store")
    before = tables(folder)
    with opened(folder) as store:
        assert version(folder) == len(MIGRATIONS)
        assert store.verify() == []
        assert store.trail.check() == []
        assert [(s.id, s.name) for s in store.sources()][:4] == [
            (str(n), f"文件{n}.txt") for n in (1, 2, 3, 4)
        ]
        for number, fields in enumerate(DOCUMENTS, 1):
            article = store.article(f"{number}/1")
            given = {name: getattr(article, name) for name in fields if name != "labels"}
            assert given == {name: value for name, value in fields.items() if name != "labels"}
            assert store.original(str(number)).decode() == fields["text"]
        assert [each["rating"] for each in store.feedback()] == ["up", "down"]
        later_gains(store, schema_of(dump))
    kept = {name: columns for name, (columns, _) in before.items()}
    after = tables(folder, kept)
    # What was rated down stands before the trainers since there is a queue; nothing else is added.
    changed = {name for name, held in before.items() if after[name] != held}
    assert changed == set()


def later_gains(store, schema):
    """What later programs added is there for stores of earlier ones, empty or as it was kept."""
    if schema >= 3:
        assert [f.name for f in store.failures()] == [FAILURE["name"]]
        [refused] = [item for item in store.reviews() if item.reason == "拒答"]
        assert [label.trainer for label in refused.labels] == ["培小训"]
    else:
        [rated] = store.reviews()
        assert (rated.reason, rated.question) == ("差评", "浴室几天开放？")
        assert [each.passage_id for each in rated.evidence] == ["1/1/1"]
    if schema >= 9:
        person = store.people.find("管小理")
        assert person
        assert "admin" in person.roles
        assert [v.state for v in store.archive.history("5")] == ["旧版"]
        assert store.original("v1").decode() == "第一版的通知，只有一句话。"
        assert [(v.source.id, v.note) for v in store.archive.withdrawn()] == [("6", "过期")]
        assert [(link.newer, link.older) for link in store.links.all()] == [("2/1", "1/1")]
    if schema >= 10:
        assert [key.name for key in store.keys.all()] == ["云河市机关小程序"]


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.stem)
def test_a_store_of_an_earlier_program_answers_and_takes_documents(dump, tmp_path):
    pipeline = importlib.import_module("assistant.pipeline")  # rooms may not import the next one
    with opened(restored(dump, tmp_path / "store")) as store:
        with store.writing() as writer:
            writer.put(*make_document("90", articles=["云河市职工图书室周三闭馆。"]))
        asked = pipeline.Assistant(store)
        for question, said, place in (
            ("家属进职工浴室每次收费多少？", "家属每次收费四元", "1/1/3"),
            ("风筝比赛有多少家单位参加？", "四十二家单位", "3/1"),
            ("职工图书室周几闭馆？", "周三闭馆", "90/1/1"),
        ):
            answer = asked.ask(question)
            cited = {c.marker for s in answer.statements for c in s.citations}
            places = {e.hit.passage.id for e in answer.evidence if e.marker in cited}
            assert (answer.outcome, said in answer.text) == ("已回答", True), question
            assert any(id_.startswith((place, "4/1")) for id_ in places), (question, places)
        assert store.verify() == []


def test_a_store_of_a_newer_program_is_refused_in_words_and_left_alone(tmp_path):
    folder = restored(NEWEST, tmp_path / "store")
    with closing(sqlite3.connect(folder / "catalogue.sqlite")) as file:
        file.execute(f"PRAGMA user_version={len(MIGRATIONS) + 1}")
    before = (folder / "catalogue.sqlite").read_bytes()
    with pytest.raises(UserError) as error:
        opened(folder)
    assert str(error.value) == "这个资料库是用更新版本的程序建立的。请升级本程序后再打开。"
    assert (folder / "catalogue.sqlite").read_bytes() == before


def test_a_migration_that_fails_leaves_the_state_before_it(tmp_path, monkeypatch):
    for at in range(schema_of(OLDEST), len(MIGRATIONS)):
        folder = restored(OLDEST, tmp_path / str(at))
        broken = (*MIGRATIONS[:at], f"{MIGRATIONS[at].rstrip().rstrip(';')};\nINSERT INTO nowhere VALUES (1)")
        with monkeypatch.context() as patched:
            patched.setattr(database, "MIGRATIONS", broken)
            with pytest.raises(UserError) as error:
                opened(folder)
        assert error.value.message == f"打不开资料库：{folder / 'catalogue.sqlite'}。"
        assert version(folder) == at
        with opened(folder) as store:
            assert (version(folder), store.verify()) == (len(MIGRATIONS), [])


def test_a_crash_at_any_statement_leaves_a_whole_state_that_goes_on(tmp_path, monkeypatch):
    """The files are copied after each statement, as a crash would leave them."""
    folder = restored(OLDEST, tmp_path / "store")
    before = tables(folder)
    crashed = []
    statements = database._statements

    def copying(migration):
        for statement in statements(migration):
            yield statement
            copy = tmp_path / f"crash{len(crashed)}"
            shutil.copytree(folder, copy)
            crashed.append((copy, MIGRATIONS.index(migration)))

    with monkeypatch.context() as patched:
        patched.setattr(database, "_statements", copying)
        opened(folder).close()
    assert len(crashed) > 40
    kept = {name: columns for name, (columns, _) in before.items()}
    for copy, at in crashed:
        assert version(copy) == at
        assert {name: tables(copy, kept)[name] for name in before} == before
    for copy, _ in crashed[:: len(crashed) // 3]:
        with opened(copy) as store:
            assert (version(copy), store.verify()) == (len(MIGRATIONS), [])


_KILLED = """
import os, sys
from pathlib import Path
from corpus import catalogue, database
statements, seen = database._statements, []
def dying(migration):
    for statement in statements(migration):
        if len(seen) == int(sys.argv[2]):
            os._exit(9)
        seen.append(statement)
        yield statement
database._statements = dying
catalogue.Catalogue(Path(sys.argv[1]) / "catalogue.sqlite")
"""


def test_a_program_that_dies_in_the_middle_of_a_migration_loses_nothing(tmp_path):
    folder = restored(OLDEST, tmp_path / "store")
    before = tables(folder)
    command = [sys.executable, "-c", _KILLED, str(folder), "9"]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 9
    assert schema_of(OLDEST) < version(folder) < len(MIGRATIONS)
    with opened(folder) as store:
        assert (version(folder), store.verify()) == (len(MIGRATIONS), [])
    kept = {name: columns for name, (columns, _) in before.items()}
    assert {name: tables(folder, kept)[name] for name in before} == before


def test_the_chain_of_a_log_from_before_there_were_chains_is_made_of_its_lines(tmp_path):
    with opened(restored(OLDEST, tmp_path / "store")) as store:
        *_, first = store.trail.entries()
        assert first.chain == fingerprint("", 1, first.at, first.who, first.action, first.detail, "", "")
        assert store.trail.check() == []


def test_the_bundled_encoder_is_told_from_the_one_a_store_was_made_with(tmp_path):
    with Store.open(restored(OLDEST, tmp_path / "store"), encoder=CorpusSettings().encoder) as store:
        with pytest.raises(UserError) as error:
            store.search_vector("浴室", 1)
        assert "hashing-16" in error.value.message
        assert [id_ for id_, _ in store.search_lexical("浴室 家属", 1)] == ["1/1/3"]
        told = []
        assert store.renew_encoder(lambda *step: told.append(step), who="启动") is True
        assert ([step[0] for step in told][:1], store.renew_encoder()) == (["计算向量"], False)
        assert ([id_ for id_, _ in store.search_vector("浴室 家属", 1)], store.verify()) == (["1/1/3"], [])
