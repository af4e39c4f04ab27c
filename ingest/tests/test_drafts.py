"""Drafts: whole after a kill at any moment, read by workers, published once."""

import os
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest

from corpus.errors import UserError
from corpus.store import Store
from corpus.testing import HashingEncoder, make_store
from ingest.document import read
from ingest.intake.correcting import parts_of
from ingest.intake.drafts import Drafts
from ingest.intake.publishing import decide, forget_deleted, open_live, publish
from ingest.intake.receiving import Receiving
from ingest.intake.twins import Twins
from ingest.workers import pool

BODY = "云河市总工会关于开办暑期托管班的通知（示例）\n\n各区县总工会：\n\n{}\n\n云河市总工会\n2025年6月3日\n"
LONG = (
    "暑期托管班由区县总工会组织开办，面向双职工家庭的小学生，每班不超过25人，配备两名老师和一名保健员。\n"
    "托管时间为七月八日至八月十六日的工作日，早上八点到晚上六点，中午提供一顿热饭，费用由工会补贴一半。"
)


@pytest.fixture
def store(tmp_path):
    with make_store(tmp_path) as opened:
        yield opened


@pytest.fixture
def drafts(store):
    return Drafts(store.directory)


def made(drafts: Drafts, name: str = "托管班.txt", text: str = "每班不超过25人。", **known):
    """A draft that was read, without a worker."""
    data = BODY.format(text).encode()
    document, lines = read(data, name, "0")
    parts = parts_of(document.articles, document.passages, lines)
    known = {"origin": f"/收件/{name}", "by": "甲", "state": "ready"} | known
    return drafts.create(data, name=name, source=document.source, parts=parts, **known)


def outcomes(store: Store, drafts: Drafts, *ids: str):
    return [(o.source_id, o.message) for o in publish(store, drafts, ids, who="乙")]


# ── keeping ───────────────────────────────────────────────────────────────────────────


def test_a_draft_comes_back_as_it_was_kept_with_its_history(drafts, store):
    draft = Drafts(store.directory).get(made(drafts).id)
    changed = drafts.apply(draft.id, 0, "set_fields", "乙", at=0, values={"title": "托管班通知"})
    changed = drafts.apply(draft.id, 1, "leave_out", "乙", at=0, lines=[0])
    assert Drafts(store.directory).get(draft.id) == changed
    assert [(step.who, step.words[:5]) for step in changed.steps] == [
        ("乙", "云河市总工"),
        ("乙", "托管班通知"),
    ]
    assert drafts.apply(draft.id, 2, "undo", "乙").parts[0].article.title == "托管班通知"
    assert drafts.apply(draft.id, 3, "undo", "乙").parts == draft.parts
    assert drafts.original(draft.id) == BODY.format("每班不超过25人。").encode()


def test_two_people_cannot_overwrite_each_others_step(drafts):
    draft = made(drafts)
    drafts.apply(draft.id, 0, "set_fields", "甲", at=0, values={"region": "云河市东区"})
    with pytest.raises(UserError) as told:
        drafts.apply(draft.id, 0, "set_fields", "乙", at=0, values={"region": "云河市西区"})
    assert told.value.message == "这份草稿刚被别人改过，您的这一步没有保存。"
    assert drafts.get(draft.id).parts[0].article.region == "云河市东区"


def test_no_id_leads_out_of_the_folder(drafts):
    for id_ in ("../originals", "..", "", "x" * 16):
        with pytest.raises(UserError):
            drafts.get(id_)
        drafts.remove(id_)


def test_a_draft_that_was_spoilt_can_be_removed_and_stops_nothing(store, drafts):
    good, spoilt = made(drafts), made(drafts, "b.txt")
    (store.directory / "drafts" / spoilt.id / "draft.json").write_text('{"id": "x"', encoding="utf-8")
    after = Drafts(store.directory)
    assert [(d.id, d.state, d.bytes > 0) for d in after.all()] == [
        (good.id, "ready", True),
        (spoilt.id, "failed", False),
    ]
    after.remove(spoilt.id)
    assert [d.id for d in after.all()] == [good.id]


class Killed(BaseException):
    """What stops a program at once, as far as a test can."""


def killed_at(monkeypatch, moment: int) -> None:
    """Let the program go on until the ``moment``-th time it touches the disk."""
    left = [moment]

    def dying(real):
        def call(*given, **named):
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return real(*given, **named)

        return call

    for owner, name in ((os, "fsync"), (Path, "replace"), (Path, "mkdir"), (shutil, "rmtree")):
        monkeypatch.setattr(owner, name, dying(getattr(owner, name)))


@pytest.mark.parametrize("work", ["create", "apply", "remove"])
def test_a_kill_at_any_moment_leaves_whole_drafts(store, work):
    work_on = {
        "create": lambda drafts, draft: made(drafts, "另一份.txt"),
        "apply": lambda drafts, draft: drafts.apply(
            draft.id, 0, "set_fields", "甲", at=0, values={"title": "新"}
        ),
        "remove": lambda drafts, draft: drafts.remove(draft.id),
    }[work]
    for moment in range(12):
        drafts = Drafts(store.directory)
        draft = made(drafts)
        with pytest.MonkeyPatch.context() as patch:
            killed_at(patch, moment)
            try:
                work_on(drafts, draft)
                finished = True
            except Killed:
                finished = False
        after = Drafts(store.directory)
        after.sweep()
        held = after.all()
        assert sorted(path.name for path in (store.directory / "drafts").iterdir()) == [d.id for d in held]
        assert all(after.original(d.id) and d.parts for d in held)
        titles = [d.parts[0].article.title for d in held if d.id == draft.id]
        assert titles in (
            [[draft.parts[0].article.title]] if work != "apply" else [[draft.parts[0].article.title], ["新"]]
        ) or (work == "remove" and titles == [])
        for d in held:
            after.remove(d.id)
        if finished:
            return
    pytest.fail("it never ended")


# ── publishing ────────────────────────────────────────────────────────────────────────


def test_what_is_published_is_what_was_corrected_and_the_log_says_so(store, drafts):
    draft = made(drafts)
    drafts.apply(
        draft.id, 0, "set_fields", "乙", at=0, values={"title": "托管班通知", "number": "云工发〔2025〕9号"}
    )
    assert outcomes(store, drafts, draft.id) == [("1", "")]
    (source,) = store.sources()
    assert (source.name, source.origin, source.received_by) == ("托管班.txt", "/收件/托管班.txt", "乙")
    (article,) = store.articles()
    assert (article.id, article.title, article.number) == ("1/1", "托管班通知", "云工发〔2025〕9号")
    assert drafts.all() == []
    new, corrected = store.trail.entries()[::-1]
    assert (new.action, new.who, corrected.action, corrected.who) == ("新增", "乙", "更正", "乙")
    assert "托管班通知" in corrected.after
    assert "托管班通知" not in corrected.before
    assert store.verify() == []


def test_publishing_again_after_a_kill_in_the_middle_adds_nothing(store, drafts, monkeypatch):
    draft = made(drafts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Drafts, "remove", lambda self, id_: (_ for _ in ()).throw(Killed()))
        with pytest.raises(Killed):
            outcomes(store, drafts, draft.id)
    assert [d.id for d in drafts.all()] == [draft.id]
    lines = len(store.trail.entries())
    assert outcomes(store, drafts, draft.id) == [("1", "")]
    assert (len(store.sources()), len(store.trail.entries()), drafts.all()) == (1, lines, [])


def test_another_writer_is_waited_for_and_then_said_and_nothing_is_lost(store, drafts):
    draft = made(drafts)
    with store.writing(), pytest.raises(UserError) as told:
        list(publish(store, drafts, [draft.id], who="乙", wait_s=0.1))
    assert str(told.value) == "另一个程序正在写入这个资料库。请等它结束后再试。草稿都还在，没有丢失。"
    assert outcomes(store, drafts, draft.id) == [("1", "")]


def test_a_file_of_a_name_that_is_live_waits_for_a_decision(store, drafts):
    outcomes(store, drafts, made(drafts).id)
    revised = made(drafts, text="每班不超过30人。")
    ((id_, message),) = outcomes(store, drafts, revised.id)
    assert id_ == ""
    assert message.startswith("资料库里已有同名的文件，内容不同。")
    twins = Twins(store).of(revised)
    assert (twins[0].relation, twins[0].part) == ("同名", -1)
    with pytest.raises(UserError):
        decide(store, drafts, revised.id, 0, "替换 9")
    decide(store, drafts, revised.id, 0, "替换 1")
    assert outcomes(store, drafts, revised.id) == [("1", "")]
    assert ["30人" in a.text for a in store.articles()] == [True]
    assert [v.source.id for v in store.archive.history("1")] == ["1"]


def test_a_new_version_stands_beside_the_old_one_and_is_linked_to_it(store, drafts):
    outcomes(store, drafts, made(drafts).id)
    revised = decide(store, drafts, made(drafts, text="每班不超过30人。").id, 0, "新版本 1")
    assert outcomes(store, drafts, revised.id) == [("2", "")]
    assert [(link.kind, link.newer, link.older) for link in store.links.all()] == [("替代", "2/1", "1/1")]
    assert [source.name for source in store.sources()] == ["托管班.txt", "托管班.txt"]


def test_a_copy_is_kept_apart_where_that_was_chosen_even_of_the_same_bytes(store, drafts):
    outcomes(store, drafts, made(drafts).id)
    copy = decide(store, drafts, made(drafts).id, 0, "另存")
    assert outcomes(store, drafts, copy.id) == [("2", "")]
    assert len(store.sources()) == 2


def test_what_is_live_is_corrected_under_its_id_without_being_read_again(store, drafts):
    outcomes(store, drafts, made(drafts).id)
    cut = store.passages("1/1")
    draft = open_live(store, drafts, "1", who="丙")
    assert open_live(store, drafts, "1", who="丁").id == draft.id
    drafts.apply(draft.id, 0, "set_fields", "丙", at=0, values={"title": "更正后的标题"})
    assert outcomes(store, drafts, draft.id) == [("1", "")]
    assert [a.title for a in store.articles()] == ["更正后的标题"]
    assert store.passages("1/1") == cut
    assert store.source("1").received_by == "乙"
    assert len(store.archive.history("1")) == 1


def test_a_correction_does_not_undo_what_somebody_else_did_meanwhile(store, drafts):
    outcomes(store, drafts, made(drafts).id)
    draft = open_live(store, drafts, "1", who="丙")
    revised = decide(store, drafts, made(drafts, text="每班不超过30人。").id, 0, "替换 1")
    outcomes(store, drafts, revised.id)
    ((id_, message),) = outcomes(store, drafts, draft.id)
    assert (id_, message[:19]) == ("", "这份资料在您更正期间被别人更新过，没有")
    with store.writing() as writer:
        writer.withdraw("1")
    assert outcomes(store, drafts, draft.id)[0][1].startswith("原来的资料已不在库中。")


def test_a_draft_goes_with_what_it_was_opened_from_when_that_is_deleted_for_good(store, drafts):
    outcomes(store, drafts, made(drafts).id)
    opened, other = open_live(store, drafts, "1", who="丙"), made(drafts, "b.txt")
    with store.writing() as writer:
        writer.withdraw("1")
    forget_deleted(store, drafts)
    assert [d.id for d in drafts.all()] == [opened.id, other.id]
    with store.writing() as writer:
        writer.remove("1")
    forget_deleted(store, drafts)
    assert [d.id for d in drafts.all()] == [other.id]


def test_what_was_withdrawn_does_not_come_back_unless_somebody_says_so(store, drafts):
    outcomes(store, drafts, made(drafts).id)
    with store.writing() as writer:
        writer.withdraw("1")
    again = made(drafts, direct=True)
    assert [(t.relation, t.source.id) for t in Twins(store).of(again)] == [("已撤下", "1")]
    assert outcomes(store, drafts, again.id)[0][1].startswith("这份文件先前已被撤下，没有发布。")
    decide(store, drafts, again.id, 0, "替换 1")
    assert outcomes(store, drafts, again.id) == [("1", "")]
    assert [source.id for source in store.sources()] == ["1"]
    assert store.archive.withdrawn() == []


def test_a_reprint_is_pointed_out_and_a_stranger_is_not(store, drafts):
    outcomes(store, drafts, made(drafts, text=LONG).id)
    reprint = made(drafts, "转载.txt", LONG + "\n来源：云河市总工会")
    stranger = drafts.apply(
        made(drafts, "书屋.txt", "职工书屋全年新建12家。").id,
        0,
        "set_fields",
        "甲",
        at=0,
        values={"title": "关于职工书屋建设情况的通报"},
    )
    twins = Twins(store)
    assert [(t.relation, t.article.id, t.part) for t in twins.of(reprint)] == [("同一份", "1/1", 0)]
    assert twins.of(stranger) == []


# ── receiving ─────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def workers():
    opened = pool.Pool(size=1)
    yield opened
    opened.close()


def until(truth, seconds=20):
    end = time.monotonic() + seconds
    while not truth():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def inbox(drafts: Drafts, **files: bytes) -> Path:
    folder = drafts.inbox("0" * 16)
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def test_an_upload_is_read_and_a_broken_file_stays_with_its_sentence(store, drafts, workers):
    receiving = Receiving(store, drafts, workers=workers)
    with zipfile.ZipFile(store.directory / "a.zip", "w") as packed:
        packed.writestr("甲/里面.txt", BODY.format("每班不超过25人。"))
    packed = (store.directory / "a.zip").read_bytes()
    files = {
        "好.txt": BODY.format("每班不超过20人。").encode(),
        "坏.pdf": b"%PDF-1.7 broken",
        "包.zip": packed,
    }
    received = receiving.take(inbox(drafts, **files), who="甲")
    assert len(received.drafts) == 3
    assert set(receiving.progress()) <= {d.id for d in received.drafts}
    until(lambda: {d.state for d in drafts.all()} == {"ready", "failed"} and len(drafts.all()) == 3)
    told = {d.name: (d.state, d.message[:6], len(d.parts)) for d in drafts.all()}
    assert told == {
        "好.txt": ("ready", "", 1),
        "坏.pdf": ("failed", "PDF 已损", 0),
        "包.zip/甲/里面.txt": ("ready", "", 1),
    }
    assert receiving.progress() == {}
    assert receiving.take(inbox(drafts, **{"好.txt": files["好.txt"]}), who="甲").unchanged == ["好.txt"]


def test_a_file_is_given_up_and_another_is_tried_again(store, drafts, tmp_path):
    slow = pool.Pool(size=1, module="ingest.tests.faulty_worker")
    receiving = Receiving(store, drafts, workers=slow)
    sleeper, failing = receiving.take(
        inbox(drafts, **{"a.txt": "睡".encode(), "b.txt": "错".encode()}), who="甲"
    ).drafts
    until(lambda: any(p.stage == "reading" for p in receiving.progress().values()))
    assert receiving.progress()[failing.id].stage == "queued"
    receiving.cancel(sleeper.id)
    until(lambda: [d.state for d in drafts.all()] == ["failed"])
    assert "程序处理这个文件时出错（RecursionError" in drafts.get(failing.id).message
    assert receiving.retry(failing.id).state == "waiting"
    until(lambda: drafts.get(failing.id).state == "failed")
    slow.close()


def test_what_a_killed_program_had_not_read_the_next_one_reads(store, drafts, workers):
    left = drafts.create(BODY.format("每班不超过25人。").encode(), name="a.txt", origin="/a.txt", by="甲")
    (store.directory / "drafts" / ".new-half").mkdir()
    ready = threading.Event()
    Receiving(store, drafts, workers=workers, ready=lambda _: ready.set()).resume()
    until(lambda: drafts.get(left.id).state == "ready")
    assert not (store.directory / "drafts" / ".new-half").exists()
    assert not ready.is_set()
    trusted = made(drafts, "b.txt", direct=True)
    Receiving(
        store, drafts, workers=workers, ready=lambda draft: draft.id == trusted.id and ready.set()
    ).resume()
    assert ready.is_set()


class FakePool:
    """A pool whose one answer the test gives."""

    size = 1

    def submit(self, job, done):
        self.job, self.done = job, done

    def cancel(self, jobs):
        for job in jobs:
            job.cancelled = True


def test_pages_read_again_keep_the_corrections_of_what_was_read_as_before(store, drafts):
    draft = made(drafts, name="a.txt")
    draft = drafts.apply(draft.id, 0, "set_fields", "甲", at=0, values={"region": "云河市东区"})
    workers = FakePool()
    receiving = Receiving(store, drafts, workers=workers)
    receiving.retry(draft.id, (1,))
    assert (drafts.get(draft.id).state, workers.job.recognise) == ("waiting", (1,))
    document, lines = read(BODY.format("每班不超过25人。").encode(), "a.txt", "0")
    workers.done(pool.Result(document=document, lines=tuple(lines)))
    again = drafts.get(draft.id)
    assert (again.state, again.parts[0].article.region) == ("ready", "云河市东区")
    assert again.steps[-1].words == "第 1 页用文字识别重读"
    receiving.retry(draft.id, (1,))
    document, lines = read(BODY.format("每班不超过35人。").encode(), "a.txt", "0")
    workers.done(pool.Result(document=document, lines=tuple(lines)))
    read_anew = drafts.get(draft.id)
    assert ("35人" in read_anew.parts[0].article.text, read_anew.parts[0].article.region) == (True, "云河市")
    assert read_anew.undone().parts == again.parts
    receiving.retry(draft.id, (1,))
    receiving.cancel(draft.id)
    assert (drafts.get(draft.id).state, drafts.get(draft.id).parts) == ("ready", read_anew.parts)
    assert (workers.job.cancelled, receiving.progress()) == (True, {})


KILLED = """
import sys
from pathlib import Path
from corpus.store import Store
from corpus.testing import HashingEncoder
from ingest.intake.drafts import Drafts
from ingest.intake.publishing import publish
import os, signal
store = Store.open(Path(sys.argv[1]), encoder=HashingEncoder())
Drafts.remove = lambda self, id_: os.kill(os.getpid(), signal.SIGKILL)
list(publish(store, Drafts(store.directory), sys.argv[2:], who="乙"))
"""


def test_a_program_killed_between_the_store_and_the_draft_loses_and_doubles_nothing(tmp_path):
    with make_store(tmp_path) as store:
        draft = made(Drafts(store.directory))
    command = [sys.executable, "-c", KILLED, str(tmp_path / "store"), draft.id]
    assert subprocess.run(command, cwd=Path(__file__).parents[2]).returncode == -9
    with Store.open(tmp_path / "store", encoder=HashingEncoder()) as store:
        drafts = Drafts(store.directory)
        assert [d.id for d in drafts.all()] == [draft.id]
        assert outcomes(store, drafts, draft.id) == [("1", "")]
        assert (len(store.sources()), drafts.all(), store.verify()) == (1, [], [])
