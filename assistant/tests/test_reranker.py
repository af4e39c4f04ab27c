import math

import numpy as np
import pytest

from assistant.question.understand import understand
from assistant.reranker import features, model
from assistant.retrieve import LEGS, fuse, retrieve
from corpus.testing import make_store

ASKED = features.Asked(
    "疗休养几天", {"疗休养": 3.0, "几天": 1.0}, {"疗休": 2.0, "休养": 2.0, "几天": 1.0}, "数字"
)


def _at(title: str, text: str, **legs) -> features.Candidate:
    given = {"lexical": 0.0, "lexical_rank": 0, "near": (0.0, 0.0, 0.0), "vector_rank": 0} | legs
    return features.Candidate(title=title, text=text, **given)


def _runs(question: str, texts: list[str]) -> list[int]:
    """In how many characters each text agrees with the question at most, as the feature tells it."""
    found = features.matrix(features.Asked(question, {}, {}), [_at("", text) for text in texts])
    return np.rint(found[:, features.NAMES.index("run_text")] * max(1, len(question))).astype(int).tolist()


def _row(found: features.Matrix, n: int) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in zip(features.NAMES, found[n], strict=True)}


def test_features_say_what_the_legs_say_and_what_question_and_passage_share():
    both = _at("办法", "职工疗休养不超过5天", lexical=8, lexical_rank=1, near=(0.5, 0.4, 1.5), vector_rank=2)
    other = _at("疗休养", "经费", lexical=4, lexical_rank=6, near=(0.2, 0.1, 0.0))
    found = features.matrix(ASKED, [both, other])
    assert _row(found, 0) == {
        "lexical_share": 1.0,
        "lexical_top": 0.2,
        "lexical_rank": 0.0,
        "cosine": 0.5,
        "cosine_gap": 0.0,
        "vector_top": round(1 / 6, 4),
        "vector_rank": round(math.log(2), 4),
        "both": 1.0,
        "words_text": 0.75,
        "words_title": 0.0,
        "words_any": 0.75,
        "pairs_text": 0.8,
        "pairs_title": 0.0,
        "pairs_any": 0.8,
        "rarest_word": 1.0,
        "rarest_pair": 1.0,
        "run_text": 0.6,
        "run_title": 0.0,
        "title_said": 0.0,
        "length": round(math.log(11), 4),
        "early": 0.8,
        "title_length": round(math.log(3), 4),
        "number_present": 1.0,
        "question_length": round(math.log(6), 4),
        "question_words": round(math.log(3), 4),
        "cosine_narrow": 0.4,
        "asked_about": 1.5,
        "document_cosine": 0.5,
        "document_gap": 0.0,
        "document_count": round(math.log(2), 4),
    }
    second = _row(found, 1)
    assert (second["lexical_share"], second["cosine_gap"], second["vector_top"]) == (0.5, 0.3, 0.0)
    assert (second["words_title"], second["title_said"], second["number_present"]) == (0.75, 1.0, 0.0)


def test_articles_of_one_law_know_of_each_other_whether_the_number_is_title_or_label():
    found = features.matrix(
        ASKED,
        [
            _at("疗养法第三条", "甲", near=(0.5, 0, 0)),
            _at("疗养法 第十条之一", "乙", near=(0.3, 0, 0)),
            _at("休假法第三条", "丙", near=(0.4, 0, 0)),
        ],
    )
    columns = [features.NAMES.index(f"document_{name}") for name in ("cosine", "gap", "count")]
    assert found[:, columns].round(4).tolist() == [
        pytest.approx([0.5, 0.0, math.log(3)], abs=1e-4),
        pytest.approx([0.5, 0.2, math.log(3)], abs=1e-4),
        pytest.approx([0.4, 0.0, math.log(2)], abs=1e-4),
    ]


@pytest.mark.parametrize(
    ("title", "document"),
    [
        ("疗养法第三条", "疗养法"),
        ("疗养法 第一百二十条之二", "疗养法"),
        ("关于第三条落实情况的通知 ", "关于第三条落实情况的通知"),
        ("第三条", ""),
        ("工作简报 第3页", "工作简报 第3页"),
    ],
)
def test_a_document_is_named_by_what_stands_before_the_articles_number(title, document):
    assert features.document(title) == document


def test_what_people_ask_about_is_told_apart_and_another_encoders_vectors_are_not_judged():
    draw = np.random.default_rng(7)
    passages = draw.normal(size=(2_000, 8)).astype(np.float32)
    asked_about = list(range(50))
    passages[asked_about, 2] += 3
    likes = model.likes("甲", passages, asked_about)

    judged = likes.of("甲", passages)

    assert judged[:50].mean() > 2.5
    assert (round(float(judged.mean()), 3), round(float(judged.std()), 3)) == (0.0, 1.0)
    assert likes.of("乙", passages).tolist() == [0.0] * 2_000


def test_weights_and_likes_come_back_as_they_were_saved(tmp_path, monkeypatch):
    count = len(features.NAMES)
    weights = {
        "mean": np.zeros(count, np.float32),
        "scale": np.ones(count, np.float32),
        "first": np.ones((1, count, 1), np.float32),
        "bias": np.zeros((1, 1), np.float32),
        "second": np.ones((1, 1), np.float32),
    }
    likes = model.Likes("甲", np.array([1.0, -1.0], np.float32), 0.5)
    model.save(tmp_path / "weights.safetensors", weights, likes)
    monkeypatch.setattr(model, "WEIGHTS", tmp_path / "weights.safetensors")

    read = model.shipped.__wrapped__()

    assert read.scores(np.ones((1, count), np.float32)).tolist() == [count]
    assert read.likes.of("甲", np.array([[2.0, 1.0]], np.float32)).tolist() == [0.5]


def test_no_candidates_and_a_question_without_words_are_no_error():
    assert features.matrix(ASKED, []).shape == (0, len(features.NAMES))
    found = features.matrix(features.Asked("", {}, {}), [_at("", "经费")])
    assert np.isfinite(found).all()


@pytest.mark.parametrize(
    ("question", "text", "longest"),
    [
        ("疗休养几天", "职工疗休养", 3),
        ("甲乙丙", "丙乙甲", 1),
        ("甲", "", 0),
        ("", "甲", 0),
        ("甲乙", "甲乙", 2),
    ],
)
def test_the_longest_common_run_is_counted(question, text, longest):
    assert _runs(question, [text, "", text]) == [longest, 0, longest]


def test_common_runs_are_what_trying_every_run_finds():
    draw = np.random.default_rng(7)

    def written(length):
        return "".join(draw.choice(list("工会经费的"), length))

    def tried(question, text):
        runs = (question[a:b] for a in range(len(question)) for b in range(a + 1, len(question) + 1))
        return max((len(run) for run in runs if run in text), default=0)

    for length in (0, 1, 2, 3, 12):
        question, texts = written(length), [written(n) for n in (0, 1, 2, 3, *[30] * 20)]
        assert _runs(question, texts) == [tried(question, text) for text in texts]


def test_a_text_that_holds_the_mark_between_texts_is_read_like_any_other():
    texts = ["ＡＢ\0工會", "经费", ""]
    assert features._all_plain(texts) == [features.plain(text) for text in texts]


def test_the_networks_are_averaged_as_a_plain_loop_would():
    draw = np.random.default_rng(7)
    count = len(features.NAMES)
    weights = {
        "mean": draw.normal(size=count).astype(np.float32),
        "scale": draw.uniform(0.5, 2, size=count).astype(np.float32),
        "first": draw.normal(size=(3, count, 4)).astype(np.float32),
        "bias": draw.normal(size=(3, 4)).astype(np.float32),
        "second": draw.normal(size=(3, 4)).astype(np.float32),
    }
    rows = draw.normal(size=(5, count)).astype(np.float32)
    plain = [
        sum(
            np.maximum(
                0, (row - weights["mean"]) / weights["scale"] @ weights["first"][n] + weights["bias"][n]
            )
            @ weights["second"][n]
            for n in range(3)
        )
        / 3
        for row in rows
    ]
    assert np.allclose(model.Reranker(weights).scores(rows), plain, atol=1e-4)


def test_a_learned_score_above_nothing_says_that_a_find_is_right():
    pytest.importorskip("torch")
    from assistant.reranker.groups import Group
    from assistant.reranker.train import learn

    draw = np.random.default_rng(7)

    def asked():
        rows = draw.normal(size=(6, len(features.NAMES))).astype(np.float32)
        rows[0, features.NAMES.index("cosine")] += 6
        return Group(rows, rows[1:], np.arange(6) == 0, 1, {})

    reranker = model.Reranker(learn([asked() for _ in range(100)], [], nets=1, epochs=30))
    unseen = [asked() for _ in range(20)]

    assert min(reranker.scores(g.rows)[0] for g in unseen) > 0
    assert np.median([reranker.scores(g.missing).max() for g in unseen]) < 0


def test_weights_of_other_features_are_refused():
    weights = {"mean": np.zeros(3), "scale": np.ones(3), "first": np.zeros((1, 3, 2))}
    with pytest.raises(ValueError, match="3 features"):
        model.Reranker(weights)


def test_fusion_adds_the_weighted_reciprocal_ranks_of_each_leg():
    fused = fuse({"lexical": ["甲", "乙"], "vector": ["乙"]})
    assert fused == [
        ("乙", 1 / 7 + 2 / 6, {"lexical": 2, "vector": 1}),
        ("甲", 1 / 6, {"lexical": 1}),
    ]


ALIKE = [
    {"title": f"云河市第{n}号工作简报", "text": f"云总工办会议研究了第{n}项工作，要求各单位抓好落实。"}
    for n in range(1, 40)
]
LONE = {"title": "关于活动的通知", "text": "请按时参加，联系人赵小川。", "number": "云总工办〔2024〕17号"}


@pytest.mark.parametrize("question", ["云总工办〔2024〕17号要求各单位做什么", "赵小川在云总工办负责什么工作"])
@pytest.mark.parametrize("leg", ["hybrid", "reranked"])
def test_what_only_an_exact_number_or_name_finds_is_never_cut_off(tmp_path, question, leg):
    with make_store(tmp_path, [*ALIKE, LONE]) as store:
        found = [pid for pid, _ in LEGS[leg](store, understand(question, store), 6)]
    assert len(found) == 6
    assert f"{len(ALIKE) + 1}/1/1" in found


def test_the_reranked_leg_gives_k_different_passages_best_first(tmp_path):
    with make_store(tmp_path, ALIKE) as store:
        found = LEGS["reranked"](store, understand("会议研究了哪些工作", store), 10)
        again = LEGS["reranked"](store, understand("会议研究了哪些工作", store), 10)
    scores = [score for _, score in found]
    assert (len(found), len({pid for pid, _ in found})) == (10, 10)
    assert scores == sorted(scores, reverse=True)
    assert found == again


def test_an_empty_store_has_nothing_to_put_in_order(tmp_path):
    with make_store(tmp_path) as store:
        assert retrieve(store, understand("工会经费怎么用", store), 10) == []


def test_vectors_and_texts_are_given_for_what_is_held_alone(tmp_path):
    with make_store(tmp_path, [LONE]) as store:
        (nearest,) = store.search_vector("赵小川", 1)
        held, vectors = store.vectors_of(["9/9/9", "1/1/1"])
        assert held == ["1/1/1"]
        asked = store.encode(["赵小川"], prompt="query")[0]
        assert (vectors @ asked).tolist() == [pytest.approx(nearest[1])]
        assert store.vectors_of(["9/9/9"])[0] == []
        assert store.texts(["1/1/1", "9/9/9"]) == {"1/1/1": (LONE["title"], "", LONE["text"])}
