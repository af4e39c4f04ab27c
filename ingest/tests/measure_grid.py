# ruff: noqa: T201 - a command that prints what it measures
"""How fast the table of the corpus is: ``python -m ingest.tests.measure_grid [--articles 50000]``.

Makes a store of invented documents (kept between calls with ``--store``), serves the app over it
and looks at the table in Chromium: the first rows after navigation, from a key or a click to the
rows it asks for, the frames of a scroll; then the server alone. Every figure is of ``--rounds``
repetitions, given as median and 95th percentile, in milliseconds.
"""

import argparse
import math
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

from playwright.sync_api import sync_playwright

from corpus.store import Store
from corpus.types import Article, Passage, Source

PLACES = (
    "云河市",
    "青原区",
    "桐山县",
    "白沙县",
    "临江区",
    "石桥镇",
    "柳浦区",
    "双溪县",
    "安陵市",
    "海门口区",
)
BODIES = ("总工会", "人民政府办公室", "人力资源和社会保障局", "教育工会", "卫生健康工会", "交通运输工会")
SUBJECTS = (
    *("职工疗休养", "困难职工帮扶", "劳动竞赛", "工会经费收支", "女职工权益保护", "集体协商", "职工书屋建设"),
    *("送温暖活动", "户外劳动者驿站", "劳模评选", "技能培训", "安全生产监督", "基层工会组建", "法律援助"),
    *("职工互助保障", "文体活动", "心理关爱", "新就业形态入会", "民主管理", "财务管理", "食堂补贴", "体检"),
)
STEPS = ("申报", "审核", "发放", "检查", "登记", "公示", "备案", "考核", "整改", "总结")
FORMS = (
    *(
        ("通知", "关于做好{n}工作的通知"),
        ("办法", "{n}管理办法"),
        ("法规", "{n}条例"),
        ("新闻", "{n}现场会召开"),
    ),
    *(("讲话", "在{n}推进会上的讲话"), ("调研", "{n}情况调研"), ("问答", "{n}问答"), ("其他", "{n}材料")),
)
ENDINGS = (".pdf", ".docx", ".html", ".txt", ".md")
STARTED = date(2008, 1, 1)
#: Sources that are put at once.
TOGETHER = 200


def documents(articles: int, seed: int = 6) -> Iterator[tuple[Source, list[Article], list[Passage], bytes]]:
    """Invented sources of one to eight articles; one article in eight is a version of another or changes one."""
    chance = random.Random(seed)
    made = number = 0
    while made < articles:
        number += 1
        several = min(chance.choice((1, 1, 1, 1, 2, 3, 5, 8)), articles - made)
        yield _source(number, [_article(number, n, chance) for n in range(1, several + 1)], chance)
        made += several


def _article(source: int, ordinal: int, chance: random.Random) -> Article:
    place, body, subject = chance.choice(PLACES), chance.choice(BODIES), chance.choice(SUBJECTS)
    kind, form = chance.choice(FORMS)
    # A number of its own keeps most titles apart; the rest are versions of one document.
    name = place + subject if chance.random() < 0.12 else f"{place}{subject}第{source}-{ordinal}号"
    title = form.format(n=name)
    if chance.random() < 0.01:
        title = f"关于废止《{name}条例》的决定"
    day = STARTED + timedelta(days=chance.randrange(6500))
    dated = chance.random()
    published = "" if dated < 0.08 else str(day.year) if dated < 0.12 else day.isoformat()
    steps = "、".join(chance.sample(STEPS, 4))
    text = f"{title}。\n本件规定{subject}的{steps}，由{place}{body}负责，编号{source}-{ordinal}。"
    return Article(
        id=f"{source}/{ordinal}",
        source_id=str(source),
        ordinal=ordinal,
        kind=kind,
        title=title,
        issuer="" if chance.random() < 0.2 else place + body,
        number=f"云工发〔{day.year}〕{source % 997}号" if chance.random() < 0.6 else "",
        published_on=published,
        effective_on=published if kind in ("办法", "法规") and len(published) == 10 else "",
        expires_on=str(day.year + 5) if chance.random() < 0.05 else "",
        region=place if chance.random() < 0.8 else "",
        status=chance.choice(("现行", "未知", "未知", "已废止", "已修改")),
        quality=chance.choice((1.0, 0.97, 0.9, 0.78, 0.4)),
        text=text,
    )


def _source(
    number: int, articles: list[Article], chance: random.Random
) -> tuple[Source, list[Article], list[Passage], bytes]:
    passages = []
    for article in articles:
        start = article.text.index("\n") + 1
        text = article.text[start:]
        id_ = f"{article.id}/1"
        passages.append(
            Passage(id=id_, article_id=article.id, ordinal=1, start=start, end=len(article.text), text=text)
        )
    original = "\n".join(a.text for a in articles).encode()
    name = f"{articles[0].title}{chance.choice(ENDINGS)}"
    received = (date(2024, 1, 1) + timedelta(days=number % 700)).isoformat()
    source = Source(
        id=str(number),
        name=name,
        origin=f"/{number}/{name}",
        sha256=sha256(original).hexdigest(),
        media_type="text/plain",
        bytes=len(original),
        received_at=f"{received}T09:{number % 60:02d}:00+08:00",
        received_by=chance.choice(("王一山", "李二河", "文件夹")),
        pages=len(articles),
        reader="text",
        warnings=("扫描件的文字可能有误。",) if chance.random() < 0.1 else (),
    )
    return source, articles, passages, original


def fill(directory: Path, articles: int) -> Store:
    """The store in a folder, filled with invented documents where it is new."""
    filled = Store.exists(directory)
    store = Store.open(directory)
    if filled:
        return store
    waiting = list(documents(articles))
    with store.writing(who="测量") as writer:
        for at in range(0, len(waiting), TOGETHER):
            with writer.together():
                for document in waiting[at : at + TOGETHER]:
                    writer.put(*document)
    return store


#: Runs in the page: resolves with the milliseconds until ``ready()`` holds and is painted.
_TIMED = """async ([start, ready]) => {
  const holds = new Function(`return (${ready})`);
  const from = performance.now();
  new Function(start)();
  while (!holds()) {
    if (performance.now() - from > 20000) throw new Error(`never: ${ready}`);
    await new Promise(requestAnimationFrame);
  }
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - from;
}"""
_PAINTED = """new MutationObserver(() => {
  const row = document.querySelector('#table-desk .row .of-title');
  if (row?.textContent && !window.painted) {
    window.painted = -1;
    requestAnimationFrame(() => setTimeout(() => { window.painted = performance.now(); }));
  }
}).observe(document, {childList: true, subtree: true, characterData: true});"""
#: Scrolls the whole table through in 120 frames; the time between two frames each.
_SCROLL = """async () => {
  const grid = document.querySelector('#table-desk .grid');
  const times = [];
  let last = performance.now();
  for (let n = 0; n < 120; n += 1) {
    grid.scrollTop = n < 60 ? n * 90 : (grid.scrollHeight / 60) * (n - 60);
    const now = await new Promise(requestAnimationFrame);
    times.push(now - last);
    last = now;
  }
  return times.slice(1);
}"""


def figures(times: Sequence[float]) -> str:
    """Median, 95th percentile and the worst, in milliseconds."""
    ordered = sorted(times)
    high = ordered[min(len(ordered) - 1, math.ceil(0.95 * len(ordered)) - 1)]
    return f"中位 {statistics.median(ordered):7.1f}  95% {high:7.1f}  最大 {ordered[-1]:7.1f} 毫秒（{len(ordered)} 次）"


def measure_server(address: str, rounds: int) -> None:
    """Seconds of a request, from its sending to its last byte."""
    asked = {
        "第一页与计数": "rows?counts=1",
        "查找与计数": "rows?counts=1&q=%E7%96%97%E4%BC%91%E5%85%BB",
        "筛选与计数": "rows?counts=1&kind=%E9%80%9A%E7%9F%A5&status=%E7%8E%B0%E8%A1%8C",
        "按标题排序": "rows?counts=1&sort=title",
        "中间的一页": "rows?offset=25000",
    }
    for name, query in asked.items():
        times = []
        for _ in range(rounds):
            started = time.perf_counter()
            with urllib.request.urlopen(f"{address}corpus/holdings/{query}") as reply:
                reply.read()
            times.append((time.perf_counter() - started) * 1000)
        print(f"服务器 {name}：{figures(times)}")


def measure_page(address: str, rounds: int) -> None:
    """What a person waits for in Chromium."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        first = []
        for _ in range(rounds):
            page = context.new_page()
            page.add_init_script(_PAINTED)
            page.goto(f"{address}corpus/#table")
            page.wait_for_function("window.painted > 0")
            first.append(page.evaluate("window.painted"))
            page.close()
        print(f"首屏（打开页面到看见各行）：{figures(first[1:])}；浏览器第一次打开 {first[0]:.0f} 毫秒")
        page = context.new_page()
        page.goto(f"{address}corpus/#table")
        page.wait_for_selector("#table-desk.loaded")
        for name, (start, ready) in _steps().items():
            page.evaluate("location.hash = '#table?'")
            page.wait_for_timeout(1000)
            times = [page.evaluate(_TIMED, [start(n), ready(n)]) for n in range(rounds)]
            print(f"{name}：{figures(times)}")
        page.evaluate("location.hash = '#table?'")
        page.wait_for_function("document.querySelector('#table-row-0')")
        print(f"滚动时两帧之间：{figures(page.evaluate(_SCROLL))}")
        browser.close()


Step = tuple[Callable[[int], str], Callable[[int], str]]


def _steps() -> dict[str, Step]:
    """What is done, and what holds once the rows asked for stand there; another each time."""
    search = "document.querySelector('[data-part=search]')"
    told = "document.querySelector('#table-row-0 .of-title')?.textContent"
    settled = "!document.querySelector('#table-desk').matches('.waiting')"
    body = "document.querySelector('#table-desk .filters .cell:nth-child(2) input')"

    def typed(box: str, word: Callable[[int], str]) -> Step:
        def start(n: int) -> str:
            return f"const box = {box}; box.value = '{word(n)}'; box.dispatchEvent(new Event('input'));"

        return (
            start,
            lambda n: (
                f"{settled} && {told}?.includes('{word(n)}') && location.hash.includes(encodeURIComponent('{word(n)}'))"
            ),
        )

    def sort(n: int) -> str:
        return f"document.querySelector('#table-head-{(1, 5, 7, 13, 2)[n % 5]}').click();"

    def sorted_by(n: int) -> str:
        return f"{settled} && document.querySelector('#table-head-{(1, 5, 7, 13, 2)[n % 5]}').ariaSort !== 'none'"

    def jump(n: int) -> str:
        return f"document.querySelector('#table-desk .grid').scrollTop = 36 * {1000 + 1500 * n};"

    def there(n: int) -> str:
        return f"document.querySelector('#table-row-{1000 + 1500 * n} .of-title')?.textContent"

    return {
        "按键到结果（查找，含停顿 80 毫秒）": typed(search, lambda n: SUBJECTS[n % len(SUBJECTS)]),
        "跳到远处（含停顿 40 毫秒）": (lambda n: jump(n % 20), lambda n: there(n % 20)),
        "按键到结果（标题包含，含停顿 80 毫秒）": typed(body, lambda n: SUBJECTS[::-1][n % len(SUBJECTS)]),
        "点击到结果（排序）": (sort, sorted_by),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures; returns an exit status."""
    parser = argparse.ArgumentParser(prog="python -m ingest.tests.measure_grid", description=__doc__)
    parser.add_argument("--articles", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--store", type=Path, help="留着下次再用的资料库")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        directory = given.store or Path(folder) / "store"
        with fill(directory, given.articles) as store:
            started = time.perf_counter()
            held = store.holdings.page().held
            print(
                f"{held} 篇；第一次读入 {time.perf_counter() - started:.2f} 秒；负载 {os.getloadavg()[0]:.1f}"
            )
        command = [sys.executable, "app.py", "--store", str(directory), "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as app:
            try:
                line = next((x for x in app.stdout or () if "已经启动" in x), "")
                address = re.search(r"http://\S+?/", line)
                if address is None:
                    print("程序没有启动。", file=sys.stderr)
                    return 1
                measure_server(address.group(), given.rounds)
                measure_page(address.group(), given.rounds)
            finally:
                app.terminate()
    print(f"负载 {os.getloadavg()[0]:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
