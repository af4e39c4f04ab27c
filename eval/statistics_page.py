"""The statistics page as HTML: pure functions from figures to text. What people wrote passes ``escape`` once."""

from collections.abc import Sequence
from datetime import date
from html import escape
from pathlib import Path
from urllib.parse import urlencode

from corpus.records.question_log import Span, Unit
from eval import plots
from eval.statistics import PERIODS, Figures, Period, Topic, shortened

CSS = (Path(__file__).parent / "statistics.css").read_text(encoding="utf-8")
#: Questions shown of a topic.
WORDINGS = 6
_UNITS: dict[Unit, str] = {"day": "天", "week": "周", "month": "月"}
ASPECTS = {
    "kind": ("文种", "种类由标题和正文判断"),
    "status": ("效力状态", "按今天的日期和修改、废止关系推算"),
    "issuer": ("发文单位", ""),
    "region": ("地区", ""),
    "year": ("发布年份", ""),
    "trust": ("文字质量", "“存疑”“差”的文章请对照原件核实"),
}
_LAYERS = (
    plots.Layer("已回答", "full"),
    plots.Layer("拒答", "striped"),
    plots.Layer("其他（需澄清、出错）", "pale"),
)


def page(figures: Figures, today: date, *, problem: str = "") -> str:
    """The body: the questions of the period, then the corpus."""
    said = f'<p class="notice bad" role="alert">{escape(problem)}</p>' if problem else ""
    return (
        '<div id="statistics"><h2>统计</h2><nav class="jump" aria-label="本页内容"><a href="#asked">提问情况</a>'
        f'<a href="#corpus">资料库构成</a></nav>{said}{_asked(figures, today)}{_corpus(figures)}</div>'
    )


def _asked(figures: Figures, today: date) -> str:
    head = f'<div id="asked"><h3>提问情况</h3>{_chooser(figures.period, today)}'
    if not figures.log_from:
        return (
            f'{head}<p class="blank">还没有提问记录。有人在<a href="../">问答</a>里提问之后，这里会显示每天问了多少、'
            f"答上来多少、哪些问题没有依据。</p>{_kept(figures)}</div>"
        )
    if not figures.whole.asked:
        return (
            f'{head}<p class="blank">这个时段没有人提问。最早的记录在 {escape(figures.log_from)}，'
            f"请换一个时段。</p>{_kept(figures)}</div>"
        )
    parts = (
        _tiles(figures.whole, figures.period),
        f'<div class="pair">{_by_time(figures)}{_latency(figures)}</div>',
        f'<div class="pair"><div>{_often(figures)}{_cited(figures)}</div>{_topics(figures)}</div>',
        _kept(figures),
    )
    return f"{head}{''.join(parts)}</div>"


def _chooser(period: Period, today: date) -> str:
    chips = "".join(
        f'<a href="?days={days}"{_here(period.days == days and period.last == today)}>'
        f"{'近一年' if days == 365 else f'近 {days} 天'}</a>"
        for days in PERIODS
    )
    return (
        f'<form class="period" method="get"><span class="chips" role="group" aria-label="时段">{chips}</span>'
        f'<label>从<input type="date" name="from" value="{period.first}" required></label>'
        f'<label>到<input type="date" name="to" value="{period.last}" required></label><button class="main">查看</button></form>'
    )


def _here(here: bool) -> str:
    return ' aria-current="true"' if here else ""


def _tiles(whole: Span, period: Period) -> str:
    refused = whole.refused / whole.asked
    tiles = [
        ("提问", str(whole.asked), f"平均每天 {whole.asked / period.days:.1f} 次"),
        ("已回答", str(whole.answered), f"占 {whole.answered / whole.asked:.0%}"),
        ("拒答", str(whole.refused), f"占 {refused:.0%}，资料库里没有依据"),
        ("回答用时", _seconds(whole.median), f"一半的回答不超过；95% 不超过 {_seconds(whole.p95)}"),
    ]
    return f'<div class="tiles">{"".join(map(_tile, tiles))}</div>'


def _tile(tile: tuple[str, str, str]) -> str:
    name, value, more = tile
    return f'<div class="tile"><span>{name}</span><b>{escape(value)}</b><small>{escape(more)}</small></div>'


def _seconds(value: float | None) -> str:
    return "—" if value is None else f"{value:.2f} 秒"


def _by_time(figures: Figures) -> str:
    unit, spans = _UNITS[figures.period.unit], figures.spans
    busiest = max(spans, key=lambda span: span.asked)
    told = (
        f"每{unit}提问数：共 {figures.whole.asked} 次，最多的一{unit}（{busiest.begins}）{busiest.asked} 次。"
    )
    chart = plots.stacked(
        [(_short(s.begins, figures.period.unit), (s.answered, s.refused, s.other)) for s in spans],
        _LAYERS,
        told=told,
    )
    head = (f"{'日期' if unit == '天' else f'{unit}（起始日）'}", "提问", "已回答", "拒答", "其他")
    rows = [(s.begins, str(s.asked), str(s.answered), str(s.refused), str(s.other)) for s in spans if s.asked]
    return _block(f"每{unit}提问（次）", chart + _behind(head, rows), _download("days", figures.period))


def _latency(figures: Figures) -> str:
    unit, spans = _UNITS[figures.period.unit], figures.spans
    told = f"回答用时：一半的回答不超过 {_seconds(figures.whole.median)}，95% 不超过 {_seconds(figures.whole.p95)}。"
    chart = plots.over_time(
        [_short(s.begins, figures.period.unit) for s in spans],
        [("中位（p50）", [s.median for s in spans]), ("95% 不超过（p95）", [s.p95 for s in spans])],
        told=told,
    )
    rows = [(s.begins, _seconds(s.median), _seconds(s.p95)) for s in spans if s.median is not None]
    head = ("日期" if unit == "天" else f"{unit}（起始日）", "中位（p50）", "95% 不超过（p95）")
    return _block("回答用时（秒）", chart + _behind(head, rows))


def _short(begins: str, unit: Unit) -> str:
    """``2025-03-07`` → ``3-7``, a month → ``25-3``."""
    year, month, day = begins.split("-")
    return f"{year[2:]}-{int(month)}" if unit == "month" else f"{int(month)}-{int(day)}"


def _behind(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The table behind a chart, folded."""
    names = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(c)}</td>" for c in row[1:])}</tr>'
        for row in rows
    )
    return (
        f'<details><summary>看数字</summary><div class="wide"><table><thead><tr>{names}</tr></thead>'
        f"<tbody>{body}</tbody></table></div></details>"
    )


def _often(figures: Figures) -> str:
    most = figures.often[0].times
    rows = [(one.question, one.times, one.times / most, one.outcome) for one in figures.often]
    return _block("问得最多的", _bars(rows, "次"), _download("often", figures.period))


def _topics(figures: Figures) -> str:
    if not figures.topics:
        body = '<p class="blank">这个时段的问题都找到了依据，没有拒答。</p>'
        return _block("没有答上来的话题", body)
    hint = (
        '<p class="soft">这些问题在资料库里没有依据。有相关文件的，请在<a href="../corpus/">资料库</a>添加；'
        '答错了的，请在<a href="../eval/">测评 › 待复核</a>里处理。</p>'
    )
    items = "".join(map(_topic, figures.topics))
    return _block(
        "没有答上来的话题", f'{hint}<ol class="topics">{items}</ol>', _download("topics", figures.period)
    )


def _topic(topic: Topic) -> str:
    first, others = topic.questions[0], topic.questions[1:]
    count = f'<span class="count">{topic.times} 次</span>'
    if not others:
        return f"<li><p>{escape(first.question)}{count}</p></li>"
    more = "".join(f"<li>{escape(one.question)}（{one.times} 次）</li>" for one in others[:WORDINGS])
    rest = f"<li>等 {len(others)} 种问法</li>" if len(others) > WORDINGS else ""
    return (
        f"<li><details><summary>{escape(first.question)}{count}<small>另有 {len(others)} 种问法</small></summary>"
        f"<ul>{more}{rest}</ul></details></li>"
    )


def _cited(figures: Figures) -> str:
    if not figures.cited:
        return ""
    most = max(n for _, n in figures.cited)
    rows = [(name, n, n / most, "") for name, n in figures.cited]
    return _block("引用最多的文件", _bars(rows, "次"), _download("cited", figures.period))


def _kept(figures: Figures) -> str:
    who = "并记下提问人的姓名（管理员已开启）" if figures.names_kept else "不记提问人的姓名"
    link = (
        f"可以{_download('questions', figures.period, '下载这个时段的全部提问')}。"
        if figures.log_from
        else ""
    )
    return f'<p class="soft">提问保留 {figures.days_kept} 天，到期自动删除；{who}，证件号、电话等在保存前已遮盖。{link}</p>'


def _corpus(figures: Figures) -> str:
    head = '<div id="corpus"><h3>资料库构成</h3>'
    if not figures.articles:
        return (
            f'{head}<p class="blank">资料库还是空的。请到<a href="../corpus/">资料库</a>添加文件，'
            "这里会按文种、单位、地区、年份、效力和质量统计。</p></div>"
        )
    total = (
        f'<p class="soft">共 {figures.sources} 份文件、{figures.articles} 篇。{_download("corpus", None)}</p>'
    )
    blocks = "".join(
        _block(name, _parts(aspect, figures), hint=hint) for aspect, (name, hint) in ASPECTS.items()
    )
    return f'{head}{total}<div class="columns">{blocks}</div></div>'


def _parts(aspect: str, figures: Figures) -> str:
    parts = figures.corpus[aspect]
    if aspect == "year":  # in their order, the latest first, those without one last
        known = [part for part in reversed(parts) if part[0].isdecimal()]
        parts = [*known, *(part for part in parts if not part[0].isdecimal())]
    shown = shortened(parts)
    most = max(n for _, n in shown)
    return _bars([(name, n, n / most, f"{n / figures.articles:.0%}") for name, n in shown], "篇")


def _bars(rows: Sequence[tuple[str, int, float, str]], unit: str) -> str:
    """A table that is its own chart: name, bar (0–1), count, a word more."""
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td class="drawn">{plots.share(part)}</td>'
        f"<td>{count} {unit}</td><td><small>{escape(more)}</small></td></tr>"
        for name, count, part, more in rows
    )
    return f'<table class="bars"><tbody>{body}</tbody></table>'


def _block(name: str, body: str, download: str = "", *, hint: str = "") -> str:
    soft = f'<p class="soft">{escape(hint)}</p>' if hint else ""
    return f'<div class="block"><h4>{escape(name)}{download}</h4>{soft}{body}</div>'


def _download(name: str, period: Period | None, words: str = "下载表格") -> str:
    query = f"?{urlencode({'from': period.first, 'to': period.last})}" if period else ""
    return f'<a class="download" href="{name}.csv{escape(query)}" download>{words}</a>'
