"""Encoders of both kinds, and the vector file."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from corpus.errors import UserError
from corpus.settings import BUNDLED_ENCODER
from corpus.testing import HashingEncoder
from corpus.vectors import StaticEncoder, TransformerEncoder, from_blobs, load_encoder, prompts_of, to_blob

TEXTS = ["工会经费", "职工 代表\n大会", "没见过的字：霁", "", "ＡＢＣ abc", "工" * 3000]


def make_static_folder(folder: Path, *, prompts: dict[str, str] | None = None) -> Path:
    """A tiny static ``SentenceTransformer``: every character a piece, random vectors."""
    pieces = ["[UNK]", *sorted(set("工会经费职代表大abc查询：文"))]
    tokenizer = Tokenizer(models.WordPiece({p: i for i, p in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.model.continuing_subword_prefix = ""
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    part = folder / "0_StaticEmbedding"
    part.mkdir(parents=True)
    tokenizer.save(str(part / "tokenizer.json"))
    vectors = np.random.default_rng(7).normal(size=(len(pieces), 16)).astype(np.float32)
    vectors[0] = 0  # unknown pieces carry nothing: model2vec leaves them out
    save_file({"embedding.weight": vectors}, part / "model.safetensors")
    kinds = ["StaticEmbedding", "Normalize"]
    modules = [
        {"idx": i, "name": str(i), "path": f"{i}_{kind}", "type": f"sentence_transformers.models.{kind}"}
        for i, kind in enumerate(kinds)
    ]
    (folder / "1_Normalize").mkdir()
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    config = {"model_type": "SentenceTransformer", "prompts": prompts or {}, "default_prompt_name": None}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


@pytest.mark.skipif(not BUNDLED_ENCODER.is_dir(), reason="the bundled encoder is not trained yet")
def test_both_loaders_give_the_same_vectors_for_the_bundled_encoder():
    static, transformer = StaticEncoder(BUNDLED_ENCODER), TransformerEncoder(str(BUNDLED_ENCODER))
    np.testing.assert_allclose(static.encode(TEXTS, "query"), transformer.encode(TEXTS, "query"), atol=1e-5)


@pytest.mark.parametrize("prompts", [{}, {"query": "查询：", "document": "文："}])
def test_both_loaders_give_the_same_vectors(tmp_path, prompts):
    folder = make_static_folder(tmp_path / "模型", prompts=prompts)
    static, transformer = StaticEncoder(folder), TransformerEncoder(str(folder))
    assert static.dimensions == transformer.dimensions == 16
    for prompt in ("query", "passage"):
        np.testing.assert_allclose(
            static.encode(TEXTS, prompt), transformer.encode(TEXTS, prompt), atol=1e-6, err_msg=prompt
        )


def test_vectors_have_length_one(tmp_path):
    vectors = load_encoder(str(make_static_folder(tmp_path / "m"))).encode(TEXTS, "passage")
    assert vectors.shape == (6, 16)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 0, 0, 1, 1], abs=1e-5)


def test_prompts_of_the_model_are_used(tmp_path):
    encoder = load_encoder(str(make_static_folder(tmp_path / "m", prompts={"query": "查询："})))
    plain = load_encoder(str(make_static_folder(tmp_path / "n")))
    np.testing.assert_allclose(
        encoder.encode(["经费"], "query"), plain.encode(["查询：经费"], "passage"), atol=1e-6
    )
    np.testing.assert_allclose(encoder.encode(["经费"], "passage"), plain.encode(["经费"], "passage"))


def make_transformer_folder(folder: Path, **config: object) -> Path:
    """A tiny transformer, as sentence-transformers saves one: every character a token, random weights."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(7)
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *sorted(set("工会经费怎么用查询文段："))]
    bare = folder / "bare"
    bare.mkdir(parents=True)
    (bare / "vocab.txt").write_text("\n".join(pieces), encoding="utf-8")
    BertTokenizerFast(str(bare / "vocab.txt")).save_pretrained(bare)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    BertModel(BertConfig(vocab_size=len(pieces), **sizes)).save_pretrained(bare)
    parts = [Transformer(str(bare)), Pooling(16)]
    SentenceTransformer(modules=parts, device="cpu", **config).save(str(folder / "model"))
    return folder / "model"


def test_a_transformer_puts_its_own_prompts_before_questions_and_passages(tmp_path):
    prompts = {"query": "查询：", "document": "文段："}
    told = load_encoder(
        str(make_transformer_folder(tmp_path / "a", prompts=prompts, default_prompt_name="query"))
    )
    plain = load_encoder(str(make_transformer_folder(tmp_path / "b")))
    texts = ["工会经费", "怎么用"]
    for side, before in (("query", "查询："), ("passage", "文段：")):
        wanted = plain.encode([before + text for text in texts], "passage")
        np.testing.assert_allclose(told.encode(texts, side), wanted, atol=1e-6, err_msg=side)
    assert (told.dimensions, plain.name.split("-")[0]) == (16, "model")
    assert told.name != plain.name  # the passages' prompt is in their vectors


@pytest.mark.parametrize(
    "named, usual, told",
    [
        ({}, None, ("", "")),
        ({"query": "问：", "document": ""}, "query", ("问：", "")),
        ({"query": "q: ", "passage": "p: "}, None, ("q: ", "p: ")),
        ({"s2p_query": "Instruct: ", "s2s_query": "Same: "}, None, ("Instruct: ", "")),
        ({"retrieval.query": "q", "retrieval.passage": "p"}, None, ("q", "p")),
        ({"all": "x: "}, "all", ("x: ", "x: ")),
        ({"STS": "task: "}, None, ("", "")),
    ],
)
def test_prompts_stay_on_their_side(named, usual, told):
    assert prompts_of(named, usual) == {"query": told[0], "passage": told[1]}


def test_a_static_folder_needs_neither_torch_nor_sentence_transformers(tmp_path):
    folder = make_static_folder(tmp_path / "m")
    script = (
        "import sys; from corpus.vectors import load_encoder\n"
        f"load_encoder({str(folder)!r}).encode(['工会'], 'query')\n"
        "print([m for m in ('torch', 'sentence_transformers') if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert run.stdout.strip() == "[]"


def test_the_name_changes_with_the_weights(tmp_path):
    folder = make_static_folder(tmp_path / "m")
    copy = make_static_folder(tmp_path / "搬走了")
    assert load_encoder(str(folder)).name == load_encoder(str(copy)).name
    weights = copy / "0_StaticEmbedding" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4] + b"\x00\x00\x80?")
    assert load_encoder(str(folder)).name != load_encoder(str(copy)).name


@pytest.mark.parametrize("name", ["/没有/这个/文件夹", "./没有", "../没有"])
def test_a_missing_folder_is_the_users_mistake(name):
    with pytest.raises(UserError, match="找不到向量模型的文件夹"):
        load_encoder(name)


def test_a_broken_folder_is_the_users_mistake(tmp_path):
    folder = make_static_folder(tmp_path / "m")
    (folder / "0_StaticEmbedding" / "model.safetensors").unlink()
    with pytest.raises(UserError, match="不完整"):
        load_encoder(str(folder))
    make_static_folder(tmp_path / "n")
    (tmp_path / "n" / "0_StaticEmbedding" / "model.safetensors").write_bytes(b"cut")
    with pytest.raises(UserError, match="不完整"):
        load_encoder(str(tmp_path / "n"))


def unit(*rows):
    vectors = np.asarray(rows, np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_vectors_are_kept_as_half_floats():
    vectors = unit([0.1, 0.2, 0.3], [3, 2, 1])
    blobs = to_blob(vectors)
    assert [len(b) for b in blobs] == [6, 6]
    np.testing.assert_allclose(from_blobs(blobs), vectors, atol=1e-3)


def test_the_hashing_encoder_puts_like_texts_together():
    a, b, c = HashingEncoder().encode(["工会经费的收缴", "收缴工会经费", "高温防暑"], "passage")
    assert a @ b > 0.5 > a @ c
