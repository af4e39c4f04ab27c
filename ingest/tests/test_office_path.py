"""An office's whole path in real Chromium: ten mixed files in, corrected, published, asked, replaced, withdrawn."""

import re

import pytest

from corpus.settings import CorpusSettings
from corpus.store import Store
from corpus.testing import chromium, served
from ingest.tests.newspaper import sheet
from ingest.tests.printing import printed
from ingest.tests.samples import all_kinds

pytestmark = pytest.mark.browser
expect = pytest.importorskip("playwright.sync_api", reason="没有安装 playwright：pip install '.[dev]'").expect

PASSWORD = "yunhe banshi 2031 du"
RULE = "柳津市溪畔茶亭补助办法\n\n柳工发〔{year}〕{number}号\n\n第一条　为办好溪畔茶亭，制定本办法。\n第二条　通过验收的溪畔茶亭每家补助{sum}元。\n第三条　本办法自{year}年3月1日起施行。\n\n柳津市总工会\n{year}年2月20日\n"
QUESTION = "通过验收的溪畔茶亭每家补助多少元？"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An empty store with an office's and an administrator's account."""
    folder = tmp_path_factory.mktemp("path") / "store"
    with Store.open(folder, encoder=CorpusSettings().encoder) as store:
        for name, role in (("管理员老周", "admin"), ("办公室小林", "office")):
            store.people.add(name, [role], PASSWORD, who="命令行")
    return folder


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Ten files as an office has them, a newspaper page and a broken one among them."""
    folder = tmp_path_factory.mktemp("files")
    mixed = {
        name: data for name, data in all_kinds().items() if name not in ("资料.zip", "办法.html", "办法.txt")
    }
    mixed["办法.pdf"] = all_kinds()["办法.pdf"]
    mixed["坏的.pdf"] = mixed["办法.pdf"][:300]
    mixed["茶亭补助办法.txt"] = RULE.format(year=2025, number=6, sum=3000).encode()
    for name, data in mixed.items():
        (folder / name).write_bytes(data)
    printed([sheet("columns", "shuffled", 7)], folder)
    return sorted(folder.iterdir())


def sign_in(page, name: str) -> None:
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("button", name="退出")).to_be_visible()


def answered(page, address: str, question: str):
    """The reply in a conversation of its own."""
    page.evaluate("sessionStorage.clear()")
    page.goto(address)
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".reply[data-outcome]")).to_have_count(1)
    return page.locator(".reply[data-outcome]")


def add_ten(page, address: str, files) -> None:
    """Ten files; what cannot be read says why, the rest waits for a person."""
    page.goto(f"{address}corpus/")
    page.locator("#desk-files").set_input_files([str(f) for f in files])
    expect(page.locator(".draft")).to_have_count(11, timeout=60_000)  # the mail brought a document with it
    expect(page.locator(".draft.waiting")).to_have_count(0, timeout=120_000)
    failed = page.locator(".draft.failed")
    expect(failed).to_have_count(1)
    expect(failed).to_contain_text("坏的.pdf")
    expect(failed.locator(".why")).to_contain_text("请")
    # The newspaper page is cut into its articles, drawn beside its picture.
    page.locator(".draft", has_text="columns-shuffled").get_by_role("button", name="预览").click()
    expect(page.locator("#desk-preview .article").nth(2)).to_be_visible()
    expect(page.locator("#desk-preview .page-view img")).to_be_visible()
    page.get_by_role("button", name="返回列表").click()


def correct_and_publish(page) -> None:
    """A title is corrected before the document goes live; then all of it does."""
    page.locator(".draft", has_text="茶亭补助办法.txt").get_by_role("button", name="预览").click()
    page.locator("#desk-preview form.fields input[name=title]").first.fill("柳津市溪畔茶亭补助办法（试行）")
    page.get_by_role("button", name="保存更改").first.click()
    expect(page.locator("#desk-preview .article summary").first).to_contain_text("补助办法（试行）")
    page.locator("#desk-preview").get_by_role("button", name="发布", exact=True).click()
    expect(page.locator("#desk-results")).to_contain_text("已发布 1 份")
    page.locator("#desk-all").check()
    page.locator("#desk-publish").click()
    expect(page.locator("#desk-results")).to_contain_text("已发布 9 份", timeout=60_000)


def replace_by(page, address: str, revised) -> None:
    """The revised rule goes live as the new version of the one before."""
    page.goto(f"{address}corpus/")
    page.locator("#desk-files").set_input_files(str(revised))
    page.locator(".draft.ready", has_text="2026年修订").get_by_role("button", name="预览").click()
    page.get_by_label("作为").first.check()
    expect(page.get_by_label("作为").first).to_be_checked()
    page.locator("#desk-preview").get_by_role("button", name="发布", exact=True).click()
    expect(page.locator("#desk-results")).to_contain_text("已发布 1 份")


def withdraw_both(page, address: str) -> None:
    page.goto(f"{address}corpus/")
    page.get_by_role("tab", name="版本与撤下").click()
    desk = page.locator("#versions-desk")
    for left in (2, 1):
        desk.get_by_role("searchbox").first.fill("溪畔茶亭补助办法")
        page.keyboard.press("Enter")
        expect(desk.locator(".pick")).to_have_count(left)
        desk.locator(".pick").first.click()
        desk.get_by_role("button", name="撤下这份文件").click()
        desk.get_by_role("button", name="再点一次撤下").click()
        expect(page.locator("#versions-notice")).to_contain_text("已撤下")
        desk.get_by_role("button", name="文件与版本").click()


def test_ten_files_go_in_and_one_is_corrected_replaced_and_withdrawn(folder, files, tmp_path):
    assert len(files) == 10
    revised = tmp_path / "茶亭补助办法（2026年修订）.txt"
    revised.write_text(RULE.format(year=2026, number=9, sum=5000), "utf-8")
    with served(folder) as (address, _), chromium() as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN").new_page()
        broke: list[str] = []
        page.on("pageerror", lambda error: broke.append(str(error)))
        page.goto(address)
        sign_in(page, "办公室小林")
        add_ten(page, address, files)
        correct_and_publish(page)
        reply = answered(page, address, QUESTION)
        expect(reply).to_contain_text("3000元")
        expect(page.locator("#sources .card").first).to_contain_text("补助办法（试行）")

        replace_by(page, address, revised)
        reply = answered(page, address, QUESTION)
        expect(reply).to_contain_text("5000元")
        expect(reply).not_to_contain_text("每家补助3000元")
        stands = answered(page, address, "《柳津市溪畔茶亭补助办法（试行）》现在还有效吗？").inner_text()
        assert re.search("已(?:被)?(?:修改|废止|替代)", stands)

        withdraw_both(page, address)
        expect(answered(page, address, QUESTION)).to_have_attribute("data-outcome", "insufficient")

        page.get_by_role("button", name="退出").click()
        sign_in(page, "管理员老周")
        page.goto(f"{address}admin/audit")
        log = page.locator("main").inner_text()
        for told in ("办公室小林", "茶亭补助办法.txt", "补助办法（试行）", "撤下", "2026年修订"):
            assert told in log
        page.get_by_role("link", name="检查有没有被改动").click()
        expect(page.locator("main")).to_contain_text("没有被改动、删去或截断")
        assert broke == []
