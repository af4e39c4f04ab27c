"""Limits: how often somebody may ask, and how much one request may bring. What is over them is refused in order.

Asking is measured with token buckets: a bucket holds some requests that may come at once and
fills again at a steady rate, so that an even load just below the rate is never refused and
whoever was refused knows to the moment when the next request is free. They are kept in memory,
and only so many of them: somebody with countless addresses fills no memory. Nor is a bucket
needed that has had time to fill: it is like a new one.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from corpus.accounts.addresses import network
from corpus.settings import ServerSettings
from corpus.web.access import for_programs

#: A page makes several requests of each thing that is done in it.
_PAGE_SHARE = 10
#: Seconds in which an empty bucket is full again.
_FILLS_S = 20
#: Buckets of a kind that are kept, about 200 bytes each.
MOST = 50_000
#: These are asked by those who watch over the program; they cost nothing.
_WATCHED = frozenset({"/healthz", "/readyz", "/metrics"})

KIB, MIB, GIB = 2**10, 2**20, 2**30
#: Bytes of a request's body, by the path above it; the longest that fits counts. Where files come in
#: the reading says what is too large for it, file by file.
BODIES = {
    "/": 8 * MIB,  # an event of a page carries the conversation
    "/sign-in": 64 * KIB,
    "/sign-out": 64 * KIB,
    "/account": 64 * KIB,
    "/admin": 64 * KIB,
    "/corpus/drafts": GIB,
    "/api/v1": MIB,
    "/api/v1/ask": 4 * MIB,  # all that it may carry, each character escaped
    "/api/v1/ingest": GIB,
    "/v1": 4 * MIB,
    "/mcp": MIB,
}
#: Bytes of all headers together, how many there are, and bytes of the address with its query.
HEADERS, HEADER_COUNT, ADDRESS = 32 * KIB, 100, 8 * KIB
#: Seconds without a byte after which the rest of a body is not waited for; nor is it where, after as
#: many seconds, fewer bytes a second came than these.
SILENCE_S, SLOWEST = 60, 4 * KIB


def body_limit(path: str) -> int:
    """Bytes that a request to a path may bring."""
    at = path
    while at and at not in BODIES:
        at = at.rpartition("/")[0]
    return BODIES[at or "/"]


class Buckets:
    """A token bucket for each of at most ``most`` subjects; ``clock`` gives seconds. A rate of 0 is no limit."""

    def __init__(
        self, per_minute: float, *, most: int = MOST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = per_minute / 60
        self._holds = max(1.0, self._rate * _FILLS_S)
        self._most = most
        self._clock = clock
        #: Subject → what it held when, the one asked for longest ago first.
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, subject: str) -> float:
        """Take one request; seconds until there is one where there is none (0: taken)."""
        if not self._rate:
            return 0.0
        moment = self._clock()
        held, since = self._held.get(subject, (self._holds, moment))
        held = min(self._holds, held + max(0.0, moment - since) * self._rate)
        taken = held >= 1
        self._held[subject] = (held - 1 if taken else held), moment
        self._held.move_to_end(subject)
        if len(self._held) > self._most:
            self._held.popitem(last=False)
        return 0.0 if taken else (1 - held) / self._rate

    def give_back(self, subject: str) -> None:
        """Undo a ``take`` that something else refused."""
        if subject in self._held:
            held, since = self._held[subject]
            self._held[subject] = held + 1, since

    def __len__(self) -> int:
        return len(self._held)


@dataclass(frozen=True, slots=True)
class Rates:
    """How often a key (or somebody signed in) and an address may ask; requests a minute, 0 without limit.

    A key has less than an address: whoever uses up their own leaves some to those next to them.
    """

    keys: Buckets
    addresses: Buckets
    pages: Buckets

    @classmethod
    def of(cls, settings: ServerSettings, *, clock: Callable[[], float] = time.monotonic) -> "Rates":
        """Rates for programs; what pages need for the same is more."""
        key, address = settings.rate_key, settings.rate_address
        return cls(*(Buckets(rate, clock=clock) for rate in (key, address, address * _PAGE_SHARE)))

    def address(self, path: str, address: str) -> int:
        """Whole seconds that an address has to wait before it may ask for a path; 0: it may."""
        counted = self._counted(path)
        return 0 if counted is None else math.ceil(counted.take(network(address)))

    def subject(self, path: str, address: str, subject: str) -> int:
        """The same for who asks, after ``address`` let them; what is refused here costs the address nothing."""
        if self._counted(path) is not self.addresses:
            return 0
        wait = self.keys.take(subject)
        if wait:
            self.addresses.give_back(network(address))
        return math.ceil(wait)

    def _counted(self, path: str) -> Buckets | None:
        if path in _WATCHED or "/assets/" in path or "/static/" in path:
            return None
        return self.addresses if for_programs(path) else self.pages
