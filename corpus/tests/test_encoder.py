"""The bundled encoder: the shipped folder, and the code that makes it again."""

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from corpus.encoder import colloquial, measure, pairs, sets, vocabulary
from corpus.encoder.bags import Bags, tokenize
from corpus.encoder.folder import to_bytes, write
from corpus.encoder.folds import alike, folds_of
from corpus.encoder.texts import Clause, News, hold_out
from corpus.settings import BUNDLED_ENCODER
from corpus.store import Store
from corpus.vectors import load_encoder

TEXTS = [
    "单位不给我交养老保险怎么办",
    "用人单位应当为职工办理基本养老保险，按月足额缴费。",
    "县气象台发布暴雨预警，山区公路临时封闭。",
    "",
    "龘𠮷",
    "工会" * 2_000,
    "ＡＢＣ　２０２４年　Union",
]


def test_the_shipped_folder_is_at_most_25_megabytes():
    assert sum(file.stat().st_size for file in BUNDLED_ENCODER.rglob("*") if file.is_file()) <= 25_000_000


def test_both_loaders_give_the_same_vectors():
    sentence_transformers = pytest.importorskip("sentence_transformers")
    from model2vec import StaticModel

    light = StaticModel.from_pretrained(BUNDLED_ENCODER).encode(TEXTS)
    heavy = sentence_transformers.SentenceTransformer(
        str(BUNDLED_ENCODER), device="cpu", local_files_only=True
    ).encode(TEXTS)
    ours = load_encoder(str(BUNDLED_ENCODER)).encode(TEXTS, "passage")

    assert np.abs(light - heavy).max() <= 1e-5
    assert np.abs(ours - heavy).max() <= 1e-5


def test_the_light_loader_is_quick_and_leaves_torch_alone():
    code = (
        "import sys, time\n"
        "from corpus.settings import BUNDLED_ENCODER\n"
        "from corpus.vectors import load_encoder\n"
        "load_encoder(str(BUNDLED_ENCODER))\n"
        "begun = time.process_time()\n"
        "load_encoder(str(BUNDLED_ENCODER)).encode(['工会经费'], 'query')\n"
        "print(time.process_time() - begun, 'torch' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    seconds, torch_loaded = done.stdout.split()

    assert torch_loaded == "False"
    # Processor time, so that a busy machine does not fail the test.
    assert float(seconds) <= 1.0


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        (
            "老板拖着不发工资，我该找谁",
            "用人单位未及时足额支付劳动报酬的，劳动者可以向劳动保障监察机构投诉。",
            "生产经营单位应当对仓库的消防通道进行检查。",
        ),
        (
            "怀着孩子能被开除吗",
            "女职工在孕期、产期、哺乳期内的，用人单位不得解除其劳动合同。",
            "职工违反操作规程造成设备损坏的，应当照价赔偿。",
        ),
        (
            "工会的钱由谁来查账",
            "各级工会设立经费审查委员会，对本级工会的经费收支进行审查监督。",
            "各级工会应当组织职工开展文艺演出和体育比赛。",
        ),
        (
            "上班路上被车撞了能算工伤么",
            "在上下班途中受到非本人主要责任的交通事故伤害，应当认定为工伤。",
            "高速公路改扩建工程今年年底前建成通车。",
        ),
    ],
)
def test_a_lay_question_is_nearer_to_its_rule_than_to_another(question, right, wrong):
    encoder = load_encoder(str(BUNDLED_ENCODER))
    asked = encoder.encode([question], "query")[0]
    near, far = encoder.encode([right, wrong], "passage") @ asked

    assert near > far


def test_the_same_text_has_the_same_vector_alone_and_in_company():
    encoder = load_encoder(str(BUNDLED_ENCODER))

    together = encoder.encode(TEXTS, "passage")
    alone = np.concatenate([encoder.encode([text], "passage") for text in TEXTS])

    assert np.array_equal(together, alone)


def test_a_text_without_a_known_token_has_the_zero_vector():
    assert not load_encoder(str(BUNDLED_ENCODER)).encode(["", "！？"], "query").any()


def _tokenizer():
    # Log probabilities as training would give them: whole words are likelier than their parts together.
    words = {"职": -9.0, "工": -8.0, "代": -9.0, "表": -9.0, "大": -8.0, "会": -8.0, "员": -8.0}
    return vocabulary.build(
        [
            *words.items(),
            ("职工", -7.0),
            ("代表", -7.0),
            ("大会", -7.5),
            ("职工代表大会", -10.0),
            ("会员", -7.0),
        ]
    )


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("职工代表大会", ["职工代表大会"]),
        ("职工代表", ["职工", "代表"]),
        ("职工，代表（大会）", ["职工", "代表", "大会"]),
        ("職工会员", ["職", "工", "会员"]),
        ("职工\n会员", ["职工", "会员"]),
    ],
)
def test_the_longest_known_words_are_found_anywhere_in_a_run(text, tokens):
    assert _tokenizer().encode(text).tokens == tokens


def test_a_character_that_is_not_known_costs_only_itself():
    assert tokenize(_tokenizer(), ["职工龘会员"]).ids.tolist() == [
        _tokenizer().token_to_id("职工"),
        _tokenizer().token_to_id("会员"),
    ]


def test_full_width_and_capital_letters_are_folded():
    tokenizer = vocabulary.build([("abc", -5.0), ("2024", -5.0)])

    assert tokenizer.encode("ＡＢＣ　２０２４").tokens == ["abc", "2024"]


def test_a_learned_vocabulary_holds_every_character_and_the_frequent_words_of_the_field():
    texts = ["工会经费由基层工会使用", "工会经费的收支应当公开", "锺先生"]

    tokenizer = vocabulary.learn(texts, size=60)
    small = vocabulary.learn(texts, size=25)

    assert set("工会经费由基层使用的收支应当公开锺先生") <= set(tokenizer.get_vocab())
    assert tokenizer.encode("工会经费").tokens == ["工会经费"]
    # A word of the field that no text holds gets no place.
    assert "集体协商" not in tokenizer.get_vocab()
    assert small.get_vocab_size() == 25


def test_weights_count_a_text_several_times():
    texts, common = ["甲乙丙丁", "戊己庚辛"], {"工会经费": 3, "集体合同": 1}
    tokenizer = vocabulary.learn([*texts, *common], [1, 1, *common.values()], size=18)

    assert "工会经费" in tokenizer.get_vocab()
    assert "集体合同" not in tokenizer.get_vocab()


CLAUSE = Clause(
    "云河市工会工作办法",
    "第八条",
    "（一）用人单位拖欠职工工资的，基层工会应当及时提出意见；职工可以向区总工会申请法律援助。",
)
NEWS = News(
    "20240501",
    "云河市慰问一线职工",
    "云河市总工会走访慰问一线职工。",
    "云河市总工会今天走访了环卫职工。慰问组送去了清凉用品。职工代表谈了工作感受。",
)


def test_a_fragment_stands_word_for_word_in_its_text_and_starts_without_a_list_mark():
    found = {pairs.fragment(CLAUSE.text, random.Random(seed)) for seed in range(200)}

    assert "用人单位拖欠职工工资的" in found
    assert all(piece in CLAUSE.text and 5 <= len(piece) <= 40 for piece in found)


@pytest.mark.parametrize("text", ["", "。", "略。", "一、二、三。"])
def test_a_text_too_short_for_a_fragment_gives_none(text):
    assert pairs.fragment(text, random.Random(1)) == ""


def test_a_sentence_is_taken_out_of_the_passage_it_should_find():
    for seed in range(20):
        ((sentence, around),) = pairs.sentences([NEWS], random.Random(seed))
        assert sentence in NEWS.body
        assert sentence not in around


def test_a_headline_is_paired_with_its_report():
    assert [title for title, _ in pairs.titles([NEWS], random.Random(1))] == [NEWS.title]
    assert list(pairs.titles([News("20230801", "", "", NEWS.body)], random.Random(1))) == []


def test_the_subject_line_stands_above_the_text_as_in_the_product():
    assert pairs.under("甲办法 第一条", "正文。", random.Random(1), share=1) == "甲办法 第一条\n正文。"
    assert pairs.under("甲办法 第一条", "正文。", random.Random(1), share=0) == "正文。"
    assert pairs.under("", "正文。", random.Random(1), share=1) == "正文。"


def test_a_lay_question_says_the_laws_words_in_everyday_words():
    asked = {colloquial.ask("用人单位拖欠劳动报酬的", random.Random(seed)) for seed in range(300)}

    assert any("老板" in question and "不发" in question for question in asked)
    # The law's own words stay in a share, so that both ways of asking meet.
    assert any("用人单位" in question for question in asked)


def test_what_has_no_everyday_word_is_asked_as_it_stands():
    asked = [colloquial.ask("档案保存期限为三十年", random.Random(seed)) for seed in range(20)]

    assert all("档案保存期限为三十年" in question for question in asked)


def test_news_held_out_are_of_2024_and_not_trained_on():
    news = [News(f"{year}0101", f"第{n}条", "", "") for year in (2023, 2024) for n in range(10)]

    kept, held = hold_out(news, 4, seed=7)

    assert {item.date for item in held} == {"20240101"}
    assert (len(kept), len(held)) == (16, 4)
    assert not set(kept) & set(held)
    assert hold_out(news, 4, seed=7) == (kept, held)


def test_bags_are_taken_by_row_and_thinned_by_share():
    bags = Bags(np.array([5, 6, 7, 8, 9], dtype=np.int32), np.array([0, 2, 2, 5]))

    taken = bags.take(np.array([2, 1, 0]))
    thinned = bags.take(np.array([2, 1, 0]), keep=0.0, draw=np.random.default_rng(1))

    assert (taken.ids.tolist(), taken.starts.tolist()) == ([7, 8, 9, 5, 6], [0, 3, 3, 5])
    assert (thinned.ids.tolist(), thinned.starts.tolist()) == ([7, 5], [0, 1, 1, 2])


def test_eight_bits_keep_a_row_within_half_a_step():
    table = np.random.default_rng(3).normal(size=(50, 24)).astype(np.float32)
    table[0] = 0

    rows, scales = to_bytes(table)

    assert rows.dtype == np.int8
    assert np.all(np.abs(rows * scales[:, None] - table) <= scales[:, None] * 0.5001)


def test_a_folder_written_is_a_folder_read(tmp_path: Path):
    tokenizer = _tokenizer()
    table = np.random.default_rng(3).normal(size=(tokenizer.get_vocab_size(), 16)).astype(np.float32)

    write(tmp_path / "model", table, tokenizer)
    vector = load_encoder(str(tmp_path / "model")).encode(["职工代表"], "query")[0]

    mean = table[[tokenizer.token_to_id("职工"), tokenizer.token_to_id("代表")]].mean(axis=0)
    assert vector @ (mean / np.linalg.norm(mean)) > 0.999
    assert json.loads((tmp_path / "model" / "config.json").read_text())["max_length"] is None


def test_a_folder_tells_which_questions_it_learned_from_and_says_none_of_them(tmp_path: Path):
    tokenizer = _tokenizer()
    table = np.ones((tokenizer.get_vocab_size(), 16), np.float32)
    write(tmp_path / "model", table, tokenizer, ["加班费怎么算？", "试用期多长"])

    with Store.open(tmp_path / "store", encoder=str(tmp_path / "model")) as store:
        assert store.learned(["加班费怎么算", "产假几天", "试用期多长？"]) == [True, False, True]
    assert "加班" not in (tmp_path / "model" / "learned_questions.txt").read_text(encoding="utf8")
    write(tmp_path / "other", table, tokenizer)
    with Store.open(tmp_path / "another", encoder=str(tmp_path / "other")) as store:
        assert store.learned(["加班费怎么算"]) == [False]


def test_the_shipped_folder_tells_which_questions_it_learned_from():
    keys = (BUNDLED_ENCODER / "learned_questions.txt").read_text(encoding="utf8").split()
    assert len(keys) == len(set(keys)) == 1_234


def test_figures_count_each_right_article():
    ranked = np.array([[4, 1, 9, *range(20, 117)], [30, 31, 32, *range(200, 297)]])

    assert measure.figures(ranked, [(1, 9), (5,)]) == {
        "R@1": 0.0,
        "R@10": 0.5,
        "R@100": 0.5,
        "MRR@10": 0.25,
        "nDCG@10": 0.3467,
    }


def test_bigram_bm25_ranks_the_text_with_the_rarer_pair_first():
    leg = measure.Bigrams(["工会活动安排", "工会经费管理", "工会经费", "天气"])

    assert leg.ranked(["工会经费"], depth=2).tolist() == [[2, 1]]


def test_fusion_lets_the_heavier_leg_lead_and_loses_no_lone_hit():
    one, other = np.array([[1, 2]]), np.array([[3, 4]])

    assert measure.fused(one, other, depth=4).tolist() == [[1, 3, 2, 4]]
    assert measure.fused(one, other, weights=(1, 9), depth=4).tolist() == [[3, 4, 1, 2]]


def test_training_is_repeatable_and_brings_pairs_together():
    pytest.importorskip("torch")
    from corpus.encoder.learning import Asked, Recipe, encode, train, tune

    draw = np.random.default_rng(5)
    count = 64
    queries = Bags(draw.integers(1, 200, count * 4).astype(np.int32), np.arange(count + 1) * 4)
    passages = Bags(draw.integers(200, 400, count * 6).astype(np.int32), np.arange(count + 1) * 6)
    asked = Asked(queries, queries, [(at,) for at in range(count)], passages)
    recipe = Recipe(
        tokens=400, dimensions=16, rounds=20, batch=32, question_steps=2, strangers=16, mined=2, threads=1
    )
    pairs = [("甲", queries, passages)]

    def made():
        return tune(train([pairs] * 20, recipe, lambda *_: None), pairs, asked, recipe, lambda *_: None)

    begun = time.monotonic()
    first = made()

    assert np.array_equal(first, made())
    scores = encode(first, queries) @ encode(first, passages).T
    assert np.mean(scores.argmax(axis=1) == np.arange(count)) > 0.9
    assert time.monotonic() - begun < 20


def test_steps_on_the_questions_alone_bring_them_to_their_articles_and_leave_the_given_table():
    pytest.importorskip("torch")
    from corpus.encoder.learning import Asked, Recipe, encode, tune

    draw = np.random.default_rng(5)
    count = 32
    queries = Bags(draw.integers(1, 200, count * 4).astype(np.int32), np.arange(count + 1) * 4)
    articles = Bags(draw.integers(200, 400, count * 6).astype(np.int32), np.arange(count + 1) * 6)
    asked = Asked(queries, queries, [(at,) for at in range(count)], articles)
    recipe = Recipe(
        tokens=400,
        dimensions=16,
        batch=32,
        question_steps=60,
        question_rate=0.05,
        strangers=16,
        mined=2,
        threads=1,
        replayed=0,
    )
    given = draw.normal(size=(400, 16)).astype(np.float32)
    before = given.copy()

    after = tune(given, [("甲", queries, articles)], asked, recipe, lambda *_: None)

    scores = encode(after, queries) @ encode(after, articles).T
    assert np.mean(scores.argmax(axis=1) == np.arange(count)) > 0.9
    assert np.array_equal(given, before)


def test_questions_that_say_the_same_stay_in_one_fold():
    asked = [
        "公司不给交社保怎么办",
        "产假多少天",
        "公司不给交社保怎么办？",
        "公司一直不给交社保怎么办",
        "上班途中被车撞算工伤吗",
        "房东不退押金",
    ]

    groups = alike(asked)
    assert [groups.index(group) for group in groups] == [0, 1, 0, 0, 4, 5]
    assert len(set(folds_of(asked, 7, count=4)[[0, 2, 3]].tolist())) == 1


def test_folds_are_of_nearly_equal_size_and_the_same_for_the_same_seed():
    asked = [chr(0x4E00 + at) * 4 + chr(0x5000 + at) * 4 for at in range(23)]

    folds = folds_of(asked, 7)

    assert sorted(np.bincount(folds).tolist()) == [4, 4, 5, 5, 5]
    assert folds.tolist() == folds_of(asked, 7).tolist() != folds_of(asked, 8).tolist()


def test_sections_are_asked_for_by_their_heading_which_they_do_not_hold():
    plan = (
        "关于云河工作的意见\n一、建好职工服务驿站。各级工会应当在职工集中的地方建设服务驿站，配好桌椅饮水，方便户外劳动者休息、充电和吃上热饭。\n"
        "二、总体要求\n坚持以职工为中心，把服务做到职工身边，做到有人管、有钱办、有地方去，让职工满意，让企业放心，长期坚持下去。"
    )
    made = sets.sections([("意见甲", plan)])

    assert made.questions == [("建好职工服务驿站", [0])]
    assert [title for title, _ in made.passages] == ["意见甲", "意见甲"]
    assert made.passages[0][1].startswith("各级工会应当")


def test_clauses_are_asked_for_with_two_words_said_otherwise():
    law = "# 云河工会办法\n\n## 第一章 总则\n\n第一条 职工有权获得劳动报酬并且享受休息的各项权利。\n\n第二条 短。\n"
    otherwise = {"职工": ["员工"], "休息": ["歇息"]}
    made = sets.clauses([("云河工会办法", law)], otherwise, random.Random(1))

    assert made.passages == [("云河工会办法第一条", "职工有权获得劳动报酬并且享受休息的各项权利。")]
    assert made.questions == [("员工有权获得劳动报酬并且享受歇息的各项权利", [0])]
    assert sets.clauses([("云河工会办法", law)], {"职工": ["员工"]}, random.Random(1)).questions == []


def test_a_set_is_written_as_beir_has_it(tmp_path):
    sets.Set([("甲法第一条", "乙")], [("甲怎么办", [0])]).write(tmp_path)

    assert (tmp_path / "corpus.jsonl").read_text() == '{"_id": "p0", "title": "甲法第一条", "text": "乙"}\n'
    assert (tmp_path / "queries.jsonl").read_text() == '{"_id": "q0", "text": "甲怎么办"}\n'
    assert (tmp_path / "qrels/test.tsv").read_text() == "query-id\tcorpus-id\tscore\nq0\tp0\t1\n"


def test_folds_are_the_same_in_every_process():
    code = (
        "from corpus.encoder.folds import folds_of\n"
        "print(folds_of(['公司不给交社保怎么办', '公司一直不给交社保怎么办', '公司不给交社保', '产假多少天'], 7).tolist())"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[2],
        ).stdout
        for seed in ("0", "1", "2", "4")
    }
    assert len(told) == 1
