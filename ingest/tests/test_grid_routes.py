"""The table over HTTP: rows and counts, what is refused, files to take away, and what is done to chosen files."""

import csv
import io
import json
import zipfile
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from corpus.accounts.people import Person
from corpus.testing import make_document
from corpus.versions.effects import RestingCase
from ingest.desk.grid_query import COLUMNS, asked
from ingest.desk.routes import routes

NASTY = '=HYPERLINK("http://云河市.invalid","点我")<script>window.hacked=1</script>'
AT = "/corpus/holdings"


class Resting:
    """Effects of which one case rests on whatever is asked about."""

    def resting(self, source_ids):
        return [RestingCase("考题", "1", f"依据 {'、'.join(source_ids)} 的考题", ("标准答案",))]


@pytest.fixture
def held(store):
    """Three files: an ordinary one, one with a nasty name and title, one of two articles."""
    with store.writing(who="测试") as writer:
        writer.put(
            *make_document(
                "1", name="办法.pdf", articles=[{"title": "疗休养办法", "kind": "办法", "text": "一年一次。"}]
            )
        )
        writer.put(
            *make_document(
                "2", name=f"../{NASTY}.html", articles=[{"title": NASTY, "issuer": "@总工会", "text": "甲"}]
            )
        )
        two = [
            {"title": "报头", "kind": "新闻", "text": "乙"},
            {"title": "简讯", "kind": "新闻", "text": "丙"},
        ]
        writer.put(*make_document("3", name="办法.pdf", articles=two))
    return store


@pytest.fixture
def client(held):
    app = Starlette(routes=routes(held, Resting()))

    async def signed_in(scope, receive, send):
        await app({**scope, "person": Person(name="张三")}, receive, send)

    return TestClient(signed_in)


def lines(reply):
    return [json.loads(line) for line in reply.text.splitlines()]


def states(store):
    return {row.id: row.state for row in store.holdings.rows()}


def test_rows_come_with_their_total_and_on_request_with_counts(client):
    got = client.get(f"{AT}/rows?kind=新闻&sort=title&limit=1&counts=1").json()
    assert [row["title"] for row in got["rows"]] == ["报头"]
    assert (got["total"], got["files"], got["held"]) == (2, 1, 4)
    assert got["counts"]["kind"] == [["新闻", 2], ["办法", 1], ["其他", 1]]
    second = client.get(f"{AT}/rows?kind=新闻&sort=title&limit=1&offset=1").json()
    assert ([row["title"] for row in second["rows"]], second["counts"]) == (["简讯"], {})
    assert second["stamp"] == got["stamp"]


def test_an_address_says_every_kind_of_condition():
    query = asked(
        "q=一 二&kind=通知&kind=办法&region=（空）&has.title=三&from.pages=2&to.pages=5&sort=-title"
    )
    assert (query.text, query.sort, query.descending) == ("一 二", "title", True)
    assert query.chosen == {"kind": ["通知", "办法"], "region": [""]}
    assert (query.contains, query.between) == ({"title": "三"}, {"pages": ("2", "5")})


@pytest.mark.parametrize(
    "query",
    [
        "sort=text",
        "sort=title;drop table articles",
        "kind;=1",
        "has.origin=x",
        "from.title=1",
        "from.pages=zwei",
        "to.published_on=gestern",
        "from.published_on=" + "9" * 150,
        "q=" + "长" * 300,
        "&".join(f"kind={n}" for n in range(500)),
        "' OR 1=1=1",
    ],
)
def test_what_is_no_condition_is_refused_in_words(client, query):
    reply = client.get(f"{AT}/rows?{query}")
    assert reply.status_code == 400
    assert set(reply.json()) == {"error"}
    assert reply.headers["content-type"] == "application/json"


def test_a_file_opens_with_its_articles_live_and_withdrawn(client, held):
    got = client.get(f"{AT}/files/3").json()
    assert (got["name"], got["state"], got["versions"]) == ("办法.pdf", "已发布", 0)
    assert [(a["id"], a["title"], a["passages"]) for a in got["articles"]] == [
        ("3/1", "报头", 1),
        ("3/2", "简讯", 1),
    ]
    with held.writing(who="李四") as writer:
        writer.withdraw("3", note="有误")
    gone = client.get(f"{AT}/files/3").json()
    assert (gone["state"], gone["withdrawn_by"], gone["note"]) == ("已撤下", "李四", "有误")
    assert [a["title"] for a in gone["articles"]] == ["报头", "简讯"]
    for nobody in ("9", "f1", "v1", "../1", "1 OR 1=1"):
        assert client.get(f"{AT}/files/{quote(nobody, safe='')}").status_code in (400, 404)


def test_originals_are_saved_never_shown(client, held):
    reply = client.get(f"{AT}/files/2/original")
    assert reply.content == held.original("2")
    assert reply.headers["content-type"] == "application/octet-stream"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert not set('<>"/\\') & set(reply.headers["content-disposition"].split("''")[1])
    with held.writing(who="李四") as writer:
        writer.withdraw("2")
    assert client.get(f"{AT}/files/2/original").content == reply.content


def test_several_originals_come_in_a_zip_that_stays_in_its_folder(client, held):
    reply = client.post(f"{AT}/originals", json={"query": ""})
    with zipfile.ZipFile(io.BytesIO(reply.content)) as packed:
        assert packed.testzip() is None
        names = packed.namelist()
        assert sorted(names)[-2:] == ["办法.pdf", "办法（2）.pdf"]
        assert not any(
            name.startswith("/") or ".." in name.split("/") or set(name) & set('<>:"|?*\\') for name in names
        )
        assert sorted(packed.read(name) for name in names) == sorted(held.original(n) for n in "123")


def test_the_table_goes_into_a_spreadsheet_without_formulas(client):
    reply = client.get(f"{AT}/export.csv?q=HYPERLINK")
    assert reply.content.startswith("\ufeff".encode())
    rows = list(csv.reader(io.StringIO(reply.content.decode("utf-8-sig"))))
    assert rows[0] == [column.heading for column in COLUMNS]
    assert len(rows) == 2
    assert rows[1][0] == f"'{NASTY}"
    assert rows[1][4] == "'@总工会"
    assert not any(cell[:1] in set("=+-@\t\r＝＋－＠") for row in rows for cell in row if cell)


def test_a_choice_is_told_before_anything_is_done(client):
    told = client.post(f"{AT}/choice", json={"ids": ["3/2", "1/1", "9/9"], "resting": True}).json()
    assert told == {
        "files": ["1", "3"], "rows": 2, "articles": 3, "live": 2, "withdrawn": 0,
        "names": ["办法.pdf", "办法.pdf"], "cases": 1, "resting": ["依据 1、3 的考题"],
    }  # fmt: skip
    all_but = client.post(
        f"{AT}/choice", json={"query": "kind=新闻", "except": ["3/1"], "expected": 1}
    ).json()
    assert (all_but["files"], all_but["rows"], all_but["cases"]) == (["3"], 1, 0)


def test_withdrawing_restoring_and_deleting_stand_in_the_trail_with_the_persons_name(client, held):
    done = lines(client.post(f"{AT}/act", json={"do": "withdraw", "ids": ["1/1", "3/1"], "note": "过期"}))
    assert done == [{"done": 2, "total": 2}, {"finished": True, "done": 2, "total": 2}]
    assert states(held) == {"1/1": "已撤下", "2/1": "已发布", "3/1": "已撤下", "3/2": "已撤下"}
    again = lines(client.post(f"{AT}/act", json={"do": "withdraw", "ids": ["1/1", "2/1"]}))
    assert again[-1] == {"finished": True, "done": 1, "total": 2}
    restored = lines(client.post(f"{AT}/act", json={"do": "restore", "query": "state=已撤下", "expected": 4}))
    assert restored[-1] == {"finished": True, "done": 3, "total": 3}
    assert set(states(held).values()) == {"已发布"}
    gone = lines(client.post(f"{AT}/act", json={"do": "delete", "ids": ["2/1"], "confirm": "彻底删除"}))
    assert gone[-1] == {"finished": True, "done": 1, "total": 1}
    assert set(states(held)) == {"1/1", "3/1", "3/2"}
    trail = [(line.who, line.action) for line in held.trail.entries() if line.who == "张三"]
    assert sorted(trail) == sorted([("张三", "撤下")] * 3 + [("张三", "恢复")] * 3 + [("张三", "删除")])


@pytest.mark.parametrize(
    "body",
    [
        {"do": "delete", "ids": ["1/1"]},
        {"do": "delete", "ids": ["1/1"], "confirm": "删除"},
        {"do": "withdraw", "query": "", "expected": 3},
        {"do": "withdraw", "query": "sort=x"},
        {"do": "withdraw", "ids": "1/1"},
        {"do": "withdraw", "ids": [1]},
        {"do": "withdraw"},
        {"do": ["withdraw"], "ids": ["1/1"]},
        {"do": "withdraw", "ids": ["1/1"], "note": "长" * 600},
        ["withdraw"],
        None,
    ],
)
def test_what_is_not_asked_for_rightly_is_not_done(client, held, body):
    assert client.post(f"{AT}/act", json=body).status_code == 400
    assert set(states(held).values()) == {"已发布"}


def test_an_unknown_action_is_refused_and_does_nothing(client, held):
    reply = client.post(f"{AT}/act", json={"do": "publish", "ids": ["1/1"]})
    assert "error" in lines(reply)[-1]
    assert set(states(held).values()) == {"已发布"}


def test_only_json_is_taken(client, held):
    body = json.dumps({"do": "withdraw", "ids": ["1/1"]})
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        assert client.post(f"{AT}/act", content=body, headers={"content-type": kind}).status_code == 400
    broken = {"content-type": "application/json"}
    assert client.post(f"{AT}/act", content="{" * 100000, headers=broken).status_code == 400
    assert (
        client.post(f"{AT}/act", content=b'{"ids": "' + b"1" * 3_000_000, headers=broken).status_code == 400
    )
    assert client.get(f"{AT}/act").status_code == 405
    assert set(states(held).values()) == {"已发布"}
