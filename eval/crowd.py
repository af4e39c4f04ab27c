"""Many people who ask a running program over HTTP, each a new question every few seconds.

One connection a question and no HTTP library: on the machine that answers, too, measuring must
cost next to nothing.
"""

import asyncio
import itertools
import json
import ssl
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from corpus.errors import UserError
from eval.dataset import stream
from eval.interchange import beir_rows

#: Seconds after which a person gives up.
PATIENCE_S = 60.0
#: An answer that comes within this is as good as before the crowd came.
RECOVERED_S = 1.0
#: Seconds between two looks whether the program has recovered, and until one gives up looking.
LOOK_S, LOOK_UNTIL_S = 0.25, 60.0
#: A question asked again is asked in other words, so that nobody is served what was kept.
_OPENINGS = ("", "请问，", "您好，", "想了解一下，", "麻烦问一下，", "咨询：", "我想问，", "请教一下，")
_ASK = "/api/v1/ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """``people`` who each ask a new question every ``every`` seconds, for ``seconds`` in all.

    With ``keys`` (API keys) they take them in turn.
    """

    people: int = 50
    every: float = 5.0
    seconds: float = 600.0
    keys: tuple[str, ...] = ()


@dataclass(slots=True)
class Tally:
    """What came of the questions. ``waits``: seconds of each that was answered, in order of arrival.

    ``refused`` were told when to come again; whatever else is no answer is an error, by its kind.
    """

    asked: int = 0
    waits: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    #: Seconds from the crowd's last question until one is answered at once again; None: it never was.
    recovery: float | None = None

    def row(self, crowd: Crowd) -> dict[str, Any]:
        """Everything as plain data; seconds."""
        return {
            "people": crowd.people,
            "every_s": crowd.every,
            "seconds": crowd.seconds,
            "asked": self.asked,
            "answered": len(self.waits),
            "answered_per_s": round(len(self.waits) / crowd.seconds, 2),
            **percentiles(self.waits),
            "refused": dict(self.refused),
            "errors": dict(self.errors),
            "recovery_s": None if self.recovery is None else round(self.recovery, 2),
        }


def percentiles(waits: Sequence[float]) -> dict[str, float | None]:
    """p50, p95, p99 and the longest, in seconds; None where nothing was answered."""
    names = ("p50_s", "p95_s", "p99_s", "longest_s")
    if not waits:
        return dict.fromkeys(names)
    found = np.percentile(waits, [50, 95, 99, 100])
    return {name: round(float(value), 3) for name, value in zip(names, found, strict=True)}


def questions(path: Path) -> list[str]:
    """The questions of a question set, or of BEIR's ``queries.jsonl``. Raises ``UserError`` where there is none."""
    if path.name.startswith("queries"):
        found = [str(row.get("text", "")) for row in beir_rows(path)]
    else:
        found = [case.question for case in stream(path)]
    found = list(dict.fromkeys(filter(None, found)))
    if not found:
        raise UserError(f"{path.name} 里没有问题。", "请给出有题的题集，或 BEIR 格式的 queries.jsonl。")
    return found


def _new(asked: Sequence[str]) -> Iterator[str]:
    """The questions, none twice in the same words for as long as there are other ways to begin."""
    return itertools.cycle(opening + question for opening in _OPENINGS for question in asked)


def so_far(tally: Tally) -> str:
    """One line on how it stands."""
    return (
        f"已问 {tally.asked} 题：答 {len(tally.waits)}，请稍后再来 {tally.refused.total()}，"
        f"出错 {tally.errors.total()}"
    )


def table(row: dict[str, Any]) -> list[str]:
    """The lines of a tally's row, as people read it."""

    def kinds(counts: dict[str, int]) -> str:
        return "，".join(f"{kind} {n} 次" for kind, n in counts.items()) or "没有"

    def seconds(value: float | None) -> str:
        return "—" if value is None else f"{value:.3f} 秒"

    waits = "，".join(
        f"{name} {seconds(row[key])}"
        for name, key in (("50%", "p50_s"), ("95%", "p95_s"), ("99%", "p99_s"), ("最长", "longest_s"))
    )
    return [
        f"{row['people']} 人，每人每 {row['every_s']:g} 秒一问，共 {row['seconds']:g} 秒",
        f"提问：{row['asked']} 题，回答：{row['answered']} 题（每秒 {row['answered_per_s']:g} 题）",
        f"等待：{waits}",
        f"请稍后再来（带 Retry-After）：{kinds(row['refused'])}",
        f"出错：{kinds(row['errors'])}",
        f"人散后恢复：{seconds(row['recovery_s'])}",
    ]


async def crowd(
    url: str, who: Crowd, asked: Sequence[str], progress: Callable[[Tally], None], *, look_s: float = 10.0
) -> Tally:
    """All that the people did; ``progress`` is told every ``look_s`` seconds how it stands."""
    tally, line = Tally(), _new(asked)
    began = time.perf_counter()
    doors = [Door(url, key) for key in who.keys or ("",)]
    people = [
        asyncio.create_task(_person(doors[n % len(doors)], who, n, line, tally, began))
        for n in range(who.people)
    ]
    waiting: set[asyncio.Task[None]] = set(people)
    while waiting and time.perf_counter() < began + who.seconds:
        left = began + who.seconds - time.perf_counter()
        _, waiting = await asyncio.wait(waiting, timeout=max(0.0, min(look_s, left)))
        progress(tally)
    tally.recovery = await _recovered(doors[0], line, began + who.seconds)
    await asyncio.gather(*people)
    return tally


async def _person(
    door: "Door", who: Crowd, number: int, line: Iterator[str], tally: Tally, began: float
) -> None:
    # They do not all begin in the same moment, just as they did not come in the same moment.
    due = began + who.every * number / who.people
    while due < began + who.seconds:
        await asyncio.sleep(due - time.perf_counter())
        tally.asked += 1
        seconds, problem = await door.ask(next(line))
        if problem.startswith("refused "):
            tally.refused[problem.removeprefix("refused ")] += 1
        elif problem:
            tally.errors[problem] += 1
        else:
            tally.waits.append(seconds)
        # Who waited for longer asks next when it is their turn again.
        while due <= time.perf_counter():
            due += who.every


async def _recovered(door: "Door", line: Iterator[str], since: float) -> float | None:
    await asyncio.sleep(since - time.perf_counter())
    while time.perf_counter() < since + LOOK_UNTIL_S:
        seconds, problem = await door.ask(next(line))
        if not problem and seconds <= RECOVERED_S:
            return time.perf_counter() - since
        await asyncio.sleep(LOOK_S)
    return None


class Door:
    """Where one asks: the address of a running program, and the API key, if any."""

    def __init__(self, url: str, key: str = "") -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UserError(f"{url} 不是网址。", "请写成 http://127.0.0.1:7860 的样子。")
        self._host, self._tls = parts.hostname, parts.scheme == "https"
        self._port = parts.port or (443 if self._tls else 80)
        lines = (
            f"POST {parts.path.rstrip('/')}{_ASK} HTTP/1.1",
            f"Host: {parts.netloc}",
            "Content-Type: application/json",
            "Accept: application/json",
            "Connection: close",
            *([f"Authorization: Bearer {key}"] if key else []),
        )
        self._head = "\r\n".join(lines)

    async def ask(self, question: str) -> tuple[float, str]:
        """Seconds until the reply, and what was wrong with it: ``""``, ``refused <status>``, or words."""
        began = time.perf_counter()
        try:
            async with asyncio.timeout(PATIENCE_S):
                raw = await self._reply(json.dumps({"question": question}).encode())
        except TimeoutError:
            problem = "没有等到回答"
        except OSError as error:
            problem = f"连接出错（{type(error).__name__}）"
        else:
            problem = _problem(raw)
        return time.perf_counter() - began, problem

    async def _reply(self, body: bytes) -> bytes:
        context = ssl.create_default_context() if self._tls else None
        reader, writer = await asyncio.open_connection(self._host, self._port, ssl=context)
        try:
            writer.write(f"{self._head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            return await reader.read()
        finally:
            writer.close()


def _problem(raw: bytes) -> str:
    """What is wrong with a reply; ``""`` where it is a whole answer."""
    head, _, body = raw.partition(b"\r\n\r\n")
    status, _, headers = head.decode("latin-1").partition("\r\n")
    code = status.split(" ")[1] if status.startswith("HTTP/") else "没有回应"
    if code in ("429", "503") and "retry-after:" in headers.lower():
        return f"refused {code}"
    if code != "200":
        return code
    try:
        answer = json.loads(body)
    except ValueError:
        return "回答不完整"
    return "" if isinstance(answer, dict) and answer.get("outcome") else "不是回答"
