"""The log and the backup as administrators see them in the browser."""

import csv
import io
import json
import re
import tempfile
import zipfile

import pytest
from starlette.applications import Starlette

from corpus.errors import UserError
from corpus.store import Store
from corpus.testing import HashingEncoder, make_store
from corpus.tests.asgi import ask
from corpus.web import trail_routes


@pytest.fixture
def store(tmp_path):
    with make_store(tmp_path) as made:
        for n in range(1, 121):
            made.log(
                who="王敏" if n % 2 else "李强",
                action="改标题",
                detail=f"<b>第{n}份</b>",
                before="旧",
                after="=新",
            )
        yield made


@pytest.fixture
def app(store):
    return Starlette(routes=trail_routes.routes(store, []))


def numbers(page):
    return [int(n) for n in re.findall(r'data-name="序号">(\d+)<', page)]


def test_the_log_is_shown_the_newest_first_in_pages(app):
    first = ask(app, "GET", "/admin/audit")
    assert (first.status, numbers(first.text)) == (200, list(range(120, 70, -1)))
    assert "第 1 页，共 3 页" in first.text
    assert numbers(ask(app, "GET", "/admin/audit?page=3").text) == list(range(20, 0, -1))
    assert numbers(ask(app, "GET", "/admin/audit?page=99").text) == list(range(20, 0, -1))
    assert numbers(ask(app, "GET", "/admin/audit?page=x").text) == list(range(120, 70, -1))


def test_what_was_written_is_shown_as_text(app):
    shown = ask(app, "GET", "/admin/audit?text=<script>alert(1)</script>%22")
    assert "<script" not in shown.text
    assert "&lt;b&gt;第120份&lt;/b&gt;" in ask(app, "GET", "/admin/audit").text
    assert "<b>第" not in ask(app, "GET", "/admin/audit").text


def test_filters_narrow_what_is_shown_and_what_is_downloaded(app):
    query = "who=%E7%8E%8B%E6%95%8F&text=%E7%AC%AC1"  # 王敏, 第1
    wanted = [n for n in range(119, 0, -2) if str(n).startswith("1")]
    shown = ask(app, "GET", f"/admin/audit?{query}").text
    assert numbers(shown) == wanted
    assert f"共 120 条，符合的 {len(wanted)} 条" in shown
    assert "audit.csv?who=%E7%8E%8B%E6%95%8F&amp;text=%E7%AC%AC1" in shown
    rows = list(
        csv.DictReader(io.StringIO(ask(app, "GET", f"/admin/audit.csv?{query}").body.decode("utf-8-sig")))
    )
    assert [int(row["序号"]) for row in rows] == sorted(wanted)
    assert {row["改为"] for row in rows} == {"'=新"}
    answer = ask(app, "GET", f"/admin/audit.jsonl?{query}")
    assert [json.loads(line)["number"] for line in answer.text.splitlines()] == sorted(wanted)
    assert re.fullmatch(
        r'attachment; filename="audit-\d{8}-\d{4}.jsonl"', answer.headers["content-disposition"][0]
    )


def test_a_day_that_is_none_says_so(app):
    for address in ("/admin/audit?since=abc", "/admin/audit.csv?until=2031-13-01"):
        answer = ask(app, "GET", address)
        assert (answer.status, "不是日期" in answer.text) == (400, True)


def test_checking_tells_what_was_done_to_the_log(app, store):
    assert "检查过了：120 条记录前后相连" in ask(app, "GET", "/admin/audit?check=1").text
    store._catalogue.connection().execute("DROP TRIGGER audit_keeps")
    store._catalogue.connection().execute("UPDATE audit SET who = '别人' WHERE id = 7")
    answer = ask(app, "GET", "/admin/audit?check=1")
    assert (answer.status, "第 7 条与它的校验码不符" in answer.text) == (400, True)


def test_a_backup_is_handed_over_whole_and_nothing_of_it_stays(app, store, tmp_path, monkeypatch):
    (tmp_path / "临时").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "临时"))
    assert "立即备份并下载" in ask(app, "GET", "/admin/backup").text
    answer = ask(app, "POST", "/admin/backup", form={})
    assert answer.status == 200
    assert zipfile.ZipFile(io.BytesIO(answer.body)).testzip() is None
    (tmp_path / "网页.zip").write_bytes(answer.body)
    Store.restore(tmp_path / "网页.zip", tmp_path / "新")
    with Store.open(tmp_path / "新", encoder=HashingEncoder()) as other:
        assert other.trail.count() == 121
    assert list((tmp_path / "临时").iterdir()) == []
    assert "网页" in ask(app, "GET", "/admin/backup").text


def test_a_backup_that_fails_says_why_and_leaves_nothing(app, store, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise UserError("备份没有写成：磁盘已满。", "请换一个位置。")

    (tmp_path / "临时").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "临时"))
    monkeypatch.setattr(store, "backup", fail)
    answer = ask(app, "POST", "/admin/backup", form={})
    assert (answer.status, "磁盘已满" in answer.text) == (400, True)
    assert list((tmp_path / "临时").iterdir()) == []
