"""From files to the store: outcomes, the register, and a batch that nothing stops."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.errors import UserError
from ingest import document, pipeline
from ingest.lines import Line, Page
from ingest.pipeline import Tally, find, ingest, parse
from ingest.tests.pdfs import Run, make_pdf
from ingest.workers.pool import Pool

NOTICE = """云河街道灯会通知
云灯发〔2024〕2号
各社区：
一、时间安排
灯会定在三月一日晚上六点开始，请各社区提前一小时到场布置。
二、收费标准
成人每人十元，学生每人五元，六十岁以上的居民免费参加。
云河街道办事处
2024年2月20日
"""


def run(store, *paths, **options):
    return list(ingest(paths, store, **options))


def outcomes(events):
    return [(event.file, event.state) for event in events if event.state]


def test_events_tell_the_whole_story(store, folder):
    (folder / "a.txt").write_text(NOTICE)
    (folder / "b.txt").write_bytes(b"")
    events = run(store, folder)
    assert (events[0].stage, events[0].total) == ("found", 2)
    assert [event.file for event in events if event.stage == "started"] == ["a.txt", "b.txt"]
    assert sorted(outcomes(events)) == [("a.txt", "new"), ("b.txt", "failed")]
    assert [event.index for event in events if event.state] == [1, 2]
    assert [event.stage for event in events[-2:]] == ["indexing", "finished"]
    assert events[-1].tally == Tally(new=1, failed=1, articles=1, passages=3)
    (failed,) = [event for event in events if event.stage == "failed"]
    assert failed.message == "文件是空的。请确认原件完好，重新复制或导出后再加入。"


def test_what_is_stored_is_found_and_described(store, folder):
    (folder / "a.txt").write_text(NOTICE)
    run(store, folder, received_by="林小满")
    (article,) = store.articles()
    assert (article.title, article.number, article.kind) == ("云河街道灯会通知", "云灯发〔2024〕2号", "通知")
    assert article.published_on == "2024-02-20"
    assert [p.label for p in store.passages(article.id)][-2:] == ["一、时间安排", "二、收费标准"]
    source = store.source(article.source_id)
    assert (source.name, source.origin, source.received_by) == ("a.txt", str(folder / "a.txt"), "林小满")
    assert store.original(source.id) == NOTICE.encode()
    assert store.search_lexical("收费标准")[0][0].startswith(article.id)


def test_files_are_new_then_unchanged_then_changed_and_keep_their_id(store, folder):
    file = folder / "a.txt"
    file.write_text(NOTICE)
    assert outcomes(run(store, folder)) == [("a.txt", "new")]
    assert outcomes(run(store, folder)) == [("a.txt", "unchanged")]
    assert outcomes(run(store, folder, again=True)) == [("a.txt", "changed")]
    file.write_text(NOTICE.replace("十元", "十二元"))
    assert outcomes(run(store, folder)) == [("a.txt", "changed")]
    (source,) = store.sources()
    assert source.id == "1"
    assert "十二元" in store.articles()[0].text


def test_folders_are_walked_in_order_and_what_is_no_document_is_left_out(store, folder):
    for name in (
        "b/二.txt",
        "a/一.txt",
        ".hidden.txt",
        "~$a.docx",
        "Thumbs.db",
        "工具.py",
        "sources.csv",
        ".git/x.txt",
    ):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("file,title\n" if name.endswith("csv") else NOTICE)
    assert [found.name for found in find([folder])] == ["a/一.txt", "b/二.txt"]
    assert [found.name for found in find([folder, folder / "a/一.txt"])] == ["a/一.txt", "b/二.txt"]


def test_a_path_that_does_not_exist_is_said_before_anything_is_read(store, folder):
    with pytest.raises(UserError, match="找不到文件或文件夹"):
        run(store, folder, folder / "没有.txt")


def test_the_register_wins_over_what_the_text_says(store, folder):
    (folder / "a.txt").write_text(NOTICE)
    (folder / "sources.csv").write_text(
        "file,title,issuer,published_on,status,kind,region,note\n"
        "a.txt,灯会通知（定稿）,云河灯会办,2024年3月1日,已废止,办法,云河市,说明\n",
        encoding="utf-8-sig",
    )
    run(store, folder)
    (article,) = store.articles()
    assert (article.title, article.issuer, article.published_on) == (
        "灯会通知（定稿）",
        "云河灯会办",
        "2024-03-01",
    )
    assert (article.status, article.kind, article.region) == ("已废止", "办法", "云河市")
    assert article.number == "云灯发〔2024〕2号"


def test_a_register_that_changed_is_noticed_though_the_file_did_not(store, folder):
    (folder / "a.txt").write_text(NOTICE)
    run(store, folder)
    (folder / "sources.csv").write_bytes("file,status\na.txt,现行\n".encode("gb18030"))
    assert outcomes(run(store, folder)) == [("a.txt", "changed")]
    assert outcomes(run(store, folder)) == [("a.txt", "unchanged")]
    assert store.articles()[0].status == "现行"


def test_a_cell_of_the_register_that_cannot_be_used_is_said(store, folder):
    (folder / "a.txt").write_text(NOTICE)
    (folder / "sources.csv").write_text("file,status,effective_on\na.txt,挺好,很快\n")
    (event,) = [event for event in run(store, folder) if event.state]
    assert event.warnings == (
        "登记表中的 status“挺好”无效，应为：现行、已修改、已废止、尚未施行、未知。",
        "登记表中的 effective_on“很快”不是日期，应写成 2024-05-01。",
    )


def test_a_register_without_its_first_column_is_said(store, folder):
    (folder / "a.txt").write_text(NOTICE)
    (folder / "sources.csv").write_text("名,标题\na.txt,甲\n")
    with pytest.raises(UserError, match="缺少 file 列"):
        run(store, folder)


def test_a_bug_costs_one_file_and_is_not_called_the_users_mistake(store, folder, caplog):
    (folder / "a.txt").write_text("错")
    (folder / "b.txt").write_text(NOTICE)
    workers = Pool(size=1, module="ingest.tests.faulty_worker")
    events = run(store, folder, workers=workers)
    workers.close()
    assert outcomes(events) == [("a.txt", "failed"), ("b.txt", "new")]
    (failed,) = [event for event in events if event.stage == "failed"]
    said = re.fullmatch(
        r"程序处理这个文件时出错（RecursionError，编号 (\w{8})），文件未加入，其余文件不受影响。"
        r"这是程序的问题，请把编号和文件交给管理员，以便在日志中查找原因。",
        failed.message,
    )
    (record,) = caplog.records
    assert said[1] in record.getMessage()
    assert "RecursionError: too deep" in record.getMessage()
    assert store.verify() == []


def test_what_failed_is_kept_and_not_tried_again_until_it_may_end_otherwise(store, folder, monkeypatch):
    file = folder / "a.txt"
    file.write_bytes(bytes(range(256)) * 40)
    (first,) = [event for event in run(store, folder) if event.state]
    (kept,) = store.failures()
    assert (kept.id, kept.name, kept.origin, kept.message) == ("f1", "a.txt", str(file), first.message)
    (again,) = [event for event in run(store, folder) if event.state]
    assert again.message == f"{first.message}（这个文件先前已试过，没有再读。）"
    (tried,) = [event for event in run(store, folder, again=True) if event.state]
    assert tried.message == first.message
    monkeypatch.setattr(pipeline, "fingerprint", lambda: "另一个程序")
    (tried,) = [event for event in run(store, folder) if event.state]
    assert tried.message == first.message
    file.write_text(NOTICE)
    assert outcomes(run(store, folder)) == [("a.txt", "new")]
    assert store.failures() == []


def test_a_failure_that_nobody_wants_to_see_is_removed_like_a_source(store, folder):
    (folder / "a.txt").write_bytes(b"")
    run(store, folder)
    with store.writing() as writer:
        assert [writer.remove(store.failures()[0].id), writer.remove("f99")] == [True, False]
    assert store.failures() == []


def test_what_a_broken_file_is_told_is_no_bug_and_is_not_logged(store, folder, caplog):
    (folder / "a.txt").write_bytes(bytes(range(256)) * 40)
    (event,) = [event for event in run(store, folder) if event.state]
    assert event.message.startswith("这个文件的内容不是可读的文字。")
    assert caplog.records == []


def test_half_a_character_becomes_a_mark_and_pairs_stay(monkeypatch):
    read = document.readers.read

    def halved(data, name, _):
        reading = read(data, name)
        return replace(reading, pages=(Page(number=1, lines=(Line(text="灯\ud83c会😀通知如下。"),)),))

    monkeypatch.setattr(document.readers, "read", halved)
    (article,) = parse(NOTICE.encode(), "a.txt", "1").articles
    assert article.text.replace("�", "") == "灯会😀通知如下。"


def test_a_document_survives_the_way_between_processes():
    sheets = [[Run(50, 100, f"第{n}条　灯会由街道承办，费用由街道承担。")] for n in "一二"]
    made = parse(make_pdf(sheets), "办法.pdf", "7")
    assert document.from_json(json.loads(json.dumps(document.to_json(made)))) == made


def test_a_sheet_with_a_title_alone_can_be_found():
    made = parse(make_pdf([[Run(50, 100, "云河街道灯会通知", 20)]]), "a.pdf", "1")
    assert [p.text for p in made.passages] == ["云河街道灯会通知"]
    assert made.articles[0].title == "云河街道灯会通知"


def test_a_sheet_without_any_text_is_a_failure_that_says_why(store, folder):
    (folder / "扫描.pdf").write_bytes(make_pdf([[]]))
    (event,) = [event for event in run(store, folder) if event.state]
    why = "第 1 页没有文字层，也没有识别出文字；请核对原件。"
    assert (event.state, event.message) == ("failed", f"文件里没有可读取的文字。{why}")
    assert store.sources() == []
    assert [failure.message for failure in store.failures()] == [event.message]


def test_passages_of_a_pdf_know_where_they_stand_on_which_page():
    sheets = [[Run(50, 100, f"第{n}条　灯会由街道承办，费用由街道承担。")] for n in "一二"]
    made = parse(make_pdf(sheets), "办法.pdf", "7")
    assert [(p.id, p.label, p.page, len(p.boxes)) for p in made.passages] == [
        ("7/1/1", "第一条", 1, 1),
        ("7/1/2", "第二条", 2, 1),
    ]
    assert made.source.pages == 2


def test_a_file_that_cannot_be_opened_is_said(store, folder, monkeypatch):
    (folder / "a.txt").write_text(NOTICE)
    monkeypatch.setattr(Path, "read_bytes", lambda self: (_ for _ in ()).throw(PermissionError()))
    (event,) = [event for event in run(store, folder) if event.state]
    assert (event.state, event.message) == ("failed", "文件打不开。请检查它是否存在、是否有读取权限。")
