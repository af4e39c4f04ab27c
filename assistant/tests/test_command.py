"""The command line's contract: exit status, JSON and Chinese errors."""

import json

import pytest

from assistant.__main__ import main
from corpus.testing import HashingEncoder, make_store


@pytest.fixture
def store(tmp_path, monkeypatch):
    documents = [{"title": "服务站", "text": "云河市总工会建成户外劳动者服务站86家。"}]
    make_store(tmp_path, documents).close()
    monkeypatch.setattr("corpus.vectors.load_encoder", lambda name: HashingEncoder())
    return tmp_path / "store"


def test_ask_prints_the_answer_and_where_it_stands(store, capsys):
    assert main(["ask", "云河市总工会建成了多少家服务站？", "--store", str(store)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("云河市总工会建成户外劳动者服务站86家。[1]\n[1] 《服务站》")


def test_ask_in_json(store, capsys):
    assert main(["ask", "云河市总工会建成了多少家服务站？", "--store", str(store), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["outcome"] == "answered"


def test_a_refusal_is_an_answer_too(store, capsys):
    assert main(["ask", "柳津市总工会建成了多少家服务站？", "--store", str(store)]) == 0
    assert "没有找到" in capsys.readouterr().out


def test_a_batch_answers_line_by_line(store, tmp_path):
    rows = [
        {"id": "a", "question": "云河市总工会建成了多少家服务站？"},
        {"id": "b", "question": "建成了多少家驿站？", "passages": ["白塔县建成驿站9家。"]},
        {
            "id": "c",
            "question": "那柳津市呢？",
            "history": [["云河市总工会建成了多少家服务站？", "86家。[1]"]],
        },
    ]
    given, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    given.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows) + "\n\n", "utf8")
    assert main(["ask", "--batch", str(given), "--out", str(out), "--store", str(store)]) == 0
    answers = [json.loads(line) for line in out.read_text("utf8").splitlines()]
    assert [(a["id"], a["outcome"]) for a in answers] == [
        ("a", "answered"),
        ("b", "answered"),
        ("c", "insufficient"),
    ]


@pytest.mark.parametrize("line", ["{", "[]", '{"id": 1}', "3"])
def test_a_bad_line_is_named(store, tmp_path, capsys, line):
    given = tmp_path / "in.jsonl"
    given.write_text(f'{{"question": "好？"}}\n{line}\n', "utf8")
    assert main(["ask", "--batch", str(given), "--out", str(tmp_path / "o"), "--store", str(store)]) == 1
    assert "第 2 行" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["ask", "好？", "--store", "/不存在"], 1),
        (["ask", "好？", "--as-of", "昨天"], 1),
        (["ask"], 2),
        (["ask", "好？", "--batch", "x"], 2),
    ],
)
def test_mistakes_are_told_in_chinese(arguments, status, capsys):
    assert main(arguments) == status
    assert any("\u4e00" <= c <= "\u9fff" for c in capsys.readouterr().err)


def test_search_shows_passages_with_their_place(store, capsys):
    assert main(["search", "服务站", "-k", "1", "--json", "--store", str(store)]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [r["title"] for r in rows] == ["服务站"]
    assert rows[0]["ranks"]
