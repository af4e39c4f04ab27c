"""What people confirm of two documents, what is proposed to them, and what it does to how documents stand."""

from datetime import date

import pytest

from corpus.errors import UserError
from corpus.store import Store
from corpus.testing import make_document, make_store
from corpus.types import Article
from corpus.versions.proposals import Proposals, series
from corpus.versions.standing import Register

DAY = "2031-06-01"
PLACE = {"region": "云河市", "issuer": "云河市总工会", "kind": "办法"}
BODY = (
    "第一条　云河市总工会每年冬天为环卫职工发放手套两副。\n第二条　手套由基层工会领取，{n}日前发完。\n"
    + "".join(f"第{i}条　领取手套的基层工会应当登记第{i}号名册，名册保存{i}年。\n" for i in range(3, 9))
)
OLD = {**PLACE, "title": "手套发放办法", "published_on": "2028-01-05", "text": BODY.format(n=10)}
NEW = {
    **PLACE,
    "title": "冬季劳保用品办法",
    "published_on": "2030-01-05",
    "text": "第一条　劳保用品每人一套。",
}


def statuses(store: Store, day: str = DAY) -> list[str]:
    register = Register(store)
    return [register.listed(a, day).status for a in store.articles()]


@pytest.mark.parametrize(
    ("kind", "status", "answers", "note"),
    [
        (
            "替代",
            "已修改",
            False,
            "《手套发放办法》的这个版本已被修改，请以修改后的《冬季劳保用品办法》（2030-01-05）为准。",
        ),
        ("废止", "已废止", False, "《手套发放办法》已废止，由《冬季劳保用品办法》取代。"),
        ("修改", "已修改", True, "《手套发放办法》已被修改，请留意修改后的条文。"),
        ("无关", "未知", True, ""),
    ],
)
def test_what_a_person_confirms_counts_at_the_next_question(tmp_path, kind, status, answers, note):
    with make_store(tmp_path, [OLD, NEW]) as store:
        register = Register(store)
        old, new = store.articles()
        assert register.listed(old, DAY).status == "未知"
        link = store.links.confirm(kind, newer="2/1", older="1/1", who="张三")
        assert (link.newer_title, link.older_title, link.who) == (NEW["title"], OLD["title"], "张三")
        assert register.listed(old, DAY).status == status
        assert register.of(old, DAY).holds is answers
        assert register.note(old, DAY) == note
        # The newer one is what counts, from its day on.
        assert register.of(new, DAY).holds
        assert register.of(old, "2029-12-31").holds
        assert store.links.remove(link.id, who="李四") is True
        assert store.links.remove(link.id, who="李四") is False
        assert register.listed(old, DAY).status == "未知"
        lines = [
            (line.who, line.action, line.detail, line.before, line.after)
            for line in store.trail.entries()[:2]
        ]
        said = "不同文件，互不替代" if kind == "无关" else f"2/1 {kind}了 1/1"
        assert lines == [
            ("李四", "解除关联", "2/1 文件2.txt — 1/1 文件1.txt", said, ""),
            ("张三", "建立关联", "2/1 文件2.txt — 1/1 文件1.txt", "", said),
        ]


def test_what_texts_say_gives_way_to_what_a_person_denies(tmp_path):
    newer = {
        **PLACE,
        "title": "手套发放办法（2030年修订）",
        "published_on": "2030-01-05",
        "text": "第一条　一副。",
    }
    third = {
        **PLACE,
        "title": "手套采购办法",
        "published_on": "2030-03-01",
        "supersedes": ("手套发放办法",),
        "text": "甲",
    }
    with make_store(tmp_path, [OLD, newer, third]) as store:
        assert statuses(store) == ["已废止", "已废止", "现行"]
        store.links.confirm("无关", newer="3/1", older="1/1", who="张三")
        store.links.confirm("无关", newer="3/1", older="2/1", who="张三")
        assert statuses(store) == ["已修改", "现行", "未知"]
        store.links.confirm("无关", newer="2/1", older="1/1", who="张三")
        assert statuses(store) == ["未知", "未知", "未知"]


def test_a_link_said_the_other_way_round_takes_the_place_of_the_first(tmp_path):
    with make_store(tmp_path, [OLD, NEW]) as store:
        store.links.confirm("废止", newer="2/1", older="1/1", who="张三")
        store.links.confirm("替代", newer="1/1", older="2/1", who="李四")
        assert [(k.kind, k.newer, k.older) for k in store.links.all()] == [("替代", "1/1", "2/1")]
        assert statuses(store) == ["现行", "已修改"]
        (line,) = store.trail.entries(limit=1)
        assert (line.action, line.before, line.after) == ("更改关联", "2/1 废止了 1/1", "1/1 替代了 2/1")


def test_no_document_replaces_itself_by_way_of_others_nor_what_is_not_held(tmp_path):
    with make_store(tmp_path, [OLD, NEW, "第三份。"]) as store:
        store.links.confirm("替代", newer="2/1", older="1/1", who="张三")
        store.links.confirm("替代", newer="3/1", older="2/1", who="张三")
        with pytest.raises(UserError, match="互相替代"):
            store.links.confirm("废止", newer="1/1", older="3/1", who="张三")
        for newer, older in [("1/1", "1/1"), ("9/1", "1/1")]:
            with pytest.raises(UserError, match="不能建立关联"):
                store.links.confirm("废止", newer=newer, older=older, who="张三")
        assert len(store.links.all()) == 2


def test_a_link_holds_for_every_copy_of_a_document(tmp_path):
    with make_store(tmp_path, [OLD, NEW, OLD]) as store:
        store.links.confirm("废止", newer="2/1", older="1/1", who="张三")
        assert statuses(store) == ["已废止", "现行", "已废止"]


def test_links_outlast_withdrawal_and_replacement_and_go_with_what_is_deleted(tmp_path):
    with make_store(tmp_path, [OLD, NEW]) as store:
        store.links.confirm("废止", newer="2/1", older="1/1", who="张三")
        with store.writing() as writer:
            writer.withdraw("2")
            assert statuses(store) == ["未知"]  # what repealed it does not count while it is withdrawn
            writer.restore("2")
            assert statuses(store) == ["已废止", "现行"]
            # Another article came to stand before it in the same file.
            writer.put(*make_document("1", articles=[{"title": "前言", "text": "说明。"}, OLD]))
            assert [(k.newer, k.older) for k in store.links.all()] == [("2/1", "1/2")]
            assert statuses(store) == ["未知", "已废止", "现行"]
            writer.remove("2")
        assert store.links.all() == []


def test_links_follow_the_article_of_their_title_and_go_where_it_is_gone(tmp_path):
    with make_store(tmp_path, [NEW]) as store, store.writing() as writer:
        other = {"title": "灯会须知", "text": "灯会在河边。"}
        writer.put(*make_document("2", articles=[OLD, other]))
        store.links.confirm("废止", newer="1/1", older="2/1", who="张三")
        writer.put(*make_document("2", articles=[other, OLD]))
        assert [(k.newer, k.older) for k in store.links.all()] == [("1/1", "2/2")]
        writer.withdraw("2")
        writer.put(*make_document("2", articles=[OLD, other]))
        assert [(k.newer, k.older) for k in store.links.all()] == [("1/1", "2/1")]
        writer.put(*make_document("2", articles=[other, {"title": "别的", "text": "别的事。"}]))
        assert store.links.all() == []


def test_the_day_turns_at_midnight_without_anything_being_written(tmp_path):
    coming = {
        **PLACE,
        "status": "尚未施行",
        "title": "年货办法",
        "effective_on": "2031-07-01",
        "text": "第一条　年货每人一份。",
    }
    ending = {
        **PLACE,
        "title": "凉茶办法",
        "effective_on": "2030-01-01",
        "expires_on": "2031-06-30",
        "text": "甲",
    }
    with make_store(tmp_path, [coming, ending]) as store:
        register = Register(store)
        days = [date(2031, 6, 30), date(2031, 7, 1)]
        seen = [[register.listed(a, day.isoformat()).status for a in store.articles()] for day in days]
        assert seen == [["尚未施行", "现行"], ["现行", "已废止"]]


def proposals(store: Store) -> list[tuple[str, str, str, tuple[str, ...]]]:
    return [(p.kind, p.newer.id, p.older.id, p.reasons) for p in Proposals(store).waiting()]


REASONS = [
    (
        {
            **OLD,
            "title": "手套发放办法（2030年修订）",
            "published_on": "2030-01-05",
            "text": "第一条　一副。",
        },
        (
            "替代",
            (
                "标题相同，只差版本字样",
                "发文机关相同（云河市总工会）",
                "日期较新（2030-01-05，旧的是2028-01-05）",
            ),
        ),
    ),
    (
        {"title": "劳保办法", "supersedes": ("手套发放办法",), "published_on": "2030-01-05", "text": "甲"},
        ("废止", ("正文写明《手套发放办法》同时废止", "日期较新（2030-01-05，旧的是2028-01-05）")),
    ),
    (
        {"title": "关于修改《手套发放办法》的决定", "kind": "通知", "text": "甲"},
        ("修改", ("《关于修改《手套发放办法》的决定》写明修改《手套发放办法》",)),
    ),
    ({**OLD, "title": "手套发放办法", "region": "临河县"}, None),
    ({**OLD, "title": "手套发放办法", "issuer": "云河市教育工会", "text": "另一份"}, None),
    ({**OLD, "title": "手套发放办法", "kind": "新闻", "text": "记者昨天从工会获悉，手套发下去了。"}, None),
    (
        {**PLACE, "title": "疗休养办法", "published_on": "2030-01-05", "text": "第一条　疗休养每年两批。"},
        None,
    ),
]


@pytest.mark.parametrize(("other", "proposed"), REASONS)
def test_what_may_replace_a_document_is_proposed_with_its_reasons(tmp_path, other, proposed):
    with make_store(tmp_path, [OLD, other]) as store:
        wanted = [] if proposed is None else [(proposed[0], "2/1", "1/1", proposed[1])]
        assert proposals(store) == wanted
        for article in store.articles():
            found = [(p.kind, p.newer.id, p.older.id, p.reasons) for p in Proposals(store).of(article)]
            assert found == wanted


def test_text_in_common_is_a_sign_where_titles_differ_and_next_years_notice_is_one(tmp_path):
    renamed = {
        **OLD,
        "title": "劳保手套领取办法",
        "published_on": "2030-01-05",
        "text": BODY.format(n=20).replace("两副", "三副"),
    }
    with make_store(tmp_path, [OLD, renamed]) as store:
        share = store.resemblance("1/1", "2/1")
        assert 0.6 < share < 1
        (found,) = Proposals(store).of(store.article("2/1"))
        assert (found.kind, found.newer.id, found.older.id) == ("替代", "2/1", "1/1")
        assert found.reasons[0] == "标题不同，但内容相近"
        assert f"内容约有{share:.0%}相同" in found.reasons
    yearly = [
        {
            **OLD,
            "title": f"关于做好{year}年送清凉工作的通知",
            "kind": "通知",
            "published_on": f"{year}-06-01",
            "text": text,
        }
        for year, text in ((2029, BODY.format(n=10)), (2030, BODY.format(n=25).replace("手套", "凉帽")))
    ]
    with make_store(tmp_path / "years", yearly) as store:
        share = store.resemblance("1/1", "2/1")
        assert bool(proposals(store)) is (share >= 0.3)


def test_what_is_only_read_so_far_is_compared_with_what_is_held(tmp_path):
    with make_store(tmp_path, [OLD]) as store:
        draft = Article(
            id="7/1", source_id="7", ordinal=1, **{**OLD, "title": "手套发放办法（试行）", "published_on": ""}
        )
        (found,) = Proposals(store).of(draft)
        assert (found.newer, found.older.id) == (draft, "1/1")


def test_what_was_decided_is_not_proposed_again_nor_are_copies(tmp_path):
    revised = {
        **OLD,
        "title": "手套发放办法（2030年修订）",
        "published_on": "2030-01-05",
        "text": "第一条　一副。",
    }
    with make_store(tmp_path, [OLD, revised]) as store:
        assert len(proposals(store)) == 1
        link = store.links.confirm("无关", newer="2/1", older="1/1", who="张三")
        assert proposals(store) == []
        assert Proposals(store).of(store.article("2/1")) == []
        store.links.remove(link.id, who="张三")
        assert len(proposals(store)) == 1
    with make_store(tmp_path / "copies", [OLD, OLD]) as store:
        assert proposals(store) == []


@pytest.mark.parametrize(
    ("title", "shared"),
    [
        ("云河市总工会关于做好2030年度送清凉工作的通知", "云河市总工会关于做好送清凉工作的通知"),
        ("关于印发《手套发放办法（试行）》的通知", "手套发放办法"),
        ("手套发放办法（2030年修订版）", "手套发放办法"),
        ("通知", ""),
    ],
)
def test_titles_of_a_series_are_one_without_years_and_versions(title, shared):
    assert series(title) == shared
