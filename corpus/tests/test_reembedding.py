"""Another encoder: computed beside the old one, which answers until then; stopped and taken up again; never mixed."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.routing import Router

from corpus import locks, vectors
from corpus.embeddings import Embeddings
from corpus.errors import UserError
from corpus.store import Store
from corpus.testing import HashingEncoder, make_document
from corpus.tests.asgi import PAGE, ask
from corpus.vector_index import OtherEncoderError
from corpus.web import admin_routes, encoder_section, sign_in

ROOT = Path(__file__).parents[2]
Change = encoder_section.Change
OLD, NEW = "hashing-256", "hashing-64"
FEES = "第一条 会费按工资总额的千分之五交纳。\n第二条 困难职工免交会费。"
SUMMER = "第一条 高温天气发放防暑降温费。"
SEVENTH = "第7条 第7组的会费由第7组的组长收取。"
MANY = "\n".join(f"第{n}条 第{n}组的会费由第{n}组的组长收取。" for n in range(1, 101))


def by_name(name):
    """Encoders as they are found on a machine: by name, of as many dimensions as that ends with."""
    if not name.startswith("hashing-"):
        raise UserError(f"这台机器上没有向量模型“{name}”。", "")
    return HashingEncoder(int(name.rpartition("-")[2]))


@pytest.fixture(autouse=True)
def found_by_name(monkeypatch):
    monkeypatch.setattr(vectors, "load_encoder", by_name)


def opened(folder, encoder=OLD):
    return Store.open(folder / "store", encoder=encoder)


def filled(folder, *texts):
    with opened(folder) as store, store.writing() as writer:
        for number, text in enumerate(texts, 1):
            writer.put(*make_document(str(number), articles=[text]))


def first(store, text):
    return store.search_vector(text, 1)[0][0]


def kept(store):
    """Encoder → how many vectors of it are in the cache."""
    return dict(store._catalogue.select("SELECT encoder, count(*) FROM embeddings GROUP BY encoder"))


def test_the_old_vectors_answer_until_the_new_ones_are_there_and_then_those_do_without_a_restart(tmp_path):
    filled(tmp_path, FEES, SUMMER)
    seen = []
    with opened(tmp_path) as app, opened(tmp_path) as other:

        def progress(stage, done, total):
            under_way = app.reembedding()
            at = (under_way.encoder, under_way.running) if under_way else None
            seen.append((stage, done, total, app.encoder_name, first(app, "千分之五"), at))

        other.change_encoder(NEW, progress=progress, who="甲")
        assert seen[:3] == [
            ("计算向量", 0, 3, OLD, "1/1/1", None),
            ("计算向量", 3, 3, OLD, "1/1/1", (NEW, True)),
            ("计算向量", 3, 3, OLD, "1/1/1", (NEW, True)),
        ]
        assert (app.encoder_name, first(app, "千分之五"), app.reembedding()) == (NEW, "1/1/1", None)
        assert app.vectors_of(["2/1/1"])[1].shape == (1, 64)
        assert (app.verify(), kept(app)) == ([], {NEW: 3})
        (line,) = [entry for entry in app.trail.entries() if entry.action == "换向量模型"]
        assert (line.who, line.before, line.after) == ("甲", OLD, NEW)


def test_whoever_opens_the_store_later_uses_its_encoder_whatever_is_set(tmp_path):
    filled(tmp_path, FEES)
    with opened(tmp_path) as store:
        assert store.change_encoder(NEW)
        assert not store.change_encoder(NEW)
    with opened(tmp_path) as store, store.writing() as writer:
        writer.put(*make_document("2", articles=[SUMMER]))
    with opened(tmp_path, "hashing-128") as store:
        assert (first(store, "防暑降温费"), store.encoder_name, kept(store)) == ("2/1/1", NEW, {NEW: 3})
        store.rebuild()
        assert (store.encoder_name, store.verify()) == (NEW, [])


def test_what_is_written_meanwhile_is_found_by_the_old_vectors_and_then_by_the_new_ones(tmp_path):
    filled(tmp_path, FEES)
    with opened(tmp_path) as app, opened(tmp_path) as other:

        def progress(stage, done, total):
            if done == total and app.counts().sources == 1:
                with app.writing() as writer:
                    writer.put(*make_document("2", articles=[SUMMER]))
                assert (first(app, "防暑降温费"), app.encoder_name) == ("2/1/1", OLD)

        other.change_encoder(NEW, progress=progress)
        assert (first(app, "防暑降温费"), app.encoder_name, app.verify()) == ("2/1/1", NEW, [])


def test_what_is_deleted_meanwhile_leaves_no_vector(tmp_path):
    filled(tmp_path, FEES, SUMMER)

    class Slow(HashingEncoder):
        def encode(self, texts, prompt):
            if app.source("2"):
                with app.writing() as writer:
                    writer.remove("2")
            return super().encode(texts, prompt)

    with opened(tmp_path) as app, opened(tmp_path) as other:
        other.change_encoder(Slow(64))
        assert (kept(other), other.verify()) == ({NEW: 2}, [])


DYING = """
import os, signal, sys
from pathlib import Path
from corpus import embeddings, vector_index
from corpus.store import Store
from corpus.testing import HashingEncoder
class Dying(HashingEncoder):
    def encode(self, texts, prompt):
        if sys.argv[2] == "computing" and self.encoded:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().encode(texts, prompt)
embeddings._KEEP_EVERY_S = -1.0
if sys.argv[2] == "switching":  # the catalogue has the new encoder, the index the old one
    vector_index.SegmentedIndex._commit = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
with Store.open(Path(sys.argv[1]), encoder=HashingEncoder()) as store:
    store.change_encoder(Dying(64))
"""


@pytest.mark.parametrize("when", ["computing", "switching"])
def test_killed_at_any_time_the_store_answers_and_the_work_goes_on_where_it_was(tmp_path, when):
    filled(tmp_path, MANY)
    with opened(tmp_path, HashingEncoder()) as app:
        assert first(app, SEVENTH) == "1/1/7"
        command = [sys.executable, "-c", DYING, tmp_path / "store", when]
        assert subprocess.run(command, cwd=ROOT).returncode == -signal.SIGKILL
        if when == "computing":
            assert (first(app, SEVENTH), app.encoder_name) == ("1/1/7", OLD)
            assert kept(app) == {OLD: 100, NEW: 32}
            assert not app.reembedding().running
    encoder = HashingEncoder(64)
    with opened(tmp_path, encoder) as other:
        other.change_encoder(encoder)
        assert encoder.encoded == {"computing": 68, "switching": 0}[when]
        assert (first(other, SEVENTH), kept(other), other.verify()) == ("1/1/7", {NEW: 100}, [])
        assert other.reembedding() is None


def test_a_question_during_the_switch_is_answered_by_one_encoder(tmp_path):
    filled(tmp_path, FEES, SUMMER)

    class Hasty(HashingEncoder):
        def encode(self, texts, prompt):
            if prompt == "query" and other.encoder_name == OLD:
                other.change_encoder(NEW)
            return super().encode(texts, prompt)

    with opened(tmp_path) as other, opened(tmp_path, Hasty()) as app:
        assert (first(app, "防暑降温费"), app.encoder_name) == ("2/1/1", NEW)


def test_vectors_of_another_encoder_are_refused_even_of_the_same_length(tmp_path):
    filled(tmp_path, FEES)
    with opened(tmp_path) as store:
        asked = store.encode(["会费"], prompt="query")[0]
        assert store._indexes.vectors.search(asked, 1, made=OLD)
        with pytest.raises(OtherEncoderError):
            store._indexes.vectors.search(asked, 1, made="another-256")


def test_an_encoder_that_is_gone_is_told_with_its_place_and_nothing_is_changed(tmp_path, monkeypatch):
    filled(tmp_path, FEES)
    with opened(tmp_path) as store:
        store.change_encoder(NEW)
    monkeypatch.setattr(vectors, "load_encoder", lambda name: by_name("没有" if name == NEW else name))
    with opened(tmp_path) as store:
        for act in (lambda: store.search_vector("会费"), store.rebuild, store.renew_encoder):
            with pytest.raises(UserError, match=r"没有向量模型.*用它（hashing-64）计算") as told:
                act()
            assert "rebuild --encoder" in told.value.hint
        store.change_encoder(OLD)
        assert (first(store, "千分之五"), store.verify()) == ("1/1/1", [])


def test_only_one_program_is_at_it(tmp_path):
    filled(tmp_path, FEES)
    with opened(tmp_path) as store:
        with locks.lock(store.directory, 0, locks.ENCODER), pytest.raises(UserError, match="另一个程序正在"):
            store.change_encoder(NEW)
        store.rebuild()
        assert store.encoder_name == OLD


def test_what_was_begun_and_given_up_goes_with_the_next_rebuild(tmp_path):
    filled(tmp_path, FEES)
    with opened(tmp_path) as store:
        store.stopping.set()
        with pytest.raises(UserError, match="程序正在停止"):
            store.change_encoder(NEW)
        store.stopping.clear()
        Embeddings(store._catalogue).add(
            NEW, [(row[0], b"\0" * 128) for row in store._catalogue.select("SELECT embedded FROM passages")]
        )
        store._catalogue.set_setting("encoder_next", json.dumps([NEW, "2031-03-05T08:00:00+08:00", 1, 2, 0]))
        told = store.reembedding()
        assert (told.done, told.total, told.running) == (1, 2, False)
        assert told.left_s("2031-03-05T08:01:00+08:00") == 60.0
        store.rebuild()
        assert (store.reembedding(), kept(store), store.verify()) == (None, {OLD: 2}, [])


def test_a_store_from_before_its_encoders_place_was_kept_learns_it_at_the_next_document(tmp_path):
    filled(tmp_path, FEES)
    with opened(tmp_path) as store:
        store._catalogue.connection().execute("DELETE FROM settings WHERE key LIKE 'encoder_at:%'")
    with opened(tmp_path, NEW) as store, pytest.raises(UserError, match="另一个向量模型"):
        store.search_vector("会费")
    with opened(tmp_path) as store, store.writing() as writer:
        writer.put(*make_document("2", articles=[SUMMER]))
    with opened(tmp_path, NEW) as store:
        assert first(store, "防暑降温费") == "2/1/1"


def test_an_administrator_changes_it_on_the_page_and_sees_how_far_it_is(tmp_path, monkeypatch):
    changes = []
    monkeypatch.setattr(encoder_section, "Change", lambda store: changes.append(Change(store)) or changes[0])
    filled(tmp_path, FEES)
    with opened(tmp_path) as store:
        office = sign_in.Guard(Router(admin_routes.routes(store, [])), store.people, [], store.keys)

        def page(encoder=None):
            if encoder is not None:
                begun = ask(office, "POST", "/admin/encoder", headers=PAGE, form={"encoder": encoder})
                if begun.status != 303:
                    return begun.text
                changes[0].wait()
            return ask(office, "GET", "/admin/?done=encoder", headers=PAGE).text

        assert f"现在用的：<code>{OLD}</code>" in page()
        assert "没有写向量模型。" in page(" ")
        assert "这台机器上没有向量模型“&lt;b&gt;”。" in page("<b>")
        store._catalogue.set_setting("encoder_next", json.dumps([NEW, "2031-03-05T08:00:00+08:00", 1, 2, 0]))
        with locks.lock(store.directory, 0, locks.ENCODER):
            assert f"正在换成 <code>{NEW}</code>：1 / 2 个段落" in page()
            assert "正在换向量模型。请等它结束。" in page(NEW)
        assert f"现在用的：<code>{NEW}</code>" in page(NEW)
        assert store.verify() == []
        (line,) = [entry for entry in store.trail.entries() if entry.action == "换向量模型"]
        assert (line.who, line.after) == ("网页", NEW)


def test_a_folder_whose_weights_are_others_now_is_refused_until_it_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(vectors, "load_encoder", lambda name: HashingEncoder(64, "earlier"))
    with opened(tmp_path, "/模型") as store, store.writing() as writer:
        writer.put(*make_document("1", articles=[FEES]))
    monkeypatch.setattr(vectors, "load_encoder", lambda name: HashingEncoder(64, "later"))
    with opened(tmp_path, "/模型") as store:
        for act in (lambda: store.search_vector("会费"), store.rebuild):
            with pytest.raises(
                UserError, match="另一个向量模型（earlier-64）建立的，与现在的模型（later-64）"
            ):
                act()
        store.change_encoder("/模型")
        assert (first(store, "千分之五"), store.encoder_name) == ("1/1/1", "later-64")
