"""What a search shows: the same said twice is one find, neighbours are joined, and each place is explained."""

import json
import math

import numpy as np
import pytest

from assistant.__main__ import main
from assistant.contract import find_json
from assistant.finds import find, find_explained
from assistant.question.understand import understand
from assistant.reranker import explain, features, model
from assistant.retrieve import explained, retrieve
from corpus.errors import UserError
from corpus.testing import HashingEncoder, make_store

DAY = "2025-09-01"
RULE = "云河市职工互助办法"
FOURTH = "第四条 住院满七天的会员，凭出院小结领取互助金八百元，由所在单位工会代为申领并当月发放。"
OLD = {
    "title": RULE,
    "kind": "办法",
    "effective_on": "2020-01-01",
    "labels": ["第四条", "第五条"],
    "text": FOURTH.replace("八百", "五百") + "\n第五条 互助金从会费里列支，年底公布一次账目。",
}
NEW = {
    "title": RULE,
    "kind": "办法",
    "effective_on": "2024-01-01",
    "labels": ["第四条", "第五条", "第六条"],
    "text": FOURTH + "\n第五条 互助金不够的，由市总工会补足差额。\n第六条 本办法由市总工会解释。",
}
GUIDE = {"title": "会员手册", "labels": ["互助金"], "text": FOURTH.replace("凭出院小结", "凭出院的小结")}
ELSE = {"title": "柳津县职工互助办法", "labels": ["第四条"], "text": FOURTH.replace("八百", "六百")}
QUESTION = "住院满七天领多少互助金"


@pytest.fixture
def store(tmp_path):
    with make_store(tmp_path, [OLD, GUIDE, NEW, ELSE]) as made:
        yield made


def finds(store, k=10, day=DAY, question=QUESTION):
    return find(store, understand(question, store), k, day=day)


def test_old_versions_and_the_same_words_elsewhere_are_told_with_one_that_holds(store):
    (first,) = finds(store, k=1)
    told = [(o.relation, o.article.id, o.passage.id) for o in first.others if o.passage]
    assert first.passages[0].id == "2/1/1"
    assert told == [("其他版本", "1/1", "1/1/1"), ("相同", "3/1", "3/1/1")]


def test_an_old_version_is_not_shown_where_the_one_that_holds_was_found(store):
    found = finds(store, question="互助办法第五条")
    assert "1/1" not in {f.hit.article.id for f in found}
    fifth = next(f for f in found if "3/1/2" in [p.id for p in f.passages])
    assert ("其他版本", "1/1/2") in {(o.relation, o.passage.id) for o in fifth.others if o.passage}


def test_another_countys_amount_is_another_find(store):
    assert [f.passages[0].id for f in finds(store) if "六百" in f.text] == ["4/1/1"]


def test_before_the_new_version_counts_the_old_one_is_shown(store):
    shown = [f.hit.article.id for f in finds(store, day="2022-05-01") if "住院" in f.text]
    assert "1/1" in shown and "3/1" not in shown


def test_neighbours_are_joined_and_a_neighbour_far_down_is_not(store):
    joined = next(f for f in finds(store) if f.hit.article.id == "3/1")
    assert [p.id for p in joined.passages] == ["3/1/2", "3/1/3"]
    assert (joined.text, joined.label) == (NEW["text"].split("\n", 1)[1], "第五条至第六条")
    (alone,) = finds(store, k=1, question="互助金不够由谁补足")
    assert [p.id for p in alone.passages] == ["3/1/2"]


def test_passages_that_are_no_neighbours_stay_apart(tmp_path):
    lines = ["互助金八百元。", "天气晴。" * 400, "互助金由单位申领。"]
    with make_store(tmp_path, [{"title": "互助", "text": "\n".join(lines)}]) as made:
        found = finds(made, question="互助金")
    assert sorted(f.passages[0].id for f in found) == ["1/1/1", "1/1/2", "1/1/3"]


def test_a_find_in_json_has_what_a_hit_had_and_what_was_put_together(store):
    (found,) = finds(store, k=1)
    row = find_json(found)
    assert list(row) == ["passage_id", "article_id", "title", "source", "page", "label", "text", "score", "ranks", "passage_ids", "others"]  # fmt: skip
    assert (row["passage_id"], row["passage_ids"], row["text"]) == ("2/1/1", ["2/1/1"], GUIDE["text"])
    assert row["others"][0] == {
        "relation": "其他版本",
        "passage_id": "1/1/1",
        "article_id": "1/1",
        "title": RULE,
        "label": "第四条",
        "status": "已修改",
    }


def test_the_shares_of_all_features_and_the_baseline_are_the_score(store):
    query = understand(QUESTION, store)
    pairs = explained(store, query, 10)
    assert [hit for hit, _ in pairs] == retrieve(store, query, 10)
    for hit, why in pairs:
        assert [s.name for s in why.shares] == list(features.NAMES)
        assert math.isclose(sum(s.share for s in why.shares), why.score - why.baseline, abs_tol=1e-6)
        assert why.score == pytest.approx(hit.score, abs=1e-4)


def test_shares_are_the_gradients_along_the_way_from_the_mean():
    """As the definition says it: the mean of the gradient at many points of the way, times the way."""
    draw = np.random.default_rng(3)
    count = len(features.NAMES)
    weights = {
        "mean": draw.normal(size=count),
        "scale": draw.uniform(0.5, 2, size=count),
        "first": draw.normal(size=(4, count, 16)),
        "bias": draw.normal(size=(4, 16)),
        "second": draw.normal(size=(4, 16)),
    }
    rows = draw.normal(size=(5, count))
    reranker = model.Reranker(weights)
    baseline, shares = reranker.shares(rows)
    assert baseline == pytest.approx(float(reranker.scores(rows.mean(0, keepdims=True))[0]))
    assert np.allclose(shares.sum(1), reranker.scores(rows) - baseline, atol=1e-9)
    start, end = rows.mean(0), rows[2]
    along = start + (np.arange(2_000)[:, None] + 0.5) / 2_000 * (end - start)
    step = 1e-6
    for at in range(count):
        moved = along.copy()
        moved[:, at] += step
        slope = (reranker.scores(moved) - reranker.scores(along)).mean() / step
        assert shares[2, at] == pytest.approx(slope * (end - start)[at], abs=0.02)


def test_a_feature_that_all_candidates_share_adds_nothing_and_one_candidate_has_no_shares():
    draw = np.random.default_rng(3)
    rows = draw.normal(size=(6, len(features.NAMES))).astype(np.float32)
    rows[:, 4] = 7
    _, shares = model.shipped().shares(rows)
    assert np.allclose(shares[:, 4], 0, atol=1e-9)
    assert model.shipped().shares(rows[:1])[1].tolist() == [[0.0] * len(features.NAMES)]
    assert explain.explanations(model.shipped(), rows[:0]) == []


def test_every_feature_has_a_name_in_chinese_of_its_own():
    assert tuple(explain.TITLES) == features.NAMES
    assert len(set(explain.TITLES.values())) == len(features.NAMES)


def test_a_reprint_that_answers_is_explained_by_what_was_found(tmp_path):
    text = "\n".join(f"云河市总工会第{n}站走进了工地，为工友们量血压、煮凉茶，一共{n}处。" for n in range(9))
    with make_store(
        tmp_path, [{"text": "本报讯。" + text}, {"text": text, "issuer": "云河市总工会"}]
    ) as made:
        pairs = find_explained(made, understand("凉茶走进了工地几处", made), 3, day=DAY)
    assert {found.hit.article.id for found, _ in pairs} == {"2/1"}
    assert all(why.score == pytest.approx(found.hit.score, abs=1e-4) for found, why in pairs)


@pytest.fixture
def folder(store, tmp_path, monkeypatch):
    monkeypatch.setattr("corpus.vectors.load_encoder", lambda name: HashingEncoder())
    return str(tmp_path / "store")


def test_search_explains_itself_in_a_table_and_in_json(folder, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    assert main(["search", QUESTION, "-k", "1", "--explain", "--store", folder]) == 0
    out = capsys.readouterr().out
    assert out.startswith(
        f"1. 《会员手册》 互助金（文件2.txt 第1页）\n   {GUIDE['text']}\n   其他版本：《{RULE}》 第四条"
    )
    assert all(word in out for word in ("特征", "数值", "份量", "其余 20 项", "合计", "候选的平均"))
    assert main(["search", QUESTION, "-k", "1", "--explain", "--json", "--store", folder]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    why = row["explain"]
    assert sorted(why["shares"][0]) == ["name", "share", "title", "value"]
    assert math.isclose(sum(s["share"] for s in why["shares"]), why["score"] - why["baseline"], abs_tol=1e-6)
    assert main(["search", QUESTION, "-k", "1", "--json", "--store", folder]) == 0
    assert "explain" not in json.loads(capsys.readouterr().out)[0]


class Lengths:
    """Thinks the shorter text the better one."""

    def scores(self, question, texts):
        return [-float(len(text)) for text in texts]


def test_a_reader_puts_the_first_in_order_and_leaves_the_others_behind_them(tmp_path, monkeypatch):
    monkeypatch.setattr("assistant.retrieve.READ", 3)
    texts = [f"互助金{'八' * n}元。" for n in range(1, 9)]
    with make_store(tmp_path, [{"text": text} for text in texts]) as made:
        query = understand("互助金", made)
        plain, read = retrieve(made, query, 8), retrieve(made, query, 8, reader=Lengths())
    first = sorted(plain[:3], key=lambda hit: len(hit.passage.text))
    assert [h.passage.id for h in read] == [h.passage.id for h in (*first, *plain[3:])]
    scores = [h.score for h in read]
    assert scores == sorted(scores, reverse=True)
    assert scores[:3] == [-float(len(h.passage.text)) for h in first]


def test_a_model_that_is_not_here_is_told_in_chinese(folder, capsys, monkeypatch):
    monkeypatch.setenv("UNIONQA_RERANKER", "/不存在/bge-reranker")
    assert main(["search", QUESTION, "--store", folder]) == 1
    assert capsys.readouterr().err.startswith("这台机器上没有重排模型“/不存在/bge-reranker”")
    assert main(["search", QUESTION, "--explain", "--store", folder]) == 1
    assert "说不出每一项的份量" in capsys.readouterr().err
    assert main(["search", QUESTION, "--explain", "--reranker", "", "--store", folder]) == 0


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A cross-encoder of two layers, made here: it knows a dozen characters and was never trained."""
    transformers = pytest.importorskip("transformers")
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    place = tmp_path_factory.mktemp("tiny")
    vocabulary = {
        word: n for n, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"互助金八百元天气晴住院"])
    }
    words = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    words.normalizer = normalizers.BertNormalizer()
    words.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    words.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=words, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]"
    )  # fmt: skip
    fast.save_pretrained(place)
    torch.manual_seed(1)
    shape = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    config = transformers.BertConfig(
        vocab_size=len(vocabulary), num_labels=1, max_position_embeddings=64, **shape
    )
    transformers.BertForSequenceClassification(config).save_pretrained(place)
    return place


def test_a_cross_encoder_in_a_folder_scores_pairs(tiny, tmp_path):
    from assistant.cross_encoder import CrossEncoderReader

    reader = CrossEncoderReader(str(tiny))
    assert reader.scores("互助金", []) == []
    one, other, again = reader.scores("互助金", ["互助金八百元", "天气晴", "互助金八百元"])
    assert one == pytest.approx(again) and one != pytest.approx(other)
    with make_store(tmp_path, [{"text": "互助金八百元。"}, {"text": "住院天气晴。"}]) as made:
        hits = retrieve(made, understand("互助金八百元", made), 2, reader=reader)
    said = reader.scores("互助金八百元", [h.passage.text for h in hits])
    assert [h.score for h in hits] == pytest.approx(said) == sorted(said, reverse=True)


def test_a_folder_without_a_model_is_told_in_chinese(tmp_path):
    pytest.importorskip("sentence_transformers")
    from assistant.cross_encoder import CrossEncoderReader

    with pytest.raises(UserError, match="没有重排模型"):
        CrossEncoderReader(str(tmp_path)).scores("互助金", ["天气晴"])


def test_a_model_that_gives_several_scores_is_refused(tmp_path, tiny):
    import transformers

    from assistant.cross_encoder import CrossEncoderReader

    config = transformers.BertConfig.from_pretrained(tiny, num_labels=3)
    transformers.BertForSequenceClassification(config).save_pretrained(tmp_path)
    transformers.AutoTokenizer.from_pretrained(tiny).save_pretrained(tmp_path)
    with pytest.raises(UserError, match="不是重排模型"):
        CrossEncoderReader(str(tmp_path)).scores("互助金", ["天气晴"])
