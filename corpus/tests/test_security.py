"""SECURITY.md: every threat it names has its test, and every test it names is there."""

import ast
import os
import re
import stat
from pathlib import Path

import pytest

from corpus.store import Store
from corpus.testing import HashingEncoder

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
#: Path, and name of the test.
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


def defined_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_test_that_is_named_is_there():
    named = NAMED.findall(TEXT)
    assert len(named) > 60
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not (ROOT / path).exists() or name not in defined_in(path)
    ]
    assert missing == []


def test_every_threat_names_its_tests():
    tables = TEXT.split("## 威胁、防线、测试")[1].split("## 依赖")[0]
    rows = [line for line in tables.splitlines() if line.startswith("| ") and not line.startswith("| 威胁 ")]
    assert len(rows) > 30
    assert [row[:40] for row in rows if not NAMED.search(row)] == []


def test_every_test_of_a_threat_by_name_is_in_the_table():
    named = set(NAMED.findall(TEXT))
    files = ("corpus/tests/test_hostile_patterns.py", "assistant/tests/test_hostile_text.py")
    files += ("ingest/tests/test_no_network.py", "corpus/tests/test_browser_policy.py")
    for path in files:
        assert {(path, name) for name in defined_in(path) if name.startswith("test_")} <= named


def test_dependencies_are_audited_by_a_command_that_fails_where_it_cannot_know():
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(
        r"^audit:.*\n\t.*pip-audit --strict .*--requirement constraints\.txt", recipe, re.MULTILINE
    )
    assert "`make audit`" in TEXT


@pytest.mark.skipif(os.name != "posix", reason="别的系统另有权限")
def test_a_new_store_is_for_its_owner_alone(tmp_path):
    folder = tmp_path / "new" / "store"
    with Store.open(folder, encoder=HashingEncoder()):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
