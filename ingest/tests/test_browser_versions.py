"""Versions, links and withdrawing in real Chromium: what the office does, and what the assistant answers then."""

import pytest

from corpus.settings import CorpusSettings
from corpus.store import Store
from corpus.testing import chromium, make_document, served

pytestmark = pytest.mark.browser
expect = pytest.importorskip("playwright.sync_api", reason="没有安装 playwright：pip install '.[dev]'").expect

RULE = {"kind": "办法", "region": "云河市", "issuer": "云河市总工会", "status": "现行"}
TRIPS = {
    **RULE,
    "title": "云河市职工疗休养办法",
    "published_on": "2021-04-02",
    "text": "第一条 职工疗休养由市总工会统一组织。\n第二条 职工疗休养的补贴标准为每人每天260元。",
    "labels": ["第一条", "第二条"],
}
REVISED = {
    **RULE,
    "title": "云河市职工休养管理规定",
    "published_on": "2024-04-02",
    "text": "第一条 职工疗休养由市总工会统一组织。\n第二条 职工疗休养的补贴标准为每人每天320元。",
    "labels": ["第一条", "第二条"],
}
BOOKS = {
    **RULE,
    "title": "云河市职工书屋办法",
    "text": "第一条 每家职工书屋的图书不少于800册。",
    "labels": ["第一条"],
}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Where the app is, started as people start it, over three invented documents, one corrected since."""
    folder = tmp_path_factory.mktemp("versions") / "store"
    with Store.open(folder, encoder=CorpusSettings().encoder) as store, store.writing(who="李四") as writer:
        early = {**TRIPS, "text": TRIPS["text"].replace("260", "240")}
        for number, article in enumerate([early, REVISED, BOOKS, TRIPS], 1):
            writer.put(*make_document(str(number if number < 4 else 1), articles=[article]))
    with served(folder) as (address, _):
        yield address


@pytest.fixture(scope="module")
def context():
    with chromium() as browser:
        yield browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US")


def answered(page, question: str) -> str:
    """Asks in the chat window; what is shown of the answer once it is complete."""
    before = page.locator(".reply[data-outcome]").count()
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")
    replies = page.locator(".reply[data-outcome]")
    expect(replies).to_have_count(before + 1)
    return replies.last.text_content()


def test_replaced_documents_are_marked_and_withdrawn_ones_answer_nothing_until_they_are_restored(
    address, context
):
    chat, office = context.new_page(), context.new_page()
    chat.goto(address)
    office.goto(f"{address}corpus/")
    office.get_by_role("tab", name="版本与撤下").click()
    desk = office.locator("#versions-desk")
    desk.get_by_role("searchbox").first.fill("疗休养办法")
    office.keyboard.press("Enter")
    expect(desk.locator(".pick")).to_have_count(1)
    desk.locator(".pick").click()
    expect(desk.locator("h2")).to_have_text("《云河市职工疗休养办法》现行")
    expect(desk.locator("h2")).to_be_focused()
    # The differences of its two versions.
    desk.get_by_role("button", name="看差异").first.click()
    expect(desk.locator(".difference del")).to_have_text("240")
    expect(desk.locator(".difference ins")).to_have_text("260")
    desk.get_by_role("button", name="返回文件").click()
    # A person says that another document took its place.
    desk.get_by_role("searchbox").last.fill("休养管理规定")
    office.keyboard.press("Enter")
    deciding = desk.locator("form[data-one='2/1'][data-other='1/1']").last
    deciding.get_by_role("button", name="确认").click()
    expect(office.locator("#versions-notice")).to_contain_text("已确认")
    expect(desk.locator("h2")).to_have_text("《云河市职工疗休养办法》已修改")
    told = answered(chat, "云河市职工疗休养的补贴标准是每人每天多少元？")
    assert "320元" in told
    assert "260元" not in told
    assert "已被修改" in answered(chat, "《云河市职工疗休养办法》现在还有效吗？")
    assert "800册" in answered(chat, "每家职工书屋的图书不少于多少册？")
    # Withdrawn: asked for certainty once, refused at once, and back again.
    desk.get_by_role("button", name="文件与版本").click()
    desk.locator(".pick", has_text="书屋").click()
    desk.get_by_role("button", name="撤下这份文件").click()
    desk.get_by_role("button", name="再点一次撤下").click()
    expect(office.locator("#versions-notice")).to_contain_text("已撤下")
    assert "800册" not in answered(chat, "职工书屋的图书每家不少于多少册？")
    desk.get_by_role("button", name="恢复", exact=True).click()
    expect(office.locator("#versions-notice")).to_contain_text("已恢复")
    assert "800册" in answered(chat, "每家职工书屋至少要有多少册图书？")


def test_on_a_phone_nothing_is_wider_than_the_screen_and_the_sides_stand_below_each_other(address, context):
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}corpus/")
    page.get_by_role("tab", name="版本与撤下").click()
    desk = page.locator("#versions-desk")
    desk.locator(".pick", has_text="疗休养办法").click()
    desk.get_by_role("button", name="看差异").first.click()
    sides = desk.locator(".difference.changed .side")
    expect(sides).to_have_count(2)
    first, second = (sides.nth(n).bounding_box() for n in range(2))
    assert first["x"] == second["x"]
    assert first["y"] + first["height"] <= second["y"]
    assert page.evaluate("document.documentElement.scrollWidth") == 390
