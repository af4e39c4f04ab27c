"""Files handed in by other programs: jobs, what becomes of them, originals to download."""

import io
import time
import zipfile

import pytest
from starlette.testclient import TestClient

from corpus.testing import make_store
from corpus.web import api
from ingest import api_routes
from ingest.intake.reception import Ended, Memory, Reception
from ingest.workers import pool

NOTICE = "云河市总工会关于举办培训班的通知\n各基层工会：\n培训班定于六月举行，每班不超过{}人。"


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
def reception(store, workers):
    return Reception(store, workers=workers)


@pytest.fixture
def client(store, reception):
    router = api_routes.router(store, reception)
    with TestClient(api.application([router], title="接口")) as opened:
        yield opened


def handed_in(client, files: dict[str, str | bytes], **form) -> dict:
    sent = [
        ("files", (name, data.encode() if isinstance(data, str) else data)) for name, data in files.items()
    ]
    got = client.post("/ingest", files=sent, data=form)
    assert got.status_code == 202, got.text
    return got.json()


def ended(client, job: dict) -> dict:
    """The job once nothing more happens with it by itself."""
    end = time.monotonic() + 60
    while (now := client.get(f"/ingest/{job['id']}").json())["state"] in ("queued", "reading", "publishing"):
        assert time.monotonic() < end, now
        time.sleep(0.02)
    return now


def zipped(files: dict[str, str]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return held.getvalue()


def test_a_file_is_read_published_and_downloaded_again(client, store):
    received = handed_in(client, {"二〇二四/通知.txt": NOTICE.format(25), "run.py": "1", ".藏": "2"})
    (job,) = received["jobs"]
    assert (job["name"], received["unchanged"], sorted(received["skipped"])) == (
        "二〇二四/通知.txt",
        [],
        [".藏", "run.py"],
    )
    done = ended(client, job)
    assert (done["state"], done["source_id"], done["articles"]) == ("published", "1", 1)
    assert store.source("1").received_by == "接口"
    got = client.get("/originals/1")
    assert got.content == NOTICE.format(25).encode()
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in got.headers["content-security-policy"]
    assert handed_in(client, {"二〇二四/通知.txt": NOTICE.format(25)})["unchanged"] == ["二〇二四/通知.txt"]
    (changed,) = handed_in(client, {"二〇二四/通知.txt": NOTICE.format(30)})["jobs"]
    assert ended(client, changed)["source_id"] == "1"
    assert client.get("/originals/1").content == NOTICE.format(30).encode()


def test_what_is_to_be_looked_at_first_waits_for_a_person(client, store, reception):
    (job,) = handed_in(client, {"通知.txt": NOTICE.format(25)}, direct="false")["jobs"]
    assert (ended(client, job)["state"], store.counts().sources) == ("ready", 0)
    reception.publish([job["id"]], who="李梅")
    assert client.get(f"/ingest/{job['id']}").json()["state"] == "published"
    (other,) = handed_in(client, {"通知二.txt": NOTICE.format(26)}, direct="false")["jobs"]
    ended(client, other)
    assert client.delete(f"/ingest/{other['id']}").json()["state"] == "removed"
    assert reception.drafts.all() == []
    assert [j["state"] for j in client.get("/ingest").json()["jobs"]] == ["removed", "published"]


def test_an_archive_becomes_a_job_for_each_file_and_a_bad_file_says_why(client):
    (job,) = handed_in(client, {"一包.zip": zipped({"甲.txt": NOTICE.format(1), "乙.txt": "\0\1\2"})})["jobs"]
    unpacked = ended(client, job)
    members = [ended(client, {"id": id_}) for id_ in unpacked["members"]]
    assert unpacked["state"] == "unpacked"
    assert sorted((m["name"], m["state"]) for m in members) == [
        ("一包.zip/乙.txt", "failed"),
        ("一包.zip/甲.txt", "published"),
    ]
    (failed,) = (m for m in members if m["state"] == "failed")
    assert failed["message"].endswith("。")


def test_what_became_of_a_job_is_known_after_the_program_started_anew(store, client, workers):
    (job,) = handed_in(client, {"通知.txt": NOTICE.format(25)})["jobs"]
    done = ended(client, job)
    again = api.application([api_routes.router(store, Reception(store, workers=workers))], title="接口")
    with TestClient(again) as other:
        assert other.get(f"/ingest/{job['id']}").json() == done


def test_memory_outlives_a_torn_line_and_keeps_the_latest(tmp_path, monkeypatch):
    monkeypatch.setattr("ingest.intake.reception._REMEMBERED", 3)
    memory = Memory(tmp_path / "ended.jsonl")
    for n in range(8):
        memory.add(Ended(id=f"{n}", name=f"{n}.txt", state="published", at="2024-05-01", members=("x",)))
    with (tmp_path / "ended.jsonl").open("a") as file:
        file.write('{"id": "9", "na')
    again = Memory(tmp_path / "ended.jsonl")
    assert [each.id for each in again.latest(9)] == ["7", "6"]  # the torn line took a place
    assert again.get("7") == Ended(id="7", name="7.txt", state="published", at="2024-05-01", members=("x",))
    assert again.get("0") is None
    assert len((tmp_path / "ended.jsonl").read_text().splitlines()) == 2


def test_two_files_of_one_name_stay_two(client):
    names = [("files", ("a.txt", NOTICE.format(n).encode())) for n in (1, 2)]
    jobs = client.post("/ingest", files=names, data={"direct": "false"}).json()["jobs"]
    assert sorted(job["name"] for job in jobs) == ["a (2).txt", "a.txt"]


@pytest.mark.parametrize(
    ("files", "form", "status", "message"),
    [
        ([], {"direct": "true"}, 422, "缺少字段“files”。"),
        ([("files", ("a.txt", b"1"))], {"direct": "perhaps"}, 422, "字段“direct”只能是 true、false。"),
        ([("files", ("../../a.txt", b"1"))], {}, 400, "文件名无效。"),
        ([("files", (f"{n}.txt", b"1")) for n in range(51)], {}, 422, "字段“files”太多，最多 50 项。"),
    ],
)
def test_what_cannot_be_taken_is_said_and_leaves_nothing(client, store, files, form, status, message):
    got = client.post("/ingest", files=files, data=form)
    assert (got.status_code, got.json()["error"]["message"]) == (status, message)
    assert list((store.directory / "drafts").glob(".new-*")) == []


def test_what_is_not_there_is_said(client):
    for path in ("/ingest/0123456789ab", "/originals/7"):
        got = client.get(path)
        assert (got.status_code, got.json()["error"]["code"]) == (404, "not_found")
    assert client.delete("/ingest/0123456789ab").status_code == 404
    assert client.get("/ingest/..%2f..%2fdrafts").status_code in (404, 422)
    assert client.get("/originals/0").status_code == 422
