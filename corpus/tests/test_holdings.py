"""The table of the corpus: every filter, every order, the counts, and what stands there after every change."""

import contextlib
import random
from dataclasses import replace

import pytest

from corpus.errors import UserError
from corpus.table.holdings import Holdings, Query
from corpus.testing import make_document, make_store
from corpus.versions.standing import Register

DAY = "2026-06-15"
ARTICLES = [
    {
        "title": "云河市职工疗休养办法",
        "kind": "办法",
        "issuer": "云河市总工会",
        "number": "云工发〔2019〕2号",
        "published_on": "2019-04-02",
        "effective_on": "2019-05-01",
        "region": "云河市",
        "status": "现行",
        "text": "职工疗休养由市总工会统一组织。",
    },
    {
        "title": "云河市职工疗休养办法",
        "kind": "办法",
        "issuer": "云河市总工会",
        "number": "云工发〔2024〕10号",
        "published_on": "2024-03-05",
        "effective_on": "2024-04-01",
        "region": "云河市",
        "status": "现行",
        "text": "职工疗休养一年一次。",
    },
    {
        "title": "桐山县送温暖活动通知",
        "kind": "通知",
        "issuer": "桐山县总工会",
        "published_on": "2024",
        "region": "桐山县",
        "quality": 0.6,
        "text": "送温暖活动在春节前开展。",
    },
    {
        "title": "ABC 平台工会调研",
        "kind": "调研",
        "published_on": "2025-07",
        "quality": 0.3,
        "text": "平台企业建会情况。",
    },
    {
        "title": "阿坝第10号问答",
        "kind": "问答",
        "effective_on": "2027-01-01",
        "text": "怎样入会。",
    },
    {
        "title": "阿坝第2号问答",
        "kind": "问答",
        "expires_on": "2025-12-31",
        "text": "怎样退会。",
    },
]


@pytest.fixture
def store(tmp_path):
    made = make_store(tmp_path)
    with made.writing(who="测试") as writer:
        for number, article in enumerate(ARTICLES, 1):
            source, *rest = make_document(str(number), name=f"第{number}份.pdf", articles=[article])
            source = replace(
                source,
                received_at=f"2025-01-0{number}T08:00:00+08:00",
                received_by="王一山" if number % 2 else "李二河",
                pages=number,
                warnings=("扫描件",) * (number // 3),
            )
            writer.put(source, *rest)
    yield made
    made.close()


def ids(store, **query):
    return [row.id for row in store.holdings.rows(Query(**query), day=DAY)]


def by_place(store, **query):
    return sorted(ids(store, **query))


def test_a_row_tells_the_article_and_its_file_and_how_it_stands_on_the_day(store):
    page = store.holdings.page(Query(text="疗休养"), day=DAY)
    assert [row._asdict() for row in page.rows] == [
        {
            "id": "2/1",
            "source_id": "2",
            "title": "云河市职工疗休养办法",
            "name": "第2份.pdf",
            "kind": "办法",
            "issuer": "云河市总工会",
            "number": "云工发〔2024〕10号",
            "region": "云河市",
            "published_on": "2024-03-05",
            "effective_on": "2024-04-01",
            "status": "现行",
            "quality": 1.0,
            "trust": "可信",
            "warnings": 0,
            "pages": 2,
            "received_at": "2025-01-02T08:00:00+08:00",
            "received_by": "李二河",
            "state": "已发布",
        },
        page.rows[1]._asdict(),
    ]
    assert (page.rows[1].id, page.rows[1].status) == ("1/1", "已修改")
    assert (page.total, page.files, page.held) == (2, 2, 6)


def test_counts_of_a_column_are_told_as_if_it_had_no_condition(store):
    page = store.holdings.page(Query(text="云河市", chosen={"year": ["2019"]}), day=DAY)
    assert page.total == 1
    assert page.counts == {
        "kind": [("办法", 1)],
        "issuer": [("云河市总工会", 1)],
        "region": [("云河市", 1)],
        "year": [("2024", 1), ("2019", 1)],
        "status": [("已修改", 1)],
        "trust": [("可信", 1)],
        "state": [("已发布", 1)],
        "received_by": [("王一山", 1)],
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["1/1", "2/1", "3/1", "4/1", "5/1", "6/1"]),
        ({"text": "第3份"}, ["3/1"]),
        ({"text": "云工发[2024] 10号"}, ["2/1"]),
        ({"text": "ａｂｃ"}, ["4/1"]),
        ({"text": "总工会 办法"}, ["1/1", "2/1"]),
        ({"text": "李二河"}, []),
        ({"text": "100%' OR 1=1 --"}, []),
        ({"contains": {"title": "通知"}}, ["3/1"]),
        ({"contains": {"issuer": "桐山"}}, ["3/1"]),
        ({"contains": {"received_by": "二"}}, ["2/1", "4/1", "6/1"]),
        ({"chosen": {"kind": ["通知", "调研"]}}, ["3/1", "4/1"]),
        ({"chosen": {"kind": []}}, []),
        ({"chosen": {"issuer": [""]}}, ["4/1", "5/1", "6/1"]),
        ({"chosen": {"region": ["云河市"]}}, ["1/1", "2/1"]),
        ({"chosen": {"year": ["2024"]}}, ["2/1", "3/1"]),
        ({"chosen": {"status": ["已修改"]}}, ["1/1"]),
        ({"chosen": {"status": ["尚未施行", "已废止"]}}, ["5/1", "6/1"]),
        ({"chosen": {"trust": ["存疑", "差"]}}, ["3/1", "4/1"]),
        ({"chosen": {"state": ["已撤下"]}}, []),
        ({"chosen": {"received_by": ["王一山"]}}, ["1/1", "3/1", "5/1"]),
        ({"between": {"published_on": ("2024-02", "2024-06")}}, ["2/1", "3/1"]),
        ({"between": {"published_on": ("2025", "")}}, ["4/1"]),
        ({"between": {"effective_on": ("", "2024-12-31")}}, ["1/1", "2/1"]),
        ({"between": {"received_at": ("2025-01-05", "2025-01-05")}}, ["5/1"]),
        ({"between": {"quality": ("0.5", "0.7")}}, ["3/1"]),
        ({"between": {"warnings": ("1", "")}}, ["3/1", "4/1", "5/1", "6/1"]),
        ({"between": {"pages": ("2", "3")}}, ["2/1", "3/1"]),
    ],
)
def test_conditions_let_pass_what_they_say(store, query, found):
    assert by_place(store, **query) == found


@pytest.mark.parametrize(
    ("column", "order"),
    [
        # Numbers by value, characters by sound, letters last; without a value always last.
        ("title", ["6/1", "5/1", "3/1", "1/1", "2/1", "4/1"]),
        ("name", ["1/1", "2/1", "3/1", "4/1", "5/1", "6/1"]),
        ("number", ["1/1", "2/1", "3/1", "4/1", "5/1", "6/1"]),
        ("issuer", ["3/1", "1/1", "2/1", "4/1", "5/1", "6/1"]),
        ("region", ["3/1", "1/1", "2/1", "4/1", "5/1", "6/1"]),
        ("kind", ["4/1", "3/1", "1/1", "2/1", "5/1", "6/1"]),
        ("published_on", ["1/1", "3/1", "2/1", "4/1", "5/1", "6/1"]),
        ("effective_on", ["1/1", "2/1", "5/1", "3/1", "4/1", "6/1"]),
        ("status", ["2/1", "1/1", "6/1", "5/1", "3/1", "4/1"]),
        ("trust", ["1/1", "2/1", "5/1", "6/1", "3/1", "4/1"]),
        ("state", ["1/1", "2/1", "3/1", "4/1", "5/1", "6/1"]),
        ("quality", ["4/1", "3/1", "1/1", "2/1", "5/1", "6/1"]),
        ("warnings", ["1/1", "2/1", "3/1", "4/1", "5/1", "6/1"]),
        ("pages", ["1/1", "2/1", "3/1", "4/1", "5/1", "6/1"]),
        ("received_at", ["1/1", "2/1", "3/1", "4/1", "5/1", "6/1"]),
        ("received_by", ["2/1", "4/1", "6/1", "1/1", "3/1", "5/1"]),
    ],
)
def test_every_column_orders_the_rows(store, column, order):
    assert ids(store, sort=column, descending=False) == order


def test_descending_order_keeps_rows_without_a_value_at_the_end(store):
    assert ids(store, sort="issuer") == ["1/1", "2/1", "3/1", "4/1", "5/1", "6/1"]
    assert ids(store, sort="title") == ["4/1", "1/1", "2/1", "3/1", "5/1", "6/1"]
    assert ids(store) == ["6/1", "5/1", "4/1", "3/1", "2/1", "1/1"]


def test_pages_of_one_order_join_without_a_gap(store):
    query = Query(sort="title", descending=False)
    pages = [store.holdings.page(query, offset=at, limit=4, day=DAY) for at in (0, 4, 8)]
    assert [[row.id for row in page.rows] for page in pages] == [
        ["6/1", "5/1", "3/1", "1/1"],
        ["2/1", "4/1"],
        [],
    ]


@pytest.mark.parametrize(
    "query",
    [
        {"sort": "text"},
        {"sort": "title; DROP TABLE articles"},
        {"sort": "__class__"},
        {"chosen": {"title": ["x"]}},
        {"chosen": {"kind' OR '1'='1": ["x"]}},
        {"contains": {"origin": "x"}},
        {"between": {"title": ("a", "b")}},
        {"between": {"published_on": ("2024 OR 1", "")}},
        {"between": {"pages": ("viele", "")}},
    ],
)
def test_what_is_no_condition_is_refused_in_words(store, query):
    with pytest.raises(UserError):
        ids(store, **query)
    assert len(ids(store)) == 6


def test_the_status_turns_with_the_day_and_with_what_else_is_held(store):
    def status(day):
        return {row.id: row.status for row in store.holdings.rows(day=day)}

    assert status("2024-01-01")["1/1"] == "现行"
    assert status("2024-06-01")["1/1"] == "已修改"
    assert (status("2025-12-31")["6/1"], status("2026-01-01")["6/1"]) == ("现行", "已废止")
    assert (status("2026-12-31")["5/1"], status("2027-01-01")["5/1"]) == ("尚未施行", "未知")
    with store.writing(who="测试") as writer:
        writer.withdraw("2")
    assert status("2024-06-01")["1/1"] == "现行"
    with store.writing(who="测试") as writer:
        writer.restore("2")
    assert status("2024-06-01")["1/1"] == "已修改"


def test_what_was_withdrawn_is_a_row_until_it_is_deleted_for_good(store):
    with store.writing(who="测试") as writer:
        writer.withdraw("3", note="有误")
    assert ids(store, chosen={"state": ["已撤下"]}) == ["3/1"]
    assert ids(store, chosen={"state": ["已发布"]}) == ["6/1", "5/1", "4/1", "2/1", "1/1"]
    with store.writing(who="测试") as writer:
        writer.remove("3")
    assert ids(store) == ["6/1", "5/1", "4/1", "2/1", "1/1"]


def test_a_file_without_articles_is_a_row_all_the_same(store):
    with store.writing(who="测试") as writer:
        writer.put(*make_document("7", name="空白.pdf", articles=[]))
    assert by_place(store, text="空白") == ["7/0"]
    assert [row.id for row in store.holdings.chosen(["7/0", "1/1", "9/9"])] == ["1/1", "7/0"]


def test_an_empty_store_has_an_empty_table(tmp_path):
    with make_store(tmp_path) as empty:
        page = empty.holdings.page()
        assert (page.rows, page.total, page.files, page.held) == ([], 0, 0, 0)
        assert empty.holdings.rows(Query(text="x", sort="status", chosen={"kind": ["通知"]})) == []


@pytest.mark.parametrize("seed", [4, 102])
def test_after_any_changes_the_table_is_what_a_new_one_would_read(tmp_path, seed):
    chance = random.Random(seed)
    names = ["职工互助办法", "职工书屋条例", "劳模评选办法"]

    def article():
        name, year = chance.choice(names), chance.randint(2015, 2024)
        title = chance.choice([name, name, f"关于修改《{name}》的决定", f"关于废止部分文件的决定（{year}）"])
        text = f"一、废止《{chance.choice(names)}》。\n第{chance.randint(1, 9)}条。"
        supersedes = (name,) if chance.random() < 0.2 else ()
        return {
            "title": title,
            "kind": "办法",
            "number": f"云工发〔{year}〕{chance.randint(1, 3)}号",
            "published_on": f"{year}-01-05",
            "supersedes": supersedes,
            "text": text,
        }

    with make_store(tmp_path) as store:
        for _ in range(40):
            id_ = str(chance.randint(1, 12))
            with store.writing(who="测试") as writer:
                do = chance.choice(["put", "put", "withdraw", "restore", "remove"])
                if do == "put" and id_ not in {v.source.id for v in store.archive.withdrawn()}:
                    writer.put(*make_document(id_, articles=[article() for _ in range(chance.randint(1, 3))]))
                elif do != "put":
                    getattr(writer, do)(id_)
            live = store.articles()
            if len(live) > 1 and chance.random() < 0.3:
                newer, older = chance.sample(live, 2)
                with contextlib.suppress(UserError):  # the two may stand the other way round already
                    store.links.confirm("替代", newer=newer.id, older=older.id, who="测试")
            rows = store.holdings.rows(day=DAY)
            assert rows == Holdings(store._catalogue, store.archive, store.links).rows(day=DAY)
            register = Register(store)
            told = {a.id: register.of(a, DAY).status for a in live}
            assert {row.id: row.status for row in rows if row.state == "已发布"} == told
