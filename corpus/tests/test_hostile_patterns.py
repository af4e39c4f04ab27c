"""Regular expressions: none of ours runs away, whatever text it is given.

Each pattern of the program is run on texts made against it out of its own parts: long runs of what
it repeats, of two things it repeats in turn, of what leads to them, each with an end that fits
nothing. A text has 2,000 characters, as the longest question and the longest passage have.
"""

import ast
import importlib
import re
import re._constants as kinds
import re._parser as parser
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("corpus", "ingest", "assistant", "eval")
#: Not of the program: tests, how the shipped documents are made, and training, which loads torch.
LEFT_OUT = {"tests", "documents", "encoder", "train", "__main__"}
LONG, SHORT = 2000, 300
#: A text of ``SHORT`` that takes less wall time than this is cubic at worst, and no danger at 2,000.
SOON_S = 0.004
#: Processor seconds of a text of 2,000; what is quadratic takes a fifth, what is worse takes minutes.
MOST_S = 1.0
#: Patterns that are given no more than so many characters, whatever the text.
SHORTER = {"assistant.question.heads._BEFORE_NUMBER": 80}
#: Stands for what is not known before a pattern is put together.
UNKNOWN = "某某"
CALLS = {"compile", "sub", "subn", "search", "match", "fullmatch", "findall", "finditer", "split"}
OF_CATEGORY = {
    kinds.CATEGORY_DIGIT: "1",
    kinds.CATEGORY_SPACE: " ",
    kinds.CATEGORY_WORD: "字",
    kinds.CATEGORY_NOT_DIGIT: "字",
    kinds.CATEGORY_NOT_SPACE: "字",
    kinds.CATEGORY_NOT_WORD: "，",
}
REPEATS = (kinds.MAX_REPEAT, kinds.MIN_REPEAT, kinds.POSSESSIVE_REPEAT)


class Over(Exception):
    """It took longer than it may."""


class _Names(dict):
    """A module's names, and a stand-in for those that only a function knows."""

    def __missing__(self, name):
        return UNKNOWN


def modules():
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            inner = path.relative_to(ROOT).with_suffix("").parts
            if not LEFT_OUT & set(inner):
                try:
                    yield path, importlib.import_module(".".join(inner).removesuffix(".__init__"))
                except ModuleNotFoundError as error:  # a library that only some have
                    assert (error.name or "").split(".")[0] not in ROOMS


def held(value, depth=3) -> Iterator[re.Pattern]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, list | tuple | set | frozenset | dict):
        inner = [*value.items()] if isinstance(value, dict) else value
        for one in inner:
            yield from held(one, depth - 1)


def written(path, module) -> Iterator[tuple[int, re.Pattern]]:
    """The patterns that stand in calls of ``re``, with stand-ins for what a call fills in."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr in CALLS
        ):
            continue
        flags = [ast.unparse(more) for more in (*node.args[1:], *(k.value for k in node.keywords))]
        flag = sum(int(eval(name, {"re": re})) for name in flags if re.fullmatch(r"re\.[A-Z]+", name))
        names = _Names(vars(module) | {"__builtins__": {}})
        try:
            code = compile(ast.Expression(node.args[0]), str(path), "eval")
            text = eval(code, {"__builtins__": __builtins__, **vars(module)}, names)
        except (AttributeError, TypeError, KeyError):
            continue  # made of what only a running function has
        yield node.lineno, re.compile(text, flag)


def patterns() -> dict[tuple, str]:
    found = {}
    for path, module in modules():
        for name, value in vars(module).items():
            for one in held(value):
                found.setdefault((one.pattern, one.flags), f"{module.__name__}.{name}")
        for line, one in written(path, module):
            found.setdefault((one.pattern, one.flags), f"{module.__name__}:{line}")
    return {key: name for key, name in found.items() if isinstance(key[0], str)}


def of_class(items) -> list[str]:
    """Some characters of a class."""
    if items and items[0][0] is kinds.NEGATE:
        inner = "".join(
            chr(av)
            if op is kinds.LITERAL
            else f"{chr(av[0])}{chr(av[1])}"
            if op is kinds.RANGE
            else OF_CATEGORY[av]
            for op, av in items[1:]
        )
        spaces = any(op is kinds.CATEGORY and av is kinds.CATEGORY_SPACE for op, av in items)
        return [c for c in "字1， （\n" if c not in inner and not (spaces and c.isspace())][:3] or ["☃"]
    some = [
        chr(av) if op is kinds.LITERAL else chr(av[0]) if op is kinds.RANGE else OF_CATEGORY[av]
        for op, av in items
    ]
    return [*some[:2], some[-1]]


def shortest(tree, pick=0) -> str:
    """A short text that fits, more or less; ``pick`` chooses among what is given to choose from."""
    out = ""
    for op, av in tree:
        if op is kinds.LITERAL:
            out += chr(av)
        elif op in (kinds.ANY, kinds.NOT_LITERAL):
            out += "字"
        elif op is kinds.IN:
            some = of_class(av)
            out += some[pick % len(some)]
        elif op is kinds.BRANCH:
            out += shortest(av[1][pick % len(av[1])], pick)
        elif op in REPEATS:
            out += shortest(av[2], pick) * av[0]
        elif op is kinds.SUBPATTERN:
            out += shortest(av[3], pick)
        elif op is kinds.ATOMIC_GROUP:
            out += shortest(av, pick)
    return out


def repeated(tree, before="") -> Iterator[tuple[str, str]]:
    """What leads to each open repeat, and what it repeats."""
    for op, av in tree:
        if op in REPEATS:
            if av[1] >= 50:
                yield from ((before, unit) for pick in range(3) if (unit := shortest(av[2], pick)))
            yield from repeated(av[2], before)
        elif op is kinds.SUBPATTERN:
            yield from repeated(av[3], before)
        elif op is kinds.BRANCH:
            for branch in av[1]:
                yield from repeated(branch, before)
        elif op in (kinds.ASSERT, kinds.ASSERT_NOT):
            yield from repeated(av[1], before)
        elif op is kinds.ATOMIC_GROUP:
            yield from repeated(av, before)
        before += shortest([(op, av)])


def recipes(tree) -> list[tuple[str, str]]:
    """Hostile texts, each as what it begins with and what goes on and on after that."""
    pairs = list(dict.fromkeys(repeated(tree)))[:10]
    units = list(dict.fromkeys(unit for _, unit in pairs))[:4]
    whole = shortest(tree)
    found = [(before, unit) for before, unit in pairs]
    found += [("", before + unit * 3) for before, unit in pairs if before]
    found += [("", a + b) for a in units for b in units if a < b]
    found += [("", whole), ("", whole[:-1]), *(("", c) for c in "字1 \n")]
    return [recipe for recipe in dict.fromkeys(found) if recipe[1]]


def hostile(recipe, length) -> str:
    before, unit = recipe
    return (before + unit * (length // len(unit) + 1))[:length] + "\x00"


def seconds(pattern, text) -> float:
    """Wall seconds of finding all there is; ``Over`` past ``MOST_S`` of processor time."""
    signal.setitimer(signal.ITIMER_VIRTUAL, MOST_S)
    try:
        begun = time.perf_counter()
        for _ in pattern.finditer(text):
            pass
        return time.perf_counter() - begun
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def runs_away(pattern, most=LONG) -> str:
    """A text on which it takes too long; ``""`` where none was found."""
    for recipe in recipes(parser.parse(pattern.pattern, pattern.flags)):
        try:
            text = hostile(recipe, min(SHORT, most))
            # Who else is at work makes one try slow, not each of three.
            if all(seconds(pattern, text) > SOON_S for _ in range(3)):
                seconds(pattern, hostile(recipe, most))
        except Over:
            return f"{recipe[0]}{recipe[1]}…"
    return ""


@pytest.fixture
def clock():
    """A virtual alarm that ends a search; the engine looks for it now and then."""
    if not hasattr(signal, "setitimer"):
        pytest.skip("这个系统没有按处理器时间响的闹钟。")

    def over(*_):
        raise Over

    earlier = signal.signal(signal.SIGVTALRM, over)
    yield
    signal.signal(signal.SIGVTALRM, earlier)


def test_no_pattern_of_the_program_runs_away(clock):
    found = patterns()
    assert len(found) > 500
    wrong = {
        name: text
        for (pattern, flags), name in found.items()
        if (text := runs_away(re.compile(pattern, flags), SHORTER.get(name, LONG)))
    }
    assert wrong == {}


@pytest.mark.parametrize("pattern", [r"^(?:第\S{1,6}条)*有效期", r"\s*\n?\s*\s*x"])
def test_patterns_that_run_away_are_found(clock, pattern):
    assert runs_away(re.compile(pattern))
