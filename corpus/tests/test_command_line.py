"""``python -m corpus``: the contract, as a user meets it."""

import json

import pytest

from corpus import originals
from corpus.__main__ import main
from corpus.store import Store
from corpus.testing import HashingEncoder, make_store

KEYS = [
    "id",
    "source",
    "title",
    "subtitle",
    "label",
    "authors",
    "issuer",
    "number",
    "published_on",
    "effective_on",
    "expires_on",
    "region",
    "kind",
    "status",
    "pages",
    "quality",
    "text",
]


@pytest.fixture
def directory(tmp_path, monkeypatch):
    monkeypatch.setattr("corpus.vectors.load_encoder", lambda name: HashingEncoder())
    notice = {
        "title": "值班通知",
        "text": "春节期间轮流值班。\n名单另发。",
        "kind": "通知",
        "authors": ("卓若岚",),
    }
    make_store(tmp_path, [notice, "一段没有题目的话。"]).close()
    return tmp_path / "store"


def run(capsys, *arguments):
    code = main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_list_names_every_source(directory, capsys):
    code, out, _ = run(capsys, "list", "--store", directory, "--json")
    assert code == 0
    assert [(s["id"], s["name"], s["articles"]) for s in json.loads(out)] == [
        ("1", "文件1.txt", 1),
        ("2", "文件2.txt", 1),
    ]
    code, out, _ = run(capsys, "list", "--store", directory)
    assert (code, out.splitlines()[-1]) == (0, "2 个来源文件，2 篇文章，3 个段落。")


def test_show_takes_a_source_an_article_or_a_passage(directory, capsys):
    shown = {}
    for place in ("1", "1/1", "1/1/2"):
        code, out, _ = run(capsys, "show", place, "--store", directory, "--json")
        assert code == 0
        shown[place] = json.loads(out)
    assert shown["1"]["articles"] == [
        {
            "id": "1/1",
            "title": "值班通知",
            "kind": "通知",
            "published_on": "",
            "status": "未知",
            "trust": "可信",
            "reprints": "",
        }
    ]
    assert [p["text"] for p in shown["1/1"]["passages"]] == ["春节期间轮流值班。", "名单另发。"]
    assert shown["1/1/2"]["text"] == "名单另发。"
    code, out, _ = run(capsys, "show", "1/1", "--store", directory)
    assert (code, "title: 值班通知" in out.splitlines()) == (0, True)


def test_export_writes_one_article_a_line_with_the_keys_of_the_contract(directory, capsys, tmp_path):
    code, out, _ = run(capsys, "export", "--store", directory)
    first, second = (json.loads(line) for line in out.splitlines())
    assert code == 0
    assert list(first) == list(second) == KEYS
    assert first == {
        "id": "1/1",
        "source": "文件1.txt",
        "title": "值班通知",
        "subtitle": "",
        "label": "",
        "authors": ["卓若岚"],
        "issuer": "",
        "number": "",
        "published_on": "",
        "effective_on": "",
        "expires_on": "",
        "region": "",
        "kind": "通知",
        "status": "未知",
        "pages": [1],
        "quality": 1.0,
        "text": "春节期间轮流值班。\n名单另发。",
    }
    assert run(capsys, "export", "--store", directory, "--out", tmp_path / "e.jsonl")[0] == 0
    assert (tmp_path / "e.jsonl").read_text(encoding="utf-8") == out


def test_remove_deletes_and_says_what_was_not_there(directory, capsys):
    code, out, _ = run(capsys, "remove", "1", "7", "--store", directory, "--json")
    assert (code, json.loads(out)) == (1, {"removed": ["1"], "missing": ["7"]})
    assert run(capsys, "remove", "2", "--store", directory)[:2] == (0, "2：已删除\n")
    assert run(capsys, "export", "--store", directory)[:2] == (0, "")


def test_rebuild_gives_the_store_another_encoder_and_keeps_to_it(directory, capsys, monkeypatch):
    monkeypatch.setattr(
        "corpus.vectors.load_encoder", lambda name: HashingEncoder(64 if name == "小" else 256)
    )
    code, out, _ = run(capsys, "rebuild", "--encoder", "小", "--store", directory)
    assert (code, out) == (0, "已换用另一个向量模型，共 3 个段落，向量模型是 hashing-64。\n")
    for _ in range(2):
        code, out, _ = run(capsys, "rebuild", "--store", directory)
        assert (code, out) == (0, "索引已重建，共 3 个段落，向量模型是 hashing-64。\n")
    monkeypatch.setenv("UNIONQA_ENCODER", "大")
    assert json.loads(run(capsys, "rebuild", "--store", directory, "--json")[1])["encoder"] == "hashing-256"
    assert json.loads(run(capsys, "rebuild", "--encoder", "小", "--store", directory, "--json")[1]) == {
        "passages": 3,
        "encoder": "hashing-64",
    }
    code, out, _ = run(capsys, "rebuild", "--encoder", "bundled", "--store", directory)
    assert (code, out) == (0, "已换用另一个向量模型，共 3 个段落，向量模型是 hashing-256。\n")
    assert run(capsys, "verify", "--store", directory)[:2] == (0, "资料库完好。\n")


def test_verify_and_rebuild(directory, capsys):
    assert run(capsys, "verify", "--store", directory)[:2] == (0, "资料库完好。\n")
    told = json.loads(run(capsys, "verify", "--store", directory, "--json")[1])
    assert told == {"ok": True, "problems": [], "vectors": {"kind": "exact", "recall": 1.0}}
    code, out, _ = run(capsys, "rebuild", "--store", directory, "--json")
    assert (code, json.loads(out)) == (0, {"passages": 3, "encoder": "hashing-256"})
    with Store.open(directory, encoder=HashingEncoder()) as store:
        originals.place(store.directory, store.source("1").sha256).unlink()
    code, out, _ = run(capsys, "verify", "--store", directory, "--json")
    assert (code, json.loads(out)) == (1, {"ok": False, "problems": ["来源 1（文件1.txt）的原件不见了。"]})


def test_backup_and_restore(directory, capsys, tmp_path):
    assert run(capsys, "backup", tmp_path / "b.zip", "--store", directory)[0] == 0
    code, out, _ = run(capsys, "restore", tmp_path / "b.zip", "--store", tmp_path / "新", "--json")
    assert (code, json.loads(out)) == (
        0,
        {"store": str(tmp_path / "新"), "sources": 2, "articles": 2, "passages": 3},
    )
    assert run(capsys, "verify", "--store", tmp_path / "新")[0] == 0


def test_a_mistake_is_told_in_two_sentences_and_makes_nothing(tmp_path, capsys):
    code, out, err = run(capsys, "list", "--store", tmp_path / "没有")
    assert (code, out) == (1, "")
    assert err == (
        f"这里没有资料库：{tmp_path / '没有'}。请用 --store 指定文件夹，或先运行 python -m ingest 添加资料。\n"
    )
    assert not (tmp_path / "没有").exists()
    code, out, _ = run(capsys, "show", "1", "--store", tmp_path / "没有", "--json")
    assert (code, sorted(json.loads(out))) == (1, ["error", "hint"])


def test_wrong_usage_exits_with_two(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["remove"])
    assert stopped.value.code == 2


def test_what_could_not_be_added_is_listed_and_may_be_forgotten(directory, capsys):
    with Store.open(directory, encoder=HashingEncoder()) as store, store.writing() as writer:
        writer.failed(origin="/坏.pdf", name="坏.pdf", sha256="12", program="p", message="打不开。")
    _, out, _ = run(capsys, "list", "--failed", "--json", "--store", directory)
    (failure,) = json.loads(out)
    assert (failure["id"], failure["name"], failure["message"]) == ("f1", "坏.pdf", "打不开。")
    _, out, _ = run(capsys, "list", "--store", directory)
    assert "2 个来源文件" in out
    assert "坏.pdf" in out
    assert len(json.loads(run(capsys, "list", "--json", "--store", directory)[1])) == 2
    assert run(capsys, "remove", "f1", "--store", directory)[0] == 0
    assert "坏.pdf" not in run(capsys, "list", "--store", directory)[1]


def test_audit_lists_exports_and_checks(directory, capsys, tmp_path):
    with Store.open(directory, encoder=HashingEncoder()) as store:
        store.log(who="[red]王敏", action="登录", detail="[/] <b>")
    code, out, _ = run(capsys, "audit", "--store", directory)
    assert (code, "[red]王敏" in out, "[/] <b>" in out) == (0, True, True)
    code, out, _ = run(capsys, "audit", "--store", directory, "--json", "--action", "新增", "--last", 1)
    assert [(e["number"], e["action"], e["detail"]) for e in json.loads(out)] == [(2, "新增", "2 文件2.txt")]
    file = tmp_path / "记录.csv"
    code, out, _ = run(capsys, "audit", "--store", directory, "--export", file)
    assert (code, out) == (0, f"已导出 3 条到 {file}。\n")
    code, out, _ = run(capsys, "audit", "--store", directory, "--check", "--against", file)
    assert (code, out.startswith("审计记录完好，共 3 条；")) == (0, True)
    with Store.open(directory, encoder=HashingEncoder()) as store:
        store._catalogue.connection().execute("DROP TRIGGER audit_holds")
        store._catalogue.connection().execute("DELETE FROM audit WHERE id = 2")
    code, out, _ = run(capsys, "audit", "--store", directory, "--check", "--json")
    assert (code, json.loads(out)["problems"]) == (1, ["审计记录第 2 条被删去了。"])
    code, out, _ = run(capsys, "verify", "--store", directory)
    assert (code, out) == (1, "审计记录第 2 条被删去了。\n")
