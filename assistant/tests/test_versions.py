"""A decision's words answer for the very clause, and the very item, that it changes."""

import pytest

from assistant.pipeline import Assistant
from corpus.testing import make_store

RULE = {
    "title": "青禾市星级书屋评定办法",
    "region": "青禾市",
    "issuer": "青禾市总工会",
    "status": "已修改",
    "effective_on": "2023-01-01",
    "text": "第五条 申报的书屋应当符合下列条件：\n（一）每天开放时间不少于6小时；\n（二）图书不少于800册。",
    "labels": ["第五条", "第五条", "第五条"],
}
DECISION = {
    "title": "青禾市总工会关于修改《青禾市星级书屋评定办法》的决定",
    "region": "青禾市",
    "issuer": "青禾市总工会",
    "status": "现行",
    "effective_on": "2024-01-01",
    "text": "一、将第五条第二项修改为：“图书不少于1200册”。",
}


@pytest.fixture
def assistant(tmp_path):
    with make_store(tmp_path, [RULE, DECISION]) as store:
        yield Assistant(store, today=lambda: "2026-11-21")


def test_the_item_that_was_changed_is_told_as_changed(assistant):
    assert "1200册" in assistant.ask("青禾市星级书屋的图书不少于多少册？").text


def test_another_item_of_the_same_clause_stands_as_it_was(assistant):
    said = assistant.ask("青禾市星级书屋每天开放时间不少于多少小时？").text
    assert "6小时" in said
    assert "1200册" not in said
