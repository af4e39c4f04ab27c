"""The office's page: what becomes of uploads, and how they and the corpus are listed."""

import re

import pytest

from corpus.store import Store
from corpus.testing import HashingEncoder, make_store
from ingest import first_start
from ingest.desk.drafts_panel import Office
from ingest.desk.grid_panel import Grid
from ingest.desk.versions_events import Versions

NOTICE = (
    "云河市总工会关于开办暑期托管班的通知（示例）\n\n各区县总工会：\n\n{body}\n\n云河市总工会\n2025年6月3日\n"
)
NASTY = "<img src=x onerror=hack()>"


@pytest.fixture
def office(tmp_path):
    with make_store(tmp_path) as store:
        yield Office(store)


def uploaded(tmp_path, name: str, body: str) -> str:
    """A file where gradio would leave it: a new folder for each upload."""
    folder = tmp_path / f"upload-{len(list(tmp_path.iterdir()))}"
    folder.mkdir()
    (folder / name).write_text(body, encoding="utf-8")
    return str(folder / name)


def text_of(html: str) -> str:
    return re.sub(r"<[^>]+>", "|", html)


def last_progress(office: Office, *uploads: str) -> str:
    return [progress for progress, _ in office.add(list(uploads))][-1]


def test_an_upload_is_in_the_corpus_when_its_row_says_so(office, tmp_path):
    body = NOTICE.format(body="暑期托管班每班不超过25人。")
    steps = list(office.add([uploaded(tmp_path, "托管班.txt", body)]))
    assert "完成：新增 1，更新 0，没有变化 0，未加入 0；共 1 篇" in text_of(steps[-1][0])
    assert steps[-1][1] is None  # the upload box is emptied
    assert "共 1 份文件" in text_of(Grid(office.store).holdings(""))
    assert [(s.name, s.received_by) for s in office.store.sources()] == [("托管班.txt", "网页上传")]
    assert "每班不超过25人" in office.store.articles()[0].text


def test_a_file_uploaded_again_replaces_itself(office, tmp_path):
    first = uploaded(tmp_path, "托管班.txt", NOTICE.format(body="每班不超过25人。"))
    last_progress(office, first)
    second = uploaded(tmp_path, "托管班.txt", NOTICE.format(body="每班不超过30人。"))
    assert "更新 1" in last_progress(office, second)
    assert office.store.counts().sources == 1
    assert "每班不超过30人" in office.store.articles()[0].text
    same = uploaded(tmp_path, "托管班.txt", NOTICE.format(body="每班不超过30人。"))
    assert "没有变化 1" in last_progress(office, same)


def test_a_file_that_cannot_be_read_has_a_row_with_the_reason(office, tmp_path):
    good = uploaded(tmp_path, "好.txt", NOTICE.format(body="每班不超过25人。"))
    html = last_progress(office, uploaded(tmp_path, "坏.pdf", "%PDF-1.7 broken"), good)
    assert "新增 1，更新 0，没有变化 0，未加入 1" in text_of(html)
    assert re.search(r'<tr class="failed"><td>坏.pdf</td><td>未加入</td><td></td><td>.+?</td></tr>', html)


def test_what_could_not_be_added_stays_listed_with_the_reason_until_it_can(office, tmp_path):
    last_progress(office, uploaded(tmp_path, "通知.pdf", "%PDF-1.7 broken"))
    listed = text_of(Versions(office.store).act({"do": "failed"}, "").page)
    assert "未能加入的文件（1 份）" in listed
    assert "通知.pdf" in listed
    assert "PDF 已损坏，打不开。" in listed
    last_progress(office, uploaded(tmp_path, "通知.pdf", NOTICE.format(body="每班不超过25人。")))
    assert "没有未能加入的文件" in text_of(Versions(office.store).act({"do": "failed"}, "").page)


def test_adding_nothing_says_what_to_do(office):
    assert "请先选择文件" in last_progress(office)


def test_no_upload_is_left_lying_about(office, tmp_path):
    upload = uploaded(tmp_path, "托管班.txt", NOTICE.format(body="每班不超过25人。"))
    last_progress(office, upload)
    assert not (office.store.directory / "inbox").exists()


def test_the_corpus_is_listed_newest_first_and_searched_by_name_or_title(tmp_path):
    documents = [{"title": "疗休养办法", "text": "甲。"}, {"title": f"书屋{NASTY}", "text": "乙。"}]
    with make_store(tmp_path, documents) as store:
        office = Grid(store)
        assert re.findall(r"<summary><b>(.*?)</b>", office.holdings("")) == ["文件2.txt", "文件1.txt"]
        assert re.findall(r"<summary><b>(.*?)</b>", office.holdings("疗休养")) == ["文件1.txt"]
        assert "没有找到符合的文件" in office.holdings("不存在")
        assert "<img" not in office.holdings("书屋")


def test_trust_stands_beside_each_article_in_a_word_and_why_where_it_is_not_whole(tmp_path):
    reason = "文字是从图像识别的，可能有错字"
    documents = [
        {"title": "甲", "text": "甲。"},
        {"title": "乙", "text": "乙。", "quality": 0.62, "quality_reason": reason},
        {"title": "丙", "text": "丙。", "quality": 0.31, "quality_reason": NASTY},
    ]
    with make_store(tmp_path, documents) as store:
        html = Grid(store).holdings("")
    items = [re.sub("[|]+", "|", text_of(item)) for item in re.findall("<li>.*?</li>", html)]
    assert items == [
        "|丙|差|其他 · 文字差（0.31）|文字差：&lt;img src=x onerror=hack()&gt;|",
        f"|乙|存疑|其他 · 文字存疑（0.62）|文字存疑：{reason}|",
        "|甲|其他 · 文字可信（1.00）|",
    ]


def test_reprints_are_told_beside_both_copies_and_beside_no_other(tmp_path):
    text = (
        "云河市总工会在滨江广场办起凉茶摊，每天下午三点到五点，为过路的快递员、环卫工人和出租车司机免费送茶。"
        * 2
    )
    documents = [
        {"title": "凉茶摊", "text": text},
        {"title": "送凉茶", "text": text},
        {"title": "书屋", "text": "乙。"},
    ]
    with make_store(tmp_path, documents) as store:
        html = Grid(store).holdings("")
    notes = [re.findall("(?:另见|转载)：[^<]*", item) for item in re.findall("<li>.*?</li>", html)]
    assert notes == [
        [],
        ["转载：与 1/1（文件1.txt）内容相同，回答时引用那一份。"],
        ["另见：2/1（文件2.txt）转载，内容相同。"],
    ]


def test_an_empty_corpus_says_how_to_fill_it(office):
    assert "资料库还是空的" in Grid(office.store).holdings("")


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
