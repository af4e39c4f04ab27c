# ruff: noqa: T201 - a command that prints what it measures
"""How fast the table of the corpus is: ``python -m ingest.tests.measure_grid [--articles 50000]``.

Makes a store of invented documents (kept between calls with ``--store``), serves the app over it
and looks at the table in Chromium: the first rows after navigation, from a key or a click to the
rows it asks for, the frames of a scroll; then the server alone. Every figure is of ``--rounds``
repetitions, given as median and 95th percentile, in milliseconds.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

from corpus.store import Store
from corpus.types import Article, Passage, Source

PLACES = ("云河市", "青原区", "桐山县", "白沙县", "临江区", "石桥镇", "柳浦区", "双溪县", "安陵市", "海门口区")
BODIES = ("总工会", "人民政府办公室", "人力资源和社会保障局", "教育工会", "卫生健康工会", "交通运输工会")
SUBJECTS = (
    *("职工疗休养", "困难职工帮扶", "劳动竞赛", "工会经费收支", "女职工权益保护", "集体协商", "职工书屋建设"),
    *("送温暖活动", "户外劳动者驿站", "劳模评选", "技能培训", "安全生产监督", "基层工会组建", "法律援助"),
    *("职工互助保障", "文体活动", "心理关爱", "新就业形态入会", "民主管理", "财务管理", "食堂补贴", "体检"),
)
STEPS = ("申报", "审核", "发放", "检查", "登记", "公示", "备案", "考核", "整改", "总结")
FORMS = (
    *(("通知", "关于做好{n}工作的通知"), ("办法", "{n}管理办法"), ("法规", "{n}条例"), ("新闻", "{n}现场会召开")),
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
            Passage(
                id=id_, article_id=article.id, ordinal=1, start=start, end=len(article.text), text=text
            )
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
