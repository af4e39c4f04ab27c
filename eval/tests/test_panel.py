"""The trainers' page in real Chromium, a whole path; and its rules one by one."""

import base64
import re
from pathlib import Path

import pytest

from assistant.pipeline import Assistant
from assistant.tests.test_browser import DESKTOP, DOCUMENTS, PHONE, browser, real_app, real_store
from corpus.errors import UserError
from corpus.store import Store
from corpus.testing import make_document, make_store
from eval import dataset
from eval.compare import compare_many
from eval.dataset import Case
from eval.metrics import CaseResult
from eval.panel import Trainers
from eval.trainer import markup, result_pages
from eval.trainer.background import Background, Progress
from eval.trainer.compare_pages import compare_page, verdict
from eval.trainer.desk import Desk
from eval.trainer.forms import case_from
from eval.trainer.review_pages import in_words
from eval.trainer.workspace import Workspace, safe_name

expect = pytest.importorskip("playwright.sync_api", reason="没有安装 playwright：pip install '.[dev]'").expect
__all__ = ["browser", "real_app", "real_store"]  # fixtures of the chat's tests: the app as people start it

NASTY = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'
CRECHE = {
    "title": "云河市暑期托管班通知（示例）",
    "kind": "通知",
    "issuer": "云河市总工会",
    "published_on": "2025-06-03",
    "text": "暑期托管班由区县总工会组织开办。\n暑期托管班每班不超过25人，费用由工会补助一半。",
}


class Sent:
    """An event as gradio hands it over."""

    def __init__(self, **data: object) -> None:
        self._data = data


@pytest.fixture
def store(tmp_path):
    with make_store(tmp_path, DOCUMENTS) as held:
        yield held


@pytest.fixture
def trainers(store):
    return Trainers(Desk(store, Assistant(store)))


def told(trainers: Trainers, **data: object) -> str:
    """The sentence above the page after an event."""
    return re.sub(r"<[^>]+>", "", trainers.act(Sent(**data))[0])


# --- in the browser ---


@pytest.fixture
def visit(browser, real_app):
    """Opens the trainers' page; at the end checks what must hold of every visit."""
    pages = []

    def opened(size: dict[str, int] = DESKTOP):
        page = browser.new_context(viewport=size, locale="en-US", accept_downloads=True).new_page()
        page.set_default_timeout(15_000)
        page.broke = []
        page.on("pageerror", lambda error: page.broke.append(str(error)))
        page.goto(real_app[0])
        page.get_by_role("link", name="测评").click()
        expect(page.locator("#evaluation-desk h2")).to_have_text("题集")
        pages.append(page)
        return page

    yield opened
    for page in pages:
        assert page.broke == []
        assert page.evaluate("window.hacked") is None
        page.context.close()


def press(page, name: str) -> None:
    page.locator("#evaluation").get_by_role("button", name=name, exact=True).first.click()


def says(page, words: str) -> None:
    expect(page.locator("#evaluation-notice")).to_contain_text(words)


def write_question(page, question: str, must: str = "") -> None:
    form = page.locator("form[data-do=add_case]")
    form.locator("[name=question]").fill(question)
    if must:
        form.locator("[name=must]").fill(must)
    else:
        form.get_by_label("没有，应当拒答").check()
    press(page, "加入题集")
    says(page, f"已加入：{question}")
    expect(form.locator("[name=question]")).to_have_value("")


def run_to_its_end(page, name: str) -> None:
    press(page, "用这套题测评")
    expect(page.locator("#evaluation-progress")).to_contain_text(f"测评完成：{name}")
    expect(page.locator("#evaluation-desk").get_by_label(name)).to_be_enabled()


@pytest.mark.browser
def test_from_an_empty_set_to_a_compared_pair_of_runs(visit, real_store):
    page = visit()
    desk = page.locator("#evaluation-desk")
    expect(desk).to_contain_text("还没有自己的题集")
    desk.get_by_label("名字", exact=True).fill("窗口常见问题")
    press(page, "新建")
    expect(desk.locator("h2")).to_have_text("窗口常见问题")
    expect(desk).to_contain_text("这套题还是空的")
    write_question(page, "职工疗休养的补贴标准是每人每天多少元？", "260元")
    write_question(page, "暑期托管班每班不超过多少人？", "25人|二十五人")
    write_question(page, "云河市地铁三号线的票价是多少？")

    desk.get_by_text("从一篇文章出题").click()
    desk.get_by_label("文章标题").fill("职工书屋")
    press(page, "出题")
    expect(desk.locator("h2")).to_contain_text("云河市职工书屋建设通知")
    proposals = desk.locator(".proposal")
    before = proposals.count()
    assert before > 0
    accepted = proposals.first.locator("[name=question]").input_value()
    press(page, "收入题集")
    says(page, f"已收入题集：{accepted}")
    expect(proposals).to_have_count(before - 1)
    press(page, "← 窗口常见问题")
    expect(desk.locator(".questions > details")).to_have_count(4)

    run_to_its_end(page, "第1次测评")
    press(page, "看结果")
    expect(desk.locator("h2")).to_have_text("第1次测评")
    missed = desk.locator("details.failed", has_text="暑期托管班每班不超过多少人？")
    missed.locator("summary").first.click()
    expect(missed).to_contain_text("25人 或 二十五人")
    missed.get_by_role("button", name="在问答中打开").click()
    expect(page.locator("#question textarea")).to_have_value("暑期托管班每班不超过多少人？")
    expect(page.locator("#question textarea")).to_be_focused()

    with Store.open(real_store) as held, held.writing() as writer:
        writer.put(*make_document("90", name="托管班.txt", articles=[CRECHE]))
    page.get_by_role("link", name="测评").click()
    press(page, "题集")
    desk.locator(".row", has_text="窗口常见问题").get_by_role("button", name="修改").click()
    run_to_its_end(page, "第2次测评")
    for name in ("第1次测评", "第2次测评"):
        desk.get_by_label(name).check()
    press(page, "比较选中的")
    expect(desk.locator("h2")).to_have_text("比较")
    expect(desk.locator(".verdict")).to_contain_text("没有证据表明变好或变差")
    expect(desk.locator(".verdict")).to_contain_text("多对 1 题，多错 0 题")
    flipped = desk.locator(".questions > details")
    expect(flipped).to_have_count(1)
    flipped.locator("summary").click()
    expect(flipped).to_contain_text("错→对")
    expect(flipped).to_contain_text("每班不超过25人")


@pytest.mark.browser
def test_the_report_is_read_and_downloaded_and_a_set_is_uploaded_on_a_phone(visit, real_store, tmp_path):
    workspace = Workspace(real_store)
    page = visit(PHONE)
    desk = page.locator("#evaluation-desk")
    with page.expect_download() as template:
        press(page, "下载 Excel 模板")
    assert template.value.suggested_filename == "题集模板.xlsx"
    wrong = tmp_path / "坏题集.csv"
    wrong.write_text("编号,问题,应答\n1,年休假几天？,也许\n", encoding="utf-8")
    desk.locator("input[type=file]").set_input_files(str(wrong))
    says(page, "第 2 行")
    expect(page.locator("#evaluation-notice")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page.locator("#evaluation-notice")).to_be_hidden()
    right = tmp_path / f"短题集{NASTY.replace('/', '')}.csv"
    right.write_text(f"编号,问题,应有的事实\n1,疗休养补贴每天多少？{NASTY},260元\n", encoding="utf-8")
    desk.locator("input[type=file]").set_input_files(str(right))
    says(page, "收到 1 道题")
    assert next(one.name for one in workspace.sets() if one.own).startswith("短题集-img src")
    run_to_its_end(page, f"第{len(workspace.runs()) + 1}次测评")
    press(page, "看结果")
    press(page, "看完整报告")
    expect(page.frame_locator("iframe.report").locator("body")).to_contain_text("测评报告")
    with page.expect_download() as table:
        press(page, "下载 CSV")
    assert "疗休养补贴每天多少" in Path(table.value.path()).read_text(encoding="utf-8-sig")
    for part in ("测评记录", "题集"):
        page.locator(".parts").get_by_role("button", name=part).click()
        expect(desk.locator("h2")).to_have_text(part)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.locator("#evaluation img, #evaluation-desk script").count() == 0


# --- names, files ---


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("窗口 问题（2026）", "窗口 问题（2026）"),
        ("../../etc/passwd", "etc-passwd"),
        ("甲/乙\\丙:丁", "甲-乙-丙-丁"),
        ("  . 点. ", "点"),
        ("nul.txt", "_nul.txt"),
        ("长" * 300, "长" * 60),
    ],
)
def test_a_name_becomes_a_file_name_on_every_system(typed, kept):
    assert safe_name(typed) == kept


@pytest.mark.parametrize("typed", ["", "  ", "...", "///"])
def test_a_name_of_nothing_is_declined(typed):
    with pytest.raises(UserError, match="这个名字不能用"):
        safe_name(typed)


@pytest.mark.parametrize("key", ["own/../../外面", "shipped/../law", "/etc/passwd", "", "own/"])
def test_nothing_outside_the_folder_is_read_or_deleted(trainers, tmp_path, key):
    outside = tmp_path / "外面.jsonl"
    outside.write_text('{"id": "1", "question": "问"}\n', encoding="utf-8")
    for do in ("open_set", "remove_set", "download_set", "add_case"):
        words = {"question": "问什么？", "must": "甲"}
        assert "这套题已经不在了" in told(trainers, do=do, key=key, **words)
    for do in ("open_run", "remove_run", "resume", "open_report"):
        assert "这次测评已经不在了" in told(trainers, do=do, run=f"../{key}")
    assert outside.exists()


def test_a_shipped_set_is_copied_and_never_changed(trainers):
    key = next(one.key for one in trainers.desk.workspace.sets() if not one.own)
    assert "随附的题集不能删除" in told(trainers, do="remove_set", key=key)
    assert "随附的题集不能修改" in told(trainers, do="add_case", key=key, question="问？", must="甲")
    assert "复制好了" in told(trainers, do="copy_set", key=key)
    copy = next(one for one in trainers.desk.workspace.sets() if one.own)
    assert trainers.desk.workspace.cases(copy.key) == trainers.desk.workspace.cases(key)


def test_an_upload_that_is_no_set_says_what_is_wrong(trainers):
    def sent(name: str, content: bytes) -> str:
        return told(trainers, do="upload", name=name, data=base64.b64encode(content).decode())

    assert "不能读取“题.docx”" in sent("题.docx", b"x")
    assert "第 1 行" in sent("题.jsonl", b"{broken")
    assert "里没有题" in sent("题.jsonl", b"\n")
    assert "没有传完整" in told(trainers, do="upload", name="题.csv", data="%%%")
    assert [one for one in trainers.desk.workspace.sets() if one.own] == []
    assert "收到 1 道题" in sent("../../题.jsonl", '{"id": "1", "question": "问"}'.encode())
    assert [one.name for one in trainers.desk.workspace.sets() if one.own] == ["题"]


def test_ids_stay_apart_when_questions_go_and_come(store):
    workspace = Workspace(store.directory)
    key = workspace.create("甲").key
    for question in ("一", "二"):
        workspace.add(key, Case(id="", question=question))
    workspace.change(key, lambda cases: cases[1:])
    workspace.add(key, Case(id="", question="三"))
    assert [c.id for c in workspace.cases(key)] == ["甲-002", "甲-003"]


def test_a_question_is_changed_downloaded_and_deleted(trainers, tmp_path):
    key = trainers.desk.workspace.create("甲").key
    told(trainers, do="add_case", key=key, question="补贴多少？", must="240元")
    [case] = trainers.desk.workspace.cases(key)
    assert "240元" in trainers.sets.do_edit_case({"key": key, "case": case.id}).page
    words = {"key": key, "case": case.id, "question": "补贴每天多少？", "must": "260元|二百六十元"}
    assert told(trainers, do="save_case", **words) == "改好了。"
    file = trainers.sets.do_download_set({"key": key, "suffix": "xlsx"}).file
    assert file["name"] == "甲.xlsx"
    (tmp_path / "甲.xlsx").write_bytes(base64.b64decode(file["data"]))
    [again] = dataset.load(tmp_path / "甲.xlsx")
    assert (again.id, again.question, again.must) == ("甲-001", "补贴每天多少？", (("260元", "二百六十元"),))
    assert "题目已经删除" in told(trainers, do="remove_case", key=key, case=case.id)
    assert trainers.desk.workspace.cases(key) == []
    assert "这道题已经不在题集里了" in told(trainers, do="save_case", **words)


def test_harder_questions_are_made_of_a_set(store, trainers):
    case = Case(id="1", question="职工疗休养的补贴标准是多少？", must=(("260元",),), source=("文件1.txt",))
    key = trainers.desk.workspace.create("甲", [case]).key
    assert "道抗干扰题" in told(trainers, do="probe_set", key=key)
    probed = trainers.desk.workspace.cases("own/甲 抗干扰")
    assert {c.category for c in probed} >= {"错别字", "繁体字", "口语说法"}
    empty = trainers.desk.workspace.create("乙", [Case(id="1", question="天气？", answerable=False)]).key
    trainers.desk.workspace.change(empty, lambda cases: [])
    assert "出不了抗干扰题" in told(trainers, do="probe_set", key=empty)


def test_a_button_that_is_none_of_ours_does_nothing(trainers):
    for name in ("", "__init__", "act", "titles"):
        assert told(trainers, do=name) == "这个按钮已经失效。请刷新页面再试。"


# --- the form ---


def test_a_filled_form_is_a_case_and_keeps_what_it_does_not_show(store):
    values = {
        "question": " 补贴多少？ ",
        "answerable": "1",
        "must": "260元|二百六十元\n\n5天",
        "must_not": "240元",
        "article": "疗休养办法",
        "clauses": "疗休养办法 第二条",
        "type": "number",
        "difficulty": "易",
        "as_of": "2025-05-01",
    }
    base = Case(id="7", question="旧", history=(("前问", "前答"),), note="备注")
    assert case_from(values, store, base) == Case(
        id="7",
        question="补贴多少？",
        must=(("260元", "二百六十元"), ("5天",)),
        must_not=("240元",),
        source=("文件1.txt",),
        article="云河市职工疗休养办法（示例）",
        clauses=("疗休养办法 第二条",),
        type="number",
        difficulty="易",
        as_of="2025-05-01",
        history=(("前问", "前答"),),
        note="备注",
    )
    refused = case_from({**values, "answerable": "0"}, store, base)
    assert (refused.answerable, refused.must, refused.article, refused.clauses) == (False, (), "", ())


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "还没有写问题"),
        ({"question": "问？"}, "还没有写回答里必须有什么"),
        ({"question": "问？", "article": "不存在的办法"}, "没有标题含有“不存在的办法”"),
        ({"question": "问？", "article": "云河市"}, "不止一篇"),
        ({"question": "问？", "must": "甲", "as_of": "去年"}, "“去年”不是一个日期"),
    ],
)
def test_a_form_that_cannot_be_a_case_says_why(store, values, words):
    with pytest.raises(UserError, match=words):
        case_from(values, store)


# --- runs in the background ---


def test_a_run_stops_after_the_question_under_way_and_goes_on(store, trainers):
    questions = [Case(id=str(n), question=f"第{n}类档案保管几年？", answerable=False) for n in range(30)]
    key = trainers.desk.workspace.create("档案", questions).key
    assert told(trainers, do="start", set=key, name="甲") == ""
    assert "已经有一次测评在进行" in told(trainers, do="start", set=key)
    trainers.act(Sent(do="stop"))
    trainers.desk.background.wait(20)
    stopped = trainers.desk.workspace.run("甲")
    assert trainers.desk.background.progress.state == "stopped"
    assert stopped.done < stopped.total == 30
    told(trainers, do="resume", run="甲")
    trainers.desk.background.wait(60)
    whole = trainers.desk.workspace.run("甲")
    assert (trainers.desk.background.progress.state, whole.done, whole.report["all"]["cases"]) == (
        "finished",
        30,
        30,
    )


def test_a_run_of_nothing_is_declined(trainers):
    assert "还没有选题集" in told(trainers, do="start")
    key = trainers.desk.workspace.create("空").key
    assert "还没有题" in told(trainers, do="start", set=key)
    assert trainers.desk.workspace.runs() == []


def test_a_run_that_breaks_is_told_in_words(store, trainers, monkeypatch, caplog):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("/secret/path broke")

    monkeypatch.setattr("eval.trainer.background.run", broken)
    key = trainers.desk.workspace.create("甲", [Case(id="1", question="问？", answerable=False)]).key
    told(trainers, do="start", set=key)
    trainers.desk.background.wait(20)
    bar, _ = trainers.look()
    assert "测评中断：程序出错了（编号 " in bar
    assert "secret" not in bar
    trainers.look()
    assert len(caplog.records) == 1


def test_progress_says_how_fast_and_how_long():
    going = Progress(name=NASTY, done=40, total=100, fresh=40, seconds=8.0)
    assert "每秒 5.0 题，还要 12 秒" in result_pages.progress_bar(going)
    assert "<img" not in result_pages.progress_bar(going)
    slow = Progress(name="甲", done=4, total=100, fresh=4, seconds=40.0)
    assert "每题 10.0 秒，还要 16 分钟" in result_pages.progress_bar(slow)
    assert Background(None, None).going == ""


# --- words ---


PAIR = {"before": 0.8, "after": 0.83, "difference": 0.03, "p": 0.2, "gained": ["1", "2"], "lost": ["3"]}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "没有证据表明变好或变差：答对的比例从 80% 到 83%（多对 2 题，多错 1 题），这点差别可能只是偶然。"),
        ({"p": 0.01}, "变好了：答对的比例从 80% 到 83%（多对 2 题，多错 1 题），不像偶然。"),
        ({"p": 0.01, "p_holm": 0.06}, "没有证据表明变好或变差：答对的比例从 80% 到 83%（多对 2 题，多错 1 题），这点差别可能只是偶然。"),
        ({"p": 0.01, "after": 0.7, "difference": -0.1}, "变差了：答对的比例从 80% 到 70%（多对 2 题，多错 1 题），不像偶然。"),
        ({"gained": [], "lost": [], "difference": 0}, "没有差别：每道题的对错都和前一次一样，答对的比例是 83%。"),
    ],
)  # fmt: skip
def test_a_comparison_is_told_in_a_sentence(change, words):
    assert verdict({**PAIR, **change}) == words


def scored(question: str, right: float, **scores: float) -> CaseResult:
    case = Case(id=question, question=f"{question}？{NASTY}", must=(("甲",),))
    answer = {"outcome": "answered", "answer": f"答{right}", "statements": [], "evidence": []}
    return CaseResult(case=case, answer=answer, scores={"right": right, "refusal": 1.0, **scores})


def test_several_runs_are_compared_with_the_first():
    runs = {
        "一": [scored(str(n), 0.0, over_refusal=1.0) for n in range(20)],
        "二": [scored(str(n), 1.0, over_refusal=0.0) for n in range(20)],
        "三": [scored(str(n), float(n == 0), over_refusal=1.0) for n in range(20)],
    }
    html = compare_page(compare_many(runs), list(runs))
    text = re.sub(r"<[^>]+>", "|", html)
    assert "以“一”为准，只比大家都有的 20 道题" in text
    assert "变好了：答对的比例从 0% 到 100%（多对 20 题，多错 0 题），不像偶然。" in text
    assert "没有证据表明变好或变差：答对的比例从 0% 到 5%（多对 1 题，多错 0 题）" in text
    assert re.search(r"误拒率\|越低越好\|+变好\|+100%\|+0%\|+-100.0（-100.0～-100.0）", text)
    assert "对错有变化的题（20）" in text
    assert "错→对→错" in text
    assert "<img" not in html


@pytest.mark.parametrize(
    ("kappa", "words"),
    [(None, "无法计算（意见全都一样）"), (-0.1, "比碰运气还差"), (0.2, "很低"), (0.41, "中等"), (0.8, "较高"), (1.0, "很高")],
)  # fmt: skip
def test_agreement_has_the_words_of_its_literature(kappa, words):
    assert in_words(kappa) == words


def test_markup_in_data_is_text():
    assert markup.attributes(key='"><b>') == ' data-key="&quot;&gt;&lt;b&gt;"'
    assert "<script" not in markup.said(NASTY) + markup.button(NASTY, "x", "", key=NASTY)


# --- the review queue ---


def reviewable(store) -> int:
    return store.add_review(
        reason="拒答", question=f"托管班几岁能去？{NASTY}", answer="", outcome="insufficient"
    )


def test_a_refused_answer_is_judged_and_becomes_a_question(store, trainers):
    number = reviewable(store)
    key = trainers.desk.workspace.create("复核来的").key
    desk = trainers.parts[2].do_queue({"trainer": "甲"}).page
    assert "<img" not in desk
    assert "待复核（1）" in desk
    sent = {"do": "review", "number": str(number), "trainer": "甲", "into": key, "form": f"review-{number}"}
    assert "从答对了、答错了" in told(trainers, **sent)
    assert "还不知道正确答案在哪里" in told(trainers, **sent, verdict="wrong")
    words = told(trainers, **sent, verdict="wrong", article="书屋", must="6岁|六岁")
    assert words == "意见已经记下，问题收入了题集“复核来的”。"
    [case] = trainers.desk.workspace.cases(key)
    assert (case.id, case.must, case.source) == ("复核来的-001", (("6岁", "六岁"),), ("文件2.txt",))
    assert "现在没有要复核的回答" in trainers.parts[2].do_queue({}).page


def test_a_judged_answer_makes_the_first_set_of_its_own(store, trainers):
    number = reviewable(store)
    sent = {"do": "review", "number": str(number), "trainer": "甲", "into": "new", "verdict": "should_refuse"}
    assert "收入了题集“复核收来的题”" in told(trainers, **sent)
    [case] = trainers.desk.workspace.cases("own/复核收来的题")
    assert (case.answerable, case.must) == (False, ())


def test_two_trainers_agreement_is_shown(store, trainers):
    number = reviewable(store)
    for trainer in ("甲", "乙"):
        told(trainers, do="review", number=str(number), trainer=trainer, verdict="should_refuse")
    desk = trainers.parts[2].do_queue({"trainer": "丙"}).page
    assert "<td>乙、甲</td><td>1</td><td>100%</td><td>—</td>" in desk
    assert "另有 2 人看过" in desk
    assert "应当拒答" not in desk.split('class="choice"')[0].split('class="parts"')[1]
