"""What the tab 添加与预览 asks the server for, and how a new store is filled at the first start."""

import io
import time
import zipfile

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from corpus.store import Store
from corpus.testing import HashingEncoder, make_store
from corpus.versions.effects import Answerable, NowAnswered
from ingest import first_start
from ingest.desk import drafts_routes
from ingest.intake.reception import Reception
from ingest.tests.pdfs import Run, make_pdf
from ingest.workers import pool

NOTICE = (
    "云河市总工会关于开办暑期托管班的通知（示例）\n\n各区县总工会：\n\n{body}\n\n云河市总工会\n2025年6月3日\n"
)
NASTY = "<img src=x onerror=hack()>"


class FakeEffects:
    """Every document answers one question, and one that was refused before."""

    def questions(self, source_ids, *, seconds=5):
        yield Answerable("每班多少人？", "25人。", f"{source_ids[0]}/1", "托管班")

    def now_answered(self, source_ids, *, seconds=30):
        yield NowAnswered(4, 2, "托管班收费吗？", "不收费。", f"{source_ids[0]}/1", "托管班")

    def resting(self, source_ids):
        return []


@pytest.fixture(scope="module")
def workers():
    opened = pool.Pool(size=1)
    yield opened
    opened.close()


@pytest.fixture
def store(tmp_path):
    with make_store(tmp_path) as opened:
        yield opened


@pytest.fixture
def page(store, workers):
    app = Starlette(routes=drafts_routes.routes(store, Reception(store, workers=workers), FakeEffects()))
    with TestClient(app) as client:
        yield client


def drafts(page) -> list[dict]:
    return page.get("/corpus/drafts.json").json()["drafts"]


def read(page, count: int) -> list[dict]:
    """The drafts, once all of them are read."""
    end = time.monotonic() + 20
    while len(found := drafts(page)) != count or any(d["state"] == "waiting" for d in found):
        assert time.monotonic() < end, found
        time.sleep(0.02)
    return found


def upload(page, *, direct: bool = False, **files: bytes | str) -> dict:
    batch = f"{time.time_ns():016x}"[:16]
    for name, data in files.items():
        sent = page.post(f"/corpus/drafts/in/{batch}", params={"path": name}, content=data)
        assert sent.status_code == 200, sent.json()
    return page.post(f"/corpus/drafts/in/{batch}/done", json={"direct": direct}).json()


def asked(page, draft_id: str, what: str, **told):
    return page.post(f"/corpus/drafts/{draft_id}/{what}", json=told)


def test_an_upload_is_looked_at_corrected_published_and_says_what_it_answers(page, store):
    body = NOTICE.format(body="暑期托管班每班不超过25人。")
    assert upload(page, **{"托管班.txt": body}) == {"added": 1, "unchanged": []}
    (row,) = read(page, 1)
    assert (row["name"], row["articles"], row["trust"], row["by"]) == ("托管班.txt", 1, "可信", "网页")
    assert store.counts().sources == 0
    shown = page.get(f"/corpus/drafts/{row['id']}.json").json()
    assert [line[0] for line in shown["parts"][0]["lines"]][:2] == [
        "各区县总工会：",
        "暑期托管班每班不超过25人。",
    ]
    changed = asked(page, row["id"], "act", do="set_fields", version=1, at=0, values={"title": NASTY}).json()
    assert (changed["parts"][0]["values"]["title"], len(changed["history"])) == (NASTY, 1)
    (outcome,) = page.post("/corpus/drafts/publish", json={"ids": [row["id"]]}).json()["outcomes"]
    assert (outcome["source_id"], outcome["message"]) == ("1", "")
    assert [(a.title, "25人" in a.text) for a in store.articles()] == [(NASTY, True)]
    told = page.post("/corpus/drafts/effects", json={"sources": ["1"]}).json()
    assert [q["question"] for q in told["questions"]] == ["每班多少人？"]
    assert [(q["question"], q["times"]) for q in told["now"]] == [("托管班收费吗？", 2)]


def test_the_boxes_of_an_article_are_blocks_of_lines_under_its_title(page):
    left = [Run(60, 100 + 16 * n, f"左栏第{n}行说的是书屋建设的事情") for n in range(4)]
    right = [Run(330, 100 + 16 * n, f"右栏第{n}行说的也是书屋的事情") for n in range(4)]
    upload(page, **{"两栏.pdf": make_pdf([left + right])})
    (row,) = read(page, 1)
    shown = page.get(f"/corpus/drafts/{row['id']}.json").json()
    blocks = [(mark[0], mark[5], mark[6] != "") for mark in shown["marks"]]
    assert blocks == [(1, "a0", True), (1, "a0", False)]
    assert shown["marks"][0][3] < shown["marks"][1][1]  # side by side


def test_a_folder_brings_its_register_and_a_zip_its_files(page):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("里面.txt", NOTICE.format(body="甲。"))
    files = {
        "年/通知.txt": NOTICE.format(body="乙。"),
        "年/sources.csv": "file,region\n通知.txt,云河市东区\n",
        "包.zip": packed.getvalue(),
    }
    assert upload(page, **files)["added"] == 2
    found = {row["name"]: row["id"] for row in read(page, 2)}
    assert sorted(found) == ["包.zip/里面.txt", "年/通知.txt"]
    shown = page.get(f"/corpus/drafts/{found['年/通知.txt']}.json").json()
    assert shown["parts"][0]["values"]["region"] == "云河市东区"


def test_a_file_that_cannot_be_read_stays_listed_with_the_reason(page):
    upload(page, **{"坏.pdf": b"%PDF-1.7 broken"})
    (row,) = read(page, 1)
    assert (row["state"], row["message"][:10], row["retry"]) == ("failed", "PDF 已损坏，打不开。"[:10], True)
    assert asked(page, row["id"], "retry").status_code == 200
    (again,) = read(page, 1)
    assert again["state"] == "failed"
    assert asked(page, row["id"], "remove").json() == {}
    assert drafts(page) == []


def test_trusted_files_go_live_at_once_and_replace_themselves(page, store):
    for number in (25, 30):
        upload(page, direct=True, **{"托管班.txt": NOTICE.format(body=f"每班不超过{number}人。")})
        read(page, 0)
    assert [(s.name, s.received_by) for s in store.sources()] == [("托管班.txt", "网页")]
    assert ["每班不超过30人" in a.text for a in store.articles()] == [True]
    same = upload(page, **{"托管班.txt": NOTICE.format(body="每班不超过30人。")})
    assert same == {"added": 0, "unchanged": ["托管班.txt"]}


def test_a_page_of_a_pdf_is_read_again_by_recognition_where_its_number_is_one(page):
    upload(page, **{"托管班.txt": NOTICE.format(body="每班不超过25人。")})
    (row,) = read(page, 1)
    wrong = asked(page, row["id"], "retry", pages="3-2")
    assert (wrong.status_code, wrong.json()["message"][:11]) == (409, "页码“3-2”无效。请")
    asked(page, row["id"], "retry", pages="1")
    (row,) = read(page, 1)
    assert (row["state"], row["message"][:10], row["articles"]) == ("ready", "只有 PDF 的页面", 1)


@pytest.mark.parametrize("path", ["../../a.txt", "甲/../../a.txt", "", "/"])
def test_no_upload_lands_outside_its_folder(page, path):
    sent = page.post("/corpus/drafts/in/0123456789abcdef", params={"path": path}, content=b"x")
    assert (sent.status_code, sent.json()["message"]) == (400, "文件名无效。请改名后重新上传。")
    assert page.post("/corpus/drafts/in/../done", json={}).status_code in (404, 405)


def test_what_no_page_of_ours_sends_is_refused_in_words(page):
    upload(page, **{"托管班.txt": NOTICE.format(body="每班不超过25人。")})
    (row,) = read(page, 1)
    for told in (
        {"do": "set_fields", "version": 1, "at": True, "values": {}},
        {"do": "leave_out", "version": 1, "at": 0, "lines": ["0"]},
        {"do": "__class__", "version": 1},
        {"do": "undo", "version": "1"},
    ):
        refused = asked(page, row["id"], "act", **told)
        assert (refused.status_code, refused.json()["message"]) == (
            409,
            "页面与程序的版本不一致。请刷新页面后再试。",
        )
    assert page.post(f"/corpus/drafts/{row['id']}/act", content="do=undo").status_code == 415
    assert page.get("/corpus/drafts/..%2Foriginals.json").status_code in (404, 409)


@pytest.fixture
def shipped(tmp_path):
    folder = tmp_path / "shipped"
    folder.mkdir()
    for number in (1, 2, 3):
        body = NOTICE.format(body=f"第{number}期托管班每班不超过25人。")
        (folder / f"通知{number}.txt").write_text(body, encoding="utf-8")
    return folder


def test_a_new_store_is_filled_at_the_first_start_and_only_then(tmp_path, shipped):
    with Store.open(tmp_path / "store", encoder=HashingEncoder()) as store:
        assert list(first_start.fill(store, shipped))[-1].tally.new == 3
        with store.writing() as writer:
            for source in store.sources():
                writer.remove(source.id)
        assert list(first_start.fill(store, shipped)) == []
        assert store.counts().sources == 0


def test_a_first_start_that_was_interrupted_goes_on(tmp_path, shipped):
    with Store.open(tmp_path / "store", encoder=HashingEncoder()) as store:
        filling = first_start.fill(store, shipped)
        while next(filling).stage != "done":
            pass
        filling.close()
        kept = store.counts().sources
        assert kept >= 1
        assert list(first_start.fill(store, shipped))[-1].tally.new == 3 - kept
        assert store.counts().sources == 3


def test_a_store_that_somebody_filled_is_left_alone(tmp_path, shipped):
    with make_store(tmp_path, ["甲。"]) as store:
        assert list(first_start.fill(store, shipped)) == []
