"""Indexes follow the catalogue: what lags, is damaged or of another kind is built again."""

import shutil

import pytest

from corpus import originals
from corpus.errors import UserError
from corpus.store import Counts, Store
from corpus.testing import HashingEncoder, make_document, make_store
from corpus.tests.documents_held import FEES, SUMMER, UNDATED


@pytest.fixture
def store(tmp_path):
    with make_store(tmp_path, [FEES, SUMMER, UNDATED]) as made:
        yield made


def ids(found):
    return [passage_id for passage_id, _ in found]


@pytest.mark.parametrize("file", ["lexical/meta.json", "vectors/manifest", "vectors/*.segment"])
@pytest.mark.parametrize("damage", ["missing", "cut", "overwritten"])
def test_a_damaged_index_is_built_again(tmp_path, file, damage):
    make_store(tmp_path, [FEES, SUMMER]).close()
    (path,) = (tmp_path / "store").glob(file)
    data = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(data[: len(data) // 2] if damage == "cut" else b"x" * len(data))
    with Store.open(tmp_path / "store", encoder=HashingEncoder()) as store:
        assert ids(store.search_lexical("工资总额"))[0] == "1/1/1"
        assert ids(store.search_vector("工资总额"))[0] == "1/1/1"
        assert store.verify() == []


def test_a_vector_file_with_flipped_bits_is_built_again(tmp_path):
    make_store(tmp_path, [FEES, SUMMER]).close()
    (path,) = (tmp_path / "store" / "vectors").glob("*.segment")
    data = bytearray(path.read_bytes())
    data[-100] ^= 0xFF
    path.write_bytes(data)
    with Store.open(tmp_path / "store", encoder=HashingEncoder()) as store:
        assert ids(store.search_vector("工资总额"))[0] == "1/1/1"
        assert store.verify() == []


def test_the_vector_file_of_an_earlier_version_is_replaced(tmp_path):
    make_store(tmp_path, [FEES, SUMMER]).close()
    shutil.rmtree(tmp_path / "store" / "vectors")
    (tmp_path / "store" / "vectors.faiss").write_bytes(b"UQVEC1")
    encoder = HashingEncoder()
    with Store.open(tmp_path / "store", encoder=encoder) as store:
        assert ids(store.search_vector("工资总额"))[0] == "1/1/1"
        assert encoder.encoded == 1  # the question: what is held stands in the cache
        assert not (tmp_path / "store" / "vectors.faiss").exists()
        assert store.verify() == []


def test_a_lexical_folder_without_its_segments_is_built_again(tmp_path):
    make_store(tmp_path, [FEES, SUMMER]).close()
    for segment in (tmp_path / "store" / "lexical").glob("*.idx"):
        segment.unlink()
    with Store.open(tmp_path / "store", encoder=HashingEncoder()) as store:
        assert ids(store.search_lexical("工资总额"))[0] == "1/1/1"
        assert store.verify() == []


def test_verify_names_what_is_wrong(store):
    originals.place(store.directory, store.source("1").sha256).write_bytes(b"changed")
    originals.place(store.directory, store.source("2").sha256).unlink()
    with store._catalogue.transaction() as connection:
        connection.execute("UPDATE passages SET text = '改了' WHERE id = '3/1/1'")
    assert store.verify() == [
        "段落 3/1/1 与文章原文不符。",
        "段落 3/1/1 的向量键与文字不符。",
        "来源 1（文件1.txt）的原件被改动过。",
        "来源 2（文件2.txt）的原件不见了。",
    ]


def test_originals_that_no_source_refers_to_are_swept(store):
    orphan = store.directory / "originals" / "ab" / ("ab" * 32)
    unfinished = orphan.with_suffix(".tmp")
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"left behind")
    unfinished.write_bytes(b"half")
    (store.directory / "writing.mark").touch()  # as whoever was killed leaves it
    with store.writing():
        pass
    assert not orphan.exists()
    assert not unfinished.exists()
    assert store.verify() == []


def test_rebuilding_needs_no_encoding(tmp_path):
    encoder = HashingEncoder()
    with make_store(tmp_path, [FEES, SUMMER], encoder=encoder) as store:
        before = encoder.encoded
        store.rebuild()
        assert encoder.encoded == before
        assert store.verify() == []


def test_the_same_text_is_embedded_once(tmp_path):
    encoder = HashingEncoder()
    with make_store(tmp_path, [FEES, FEES, FEES], encoder=encoder):
        assert encoder.encoded == 2


def test_vectors_of_two_encoders_are_never_mixed(tmp_path):
    make_store(tmp_path, [FEES, SUMMER]).close()
    with Store.open(tmp_path / "store", encoder=HashingEncoder(64)) as store:
        assert ids(store.search_lexical("工资总额"))[0] == "1/1/1"
        with pytest.raises(UserError, match="另一个向量模型"):
            store.search_vector("工资总额")
        with store.writing() as writer, pytest.raises(UserError, match="另一个向量模型"):
            writer.put(*make_document("3", articles=["一句。"]))
        store.rebuild()
        assert ids(store.search_vector("工资总额"))[0] == "1/1/1"
        assert store.verify() == []


def test_a_store_opens_lists_and_searches_words_without_its_encoder(tmp_path):
    make_store(tmp_path, [FEES]).close()
    with Store.open(tmp_path / "store", encoder="/没有/这个/模型") as store:
        assert store.counts() == Counts(1, 1, 2)
        assert ids(store.search_lexical("工资总额"))[0] == "1/1/1"
        with pytest.raises(UserError, match="找不到向量模型"):
            store.search_vector("工资总额")
