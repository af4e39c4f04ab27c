"""How text is cut into words and pairs of characters."""

import pytest

from corpus import segmenter
from corpus.characters import simplified, traditional
from corpus.segmenter import Segmenter, fold, grams

GRAMS = [
    ("工会经费", ["工会", "会经", "经费"]),
    ("经", ["经"]),
    ("３月起交15.5％给ABC公司", ["3", "月起", "起交", "15.5", "给", "abc", "公司"]),
    ("云工发〔2031〕7号", ["云工", "工发", "2031", "7", "号", "2031_7号"]),
    ("，。！ \n", []),
]


@pytest.mark.parametrize(("text", "expected"), GRAMS)
def test_pairs_of_characters(text, expected):
    assert grams(fold(text)) == expected


def test_words_are_folded_and_long_ones_also_give_their_parts():
    assert Segmenter().words("签订集体合同，ＡＢＣ。") == ["签订", "集体", "合同", "集体合同", "abc"]


@pytest.mark.parametrize("word", ["职代会", "一函两书", "两企三新", "小三级", "女职工康乃馨服务站", "产改"])
def test_words_of_the_field_stay_whole(word):
    assert word in Segmenter().words(f"我们单位的{word}工作开展得怎样？")


def test_field_words_do_not_break_ordinary_ones():
    words = Segmenter().words("生产改革用了五小时，职代会议题已定。")
    assert "产改" not in words
    assert {"生产", "改革", "小时"} <= set(words)


def test_the_field_words_are_a_clean_list():
    words = segmenter._field_words()
    assert len(words) == len(set(words))
    assert all(2 <= len(w) <= 16 and w == fold(w) for w in words)


def test_the_dictionary_kept_beside_the_store_is_the_dictionary(tmp_path, monkeypatch):
    monkeypatch.setattr(segmenter, "_LOADED", {})
    cache = tmp_path / "words.txt"
    built = dict(Segmenter(cache)._tokenizer().FREQ)
    assert Segmenter(cache)._cached(segmenter.dictionary_key()) == built
    assert not list(tmp_path.glob("*.tmp"))


@pytest.mark.parametrize("damage", [b"", b"another key\n1 \xe5\xb7\xa5\n", b"\xff\xfe\x00", b"cut"])
def test_a_dictionary_file_that_is_not_ours_is_not_read(tmp_path, damage):
    cache = tmp_path / "words.txt"
    cache.write_bytes(damage if damage != b"cut" else f"{segmenter.dictionary_key()}\n3 工会 经".encode())
    assert Segmenter(cache)._cached(segmenter.dictionary_key()) is None


def test_a_folder_that_cannot_be_written_does_without_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(segmenter, "_LOADED", {})
    cut = Segmenter(tmp_path / "没有的文件夹" / "words.txt")
    assert cut.words("工会经费") == ["工会", "经费", "工会经费"]


def test_jieba_writes_nothing_to_the_shared_temporary_folder(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(segmenter, "_LOADED", {})
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    Segmenter().load()
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_simplified_text_is_not_changed_and_traditional_text_keeps_its_length():
    assert simplified("瞭望塔上乾坤朗朗，著作权归原单位。") == "瞭望塔上乾坤朗朗，著作权归原单位。"
    assert simplified("勞動爭議調解仲裁") == "劳动争议调解仲裁"
    assert traditional("劳动补助标准") == "勞動補助標準"
    assert simplified(traditional("会员的补助标准")) == "会员的补助标准"
