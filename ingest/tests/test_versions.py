"""The tab 版本与撤下: what each click leads to, under whose name, and what it shows of nasty documents."""

import re
from dataclasses import replace

import pytest

from corpus.errors import UserError
from corpus.testing import make_document, make_store
from corpus.versions.effects import RestingCase
from ingest.desk.versions_events import Versions
from ingest.pipeline import ingest

NASTY = "<img src=x onerror=hack()>"
RULE = {"kind": "办法", "region": "云河市", "issuer": "云河市总工会"}
OLD = {
    **RULE,
    "title": "灯会办法",
    "number": "云工发〔2028〕3号",
    "published_on": "2028-01-05",
    "text": "第一条　灯船每条配救生衣五件。",
}
NEW = {
    **RULE,
    "title": "灯会办法（2030年修订）",
    "published_on": "2030-01-05",
    "text": "第一条　灯船每条配救生衣八件。",
}
OTHER = {"title": f"须知{NASTY}", "text": f"灯会在河边{NASTY}。"}
DAY = "2031-05-01"


class Resting:
    """Cases that rest on the first source."""

    def questions(self, source_ids, *, seconds=5):
        return iter(())

    def now_answered(self, source_ids, *, seconds=30):
        return iter(())

    def resting(self, source_ids):
        case = RestingCase("灯会题", "q1", f"灯船配几件救生衣？{NASTY}", ("标准答案",))
        return [case] if source_ids == ["1"] else []


@pytest.fixture
def store(tmp_path):
    with make_store(tmp_path, [OLD, NEW, OTHER]) as opened:
        yield opened


def words(html: str) -> str:
    return re.sub(r"\s*(<[^>]+>\s*)+", "|", html)


def click(store, do: str, *, day: str = DAY, effects=None, **values: str) -> tuple[str, str]:
    reply = Versions(store, effects, lambda: day).act({"do": do, **values}, "张三")
    assert NASTY not in reply.told + (reply.page or "")
    return words(reply.told).strip("|"), words(reply.page or "")


def statuses(store, day: str = DAY) -> dict[str, str]:
    page = Versions(store, None, lambda: day).act({"do": "find"}, "").page
    return dict(re.findall(r'data-id="([\d/]+)"><span class="badge \w+">(.+?)</span>', page))


def test_documents_are_found_by_title_number_or_file_and_marked_as_they_stand_today(store):
    assert statuses(store) == {"3/1": "未知", "2/1": "现行", "1/1": "已修改"}
    for query in ("灯会 2028", "云工发〔2028〕3号", "文件1.txt"):
        page = Versions(store).act({"do": "find", "query": query}, "").page
        assert re.findall(r'data-id="([\d/]+)"', page) == ["1/1"]
    assert "没有找到符合的文件" in click(store, "find", query="没有这份")[1]


def test_the_page_of_a_running_program_turns_with_the_day(store):
    days = iter(["2030-01-04", "2030-01-05"])
    versions = Versions(store, None, lambda: next(days))
    first, second = (versions.act({"do": "find", "query": "2028"}, "").page for _ in range(2))
    assert '<span class="badge good">现行</span>' in first or '<span class="badge soft">未知</span>' in first
    assert '<span class="badge warn">已修改</span>' in second


def test_a_document_shows_versions_links_and_what_rests_on_it(store):
    with store.writing(who="李四") as writer:
        writer.put(*make_document("1", articles=[{**OLD, "text": "第一条　灯船每条配救生衣六件。"}]))
    _, page = click(store, "open", id="1", effects=Resting())
    assert (
        "《灯会办法》|已修改|《灯会办法》的这个版本已被修改，请以修改后的《灯会办法（2030年修订）》（2030-01-05）为准。"
        in page
    )
    assert "与前一版相比：修改 1 处|看差异|旧版|文件1.txt|" in page
    assert (
        "|标题相同，只差版本字样|发文机关相同（云河市总工会）|日期较新（2030-01-05，旧的是2028-01-05）|"
        in page
    )
    assert (
        "有 1 道考题以它为依据，没有它就答不出|灯船配几件救生衣？&lt;img src=x onerror=hack()&gt;|灯会题 · 标准答案"
        in page
    )
    assert "没有考题以它为依据" in click(store, "open", id="2/1", effects=Resting())[1]
    html = Versions(store).act({"do": "compare", "old": "v1", "new": "1", "back": "1/1"}, "").page
    assert "第一条　灯船每条配救生衣<del>五</del>件。" in html
    assert "第一条　灯船每条配救生衣<ins>六</ins>件。" in html


def test_what_is_confirmed_denied_and_undone_stands_in_the_log_under_a_name(store):
    told, page = click(store, "link", one="2/1", other="1/1", newer="2/1", kind="废止", back="1/1")
    assert told == "已确认：《灯会办法（2030年修订）》废止了《灯会办法》。以后的回答以新的为准。"
    assert "本文件被废止：|《灯会办法（2030年修订）》|张三" in page
    assert statuses(store)["1/1"] == "已废止"
    (link,) = store.links.all()
    assert click(store, "unlink", link=str(link.id), back="1/1")[0] == "已解除。"
    assert click(store, "stranger", newer="2/1", older="1/1", back="")[0].startswith("已记住：")
    assert statuses(store) == {"3/1": "未知", "2/1": "未知", "1/1": "未知"}
    assert "没有待确认的关联" in click(store, "waiting")[1]
    lines = [(line.who, line.action) for line in store.trail.entries(limit=3)]
    assert lines == [("张三", "建立关联"), ("张三", "解除关联"), ("张三", "建立关联")]


def test_another_document_is_found_to_link_with(store):
    page = Versions(store).act({"do": "partner", "id": "3/1", "query": "灯会办法"}, "").page
    assert re.findall(r'data-one="([\d/]+)" data-other="([\d/]+)"', page) == [("3/1", "2/1"), ("3/1", "1/1")]
    # The one with the later date is offered as the newer.
    page = Versions(store).act({"do": "partner", "id": "1/1", "query": "2030年修订"}, "").page
    assert re.findall(r'data-one="([\d/]+)" data-other="([\d/]+)"', page)[-1] == ("2/1", "1/1")
    assert "没有找到“没有这份”" in click(store, "partner", id="3/1", query="没有这份")[1]


def test_withdrawn_restored_and_deleted_only_with_the_word_for_it(store):
    told, page = click(store, "withdraw", id="3", note=f"误传{NASTY}")
    assert told == "已撤下，从现在起不再用来回答。"
    assert "由张三撤下；原因：误传&lt;img" in page
    assert store.source("3") is None
    assert click(store, "withdraw", id="3")[0] == "这份文件先前已经撤下。"
    assert click(store, "restore", id="3")[0] == "已恢复，可以提问了。"
    assert store.source("3") is not None
    with pytest.raises(UserError, match="不在已撤下的文件里"):
        click(store, "delete", id="3", words="彻底删除")
    with pytest.raises(UserError, match="不在已撤下的文件里"):
        click(store, "deleting", id="3")
    click(store, "withdraw", id="3")
    assert "没有考题以它为依据" in click(store, "deleting", id="3", effects=Resting())[1]
    with pytest.raises(UserError, match="请在框里输入“彻底删除”"):
        click(store, "delete", id="3", words="删除")
    assert click(store, "delete", id="3", words="彻底删除")[0].startswith("已彻底删除")
    assert store.archive.withdrawn() == []
    assert [line.action for line in store.trail.entries(limit=4)] == ["删除", "撤下", "恢复", "撤下"]


def test_an_old_version_is_restored_or_deleted_from_the_page_and_nothing_else_is(store):
    with store.writing(who="李四") as writer:
        writer.put(*make_document("1", articles=[{**OLD, "text": "第一条　灯船每条配救生衣六件。"}]))
    assert click(store, "restore", id="v1", back="1/1")[0] == "已恢复，可以提问了。"
    assert store.articles("1")[0].text == OLD["text"]
    assert click(store, "remove", id="v2", back="1/1")[0] == "这个旧版已彻底删除。"
    with pytest.raises(UserError, match="已经不在了"):
        click(store, "remove", id="1", back="1/1")
    click(store, "withdraw", id="1")
    with pytest.raises(UserError, match="已经不在了"):
        click(store, "remove", id="1")
    assert [v.source.id for v in store.archive.withdrawn()] == ["1"]


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"do": "nothing"},
        {"do": "_written"},
        {"do": ["find"]},
        {"do": "open", "id": "99"},
        {"do": "compare", "old": "v9", "new": "1"},
        {"do": "link", "one": "1/1", "other": "2/1", "newer": "3/1", "kind": "废止"},
        {"do": "link", "one": "1/1", "other": "2/1", "newer": "1/1", "kind": "别的"},
    ],
)
def test_what_no_button_sends_is_refused_in_words(store, values):
    before = store.trail.count()
    with pytest.raises(UserError):
        Versions(store).act(values, "张三")
    assert store.trail.count() == before


def test_files_that_could_not_be_added_are_listed_until_they_are_no_longer_wanted(store):
    with store.writing() as writer:
        writer.failed(
            origin="/坏", name=f"坏{NASTY}.pdf", sha256="0" * 64, program="p", message="PDF 打不开。"
        )
    assert "未能加入（1）" in click(store, "find")[1]
    assert "PDF 打不开。" in click(store, "failed")[1]
    assert "没有未能加入的文件" in click(store, "forget", id="f1")[1]


def test_reading_a_folder_again_does_not_bring_back_what_was_withdrawn(tmp_path):
    file = tmp_path / "灯会.txt"
    file.write_text("灯会在河边。", encoding="utf-8")
    source, articles, passages, original = make_document("1", name="灯会.txt", articles=["灯会在河边。"])
    with make_store(tmp_path) as store:
        with store.writing() as writer:
            writer.put(replace(source, origin=str(file)), articles, passages, original)
            writer.withdraw("1")
        for text in ("灯会在河边。", "灯会改在湖边。"):
            file.write_text(text, encoding="utf-8")
            for again in (False, True):
                done = next(e for e in ingest([file], store, again=again) if e.stage == "done")
                assert done.state == "unchanged"
                assert done.message == "这份文件已经撤下，没有重新加入。要重新使用，请先恢复。"
        assert store.sources() == []
        assert [v.source.id for v in store.archive.withdrawn()] == ["1"]
