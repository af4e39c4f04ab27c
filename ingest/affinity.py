"""How much two texts speak of the same thing, and which pairs of them go together best."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

_BID = 0.001


@lru_cache(maxsize=4096)  # every head is held against every body: a long paper asks for each text often
def bigrams(text: str) -> Counter[str]:
    """Pairs of neighbouring characters, punctuation and spaces breaking the chain."""
    found: Counter[str] = Counter()
    for run in re.findall(r"[\u3400-\u9fffA-Za-z0-9]+", text):
        found.update(run[n : n + 2] for n in range(len(run) - 1))
    return found


class Words:
    """Character pairs weighed by how few of a file's texts hold them."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = len(texts)
        self._held: Counter[str] = Counter()
        for text in texts:
            self._held.update(bigrams(text).keys())

    def weight(self, pair: str) -> float:
        """ln((N + 1) / n): a pair that all texts hold weighs next to nothing, one that none holds little."""
        held = self._held[pair]
        return math.log((self._texts + 1) / held) if held else 0.25 * math.log(self._texts + 1)

    def share(self, short: str, text: str) -> float:
        """The weighed share (0–1) of the short text's pairs that the other holds."""
        wanted, held = bigrams(short), bigrams(text)
        total = sum(self.weight(pair) for pair in wanted)
        return sum(self.weight(pair) for pair in wanted if pair in held) / total if total else 0.0


def assign(scores: Sequence[Sequence[float]]) -> tuple[float, dict[int, int]]:
    """Rows to columns, each used once, for the best total: best pair first, then swaps while they help."""
    ranked = sorted(((s, r, c) for r, row in enumerate(scores) for c, s in enumerate(row)), reverse=True)
    pairs: dict[int, int] = {}
    for _, r, c in ranked:
        if r not in pairs and c not in pairs.values():
            pairs[r] = c
    while _swap(scores, pairs):
        pass
    return sum(scores[r][c] for r, c in pairs.items()), pairs


def _swap(scores: Sequence[Sequence[float]], pairs: dict[int, int]) -> bool:
    """One exchange of two rows' columns that raises the total, if there is one."""
    for one in pairs:
        for two in pairs:
            now = scores[one][pairs[one]] + scores[two][pairs[two]]
            if scores[one][pairs[two]] + scores[two][pairs[one]] > now + 1e-9:
                pairs[one], pairs[two] = pairs[two], pairs[one]
                return True
    return False


def paired(choices: Sequence[Mapping[int, float]]) -> dict[int, int]:
    """Rows to columns, each used at most once, for the best total; what gains nothing stays single.

    ``choices``: for each row what it gains by its columns, above 0. An auction (Bertsekas
    1988): rows bid for columns until none is outbid, at most ``_BID`` a row from the best.
    """
    prices: dict[int, float] = {}
    owners: dict[int, int] = {}
    waiting = list(range(len(choices)))
    while waiting:
        row = waiting.pop()
        offers = sorted(((gain - prices.get(at, 0.0), at) for at, gain in choices[row].items()), reverse=True)
        if not offers or offers[0][0] <= 0:
            continue
        gain, at = offers[0]
        second = max(offers[1][0], 0.0) if len(offers) > 1 else 0.0
        prices[at] = prices.get(at, 0.0) + gain - second + _BID
        if at in owners:
            waiting.append(owners[at])
        owners[at] = row
    return {row: at for at, row in owners.items()}
