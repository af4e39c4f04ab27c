"""Metrics for a collector (Prometheus): what was asked of the program, and how it fares.

Every program has a registry of its own. Labels have few values, whatever comes from outside:
an address that is none of ours is called ``other``.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from corpus.store import Store
from corpus.web.access import API, TABLE

# A series more for each, which nobody draws.
disable_created_metrics()
CONTENT_TYPE = CONTENT_TYPE_LATEST
#: Seconds; a question takes a few hundredths without a chat model, a minute at worst with one.
_ANSWER_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_REQUEST_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
#: What is counted in the store is counted anew after so many seconds.
_COUNTED_S = 10.0
#: An answer's outcome as a label.
OUTCOMES: Mapping[str, str] = {
    "已回答": "answered",
    "依据不足": "insufficient",
    "存在冲突": "conflict",
    "需澄清": "clarify",
}


class Metrics:
    """计量: what one program counts. Safe to share between threads."""

    def __init__(self, store: Store) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "unionqa_requests", "回应的请求", ["method", "path", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "unionqa_request_seconds",
            "一个请求用的秒数",
            ["path"],
            buckets=_REQUEST_S,
            registry=self._registry,
        )
        self._under_way = Gauge("unionqa_requests_under_way", "正在回应的请求", registry=self._registry)
        self._refused = Counter(
            "unionqa_refused",
            "拒绝的请求（没有登录、不许、太大、太多、没有空位）",
            ["status"],
            registry=self._registry,
        )
        self._bugs = Counter("unionqa_errors", "程序出错的请求", registry=self._registry)
        self._answers = Counter("unionqa_answers", "问题，按结果", ["outcome"], registry=self._registry)
        self._answer_s = Histogram(
            "unionqa_answer_seconds",
            "一个问题从提出到答完的秒数，含排队",
            ["outcome"],
            buckets=_ANSWER_S,
            registry=self._registry,
        )
        self._stage_s = Histogram(
            "unionqa_answer_stage_seconds",
            "一个问题每一步的秒数",
            ["stage"],
            buckets=_ANSWER_S,
            registry=self._registry,
        )
        self._registry.register(_StoreCollector(store))
        ProcessCollector(registry=self._registry)

    def began(self) -> None:
        """A request has come."""
        self._under_way.inc()

    def ended(self, method: str, path: str, status: int, seconds: float | None) -> None:
        """A request is answered, or its other end is gone (``status`` 0); None: how long it was says nothing."""
        place = place_of(path)
        self._under_way.dec()
        known = method if method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") else "other"
        self._requests.labels(known, place, str(status)).inc()
        if seconds is not None:
            self._seconds.labels(place).observe(seconds)
        if status in (401, 403, 413, 429, 431, 503):
            self._refused.labels(str(status)).inc()
        if status == 500:
            self._bugs.inc()

    def answered(self, outcome: str, seconds: float, stages: Mapping[str, float]) -> None:
        """A question has its answer; ``outcome`` is one of ``OUTCOMES``' values, ``busy``, ``stopped`` or ``failed``."""
        self._answers.labels(outcome).inc()
        self._answer_s.labels(outcome).observe(seconds)
        for stage, taken in stages.items():
            self._stage_s.labels(stage).observe(taken)

    def watch(self, name: str, words: str, value: Callable[[], float]) -> None:
        """A gauge that is read whenever somebody looks; ``name`` goes without the program's."""
        Gauge(f"unionqa_{name}", words, registry=self._registry).set_function(value)

    def text(self) -> bytes:
        """All of it, as a collector reads it."""
        return generate_latest(self._registry)


def place_of(path: str) -> str:
    """The address as a label: one of those that there are, without what identifies a thing below it."""
    for place in sorted(API, key=len, reverse=True):
        if path == place or path.startswith(f"{place}/"):
            return place
    first = f"/{path[1:].partition('/')[0]}"
    if first in TABLE:
        return first
    return "/" if path == "/" or first in ("/gradio_api", "/config", "/assets", "/static") else "other"


class _StoreCollector(Collector):
    """What the store holds and what was done with it by any program, read when it is asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._read_at = 0.0
        self._changes: dict[str, int] = {}

    def collect(self) -> Iterator[Metric]:
        counts = self._store.counts()
        yield GaugeMetricFamily("unionqa_store_revision", "资料库的版本号", self._store.revision)
        yield GaugeMetricFamily("unionqa_store_sources", "来源文件", counts.sources)
        yield GaugeMetricFamily("unionqa_store_articles", "文章", counts.articles)
        yield GaugeMetricFamily("unionqa_store_passages", "段落", counts.passages)
        yield GaugeMetricFamily(
            "unionqa_store_lagging", "索引落后于资料库（1 是）", float(self._store.lagging)
        )
        actions = CounterMetricFamily(
            "unionqa_store_actions", "审计记录里各种操作的次数，含其他程序的", labels=["action"]
        )
        for action, times in self._actions().items():
            actions.add_metric([action], times)
        yield actions

    def _actions(self) -> dict[str, int]:
        with self._lock:
            if not self._read_at or time.monotonic() - self._read_at > _COUNTED_S:
                self._changes = self._store.trail.actions()
                self._read_at = time.monotonic()
            return self._changes
