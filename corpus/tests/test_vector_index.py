"""The vector index: exact where it is small, nearly so where it is large, whole whatever happens."""

import os
import threading

import numpy as np
import pytest

from corpus import segments
from corpus.manifest import MANIFEST
from corpus.segments import Batch
from corpus.stamp import IndexBrokenError, Stamp
from corpus.vector_index import SegmentedIndex

STAMP = Stamp("库", 3, "编码器")
NONE = np.zeros(0, np.int64)


def unit(*rows):
    vectors = np.asarray(rows, np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def batch(rows, vectors, source=1):
    rows = np.asarray(rows, np.int64)
    return Batch(rows, np.full(len(rows), source, np.int64), vectors.astype(np.float16))


def random_vectors(count, dimensions=64, seed=1):
    """Vectors in clumps, as those of texts are."""
    draw = np.random.default_rng(seed)
    clumps = draw.normal(size=(1 + count // 40, dimensions))
    return unit(*(clumps[draw.integers(0, len(clumps), count)] + draw.normal(size=(count, dimensions))))


@pytest.fixture
def index(tmp_path):
    made = SegmentedIndex(tmp_path / "v")
    made.apply(STAMP, NONE, [batch([2, 5, 900], unit([1, 0], [1, 1], [0, 1]))])
    return made


def test_the_nearest_rows_come_first(index):
    found = index.search(unit([1, 0.2])[0], 2, None)
    assert [row for row, _ in found] == [2, 5]
    assert found[0][1] == pytest.approx(0.980581, abs=1e-3)


def test_only_allowed_rows_are_searched(index):
    assert [row for row, _ in index.search(unit([1, 0])[0], 5, [5, 900])] == [5, 900]
    assert [row for row, _ in index.search(unit([1, 0])[0], 5, [900, 4, 70000])] == [900]
    assert index.search(unit([1, 0])[0], 5, []) == []
    assert index.search(unit([1, 0])[0], 5, [4, 70000]) == []


def test_the_folder_carries_its_stamp(index, tmp_path):
    again = SegmentedIndex(tmp_path / "v")
    assert again.stamp() == STAMP
    assert again.rows().tolist() == [2, 5, 900]
    assert again.rows_of([1]).tolist() == [2, 5, 900]
    assert again.rows_of([2]).tolist() == []


def test_rows_are_replaced_and_the_stamp_with_them(index, tmp_path):
    reader = SegmentedIndex(tmp_path / "v")
    assert len(reader.search(unit([1, 0])[0], 9, None)) == 3
    index.apply(Stamp("库", 4, "编码器"), np.asarray([2, 5]), [batch([7], unit([1, 0]), source=2)])
    assert reader.stamp() == Stamp("库", 4, "编码器")
    assert [row for row, _ in reader.search(unit([1, 0])[0], 9, None)] == [7, 900]
    assert (reader.rows_of([1]).tolist(), reader.rows_of([2]).tolist()) == ([900], [7])


def test_all_rows_can_go(index):
    index.apply(STAMP, np.asarray([2, 5, 900]), [])
    assert index.search(unit([1, 0])[0], 9, None) == []
    assert index.readable()
    assert index.whole()


def test_the_vectors_of_held_rows_are_given_in_the_order_asked_for(index):
    rows, vectors = index.vectors_at([900, 2])
    assert (rows, vectors.tolist()) == ([900, 2], [[0, 1], [1, 0]])
    rows, vectors = index.vectors_at([900, 7, 2])
    assert (rows, vectors.tolist()) == ([900, 2], [[0, 1], [1, 0]])
    assert index.vectors_at([7])[0] == index.vectors_at([])[0] == []


def test_an_index_that_is_not_there_holds_nothing(tmp_path):
    index = SegmentedIndex(tmp_path / "v")
    assert index.stamp() is None
    assert not index.readable()
    assert index.search(unit([1, 0])[0], 9) == []
    assert index.rows().tolist() == []


@pytest.mark.parametrize("exact", [10_000, 100])
def test_many_small_changes_are_as_one_large_one(tmp_path, exact):
    """Whatever the order of adding and deleting, what is found is what brute force finds."""
    vectors = random_vectors(700)
    index = SegmentedIndex(tmp_path / "v", exact=exact, largest=256)
    held = set()
    draw = np.random.default_rng(5)
    for revision, at in enumerate(range(0, 700, 35)):
        gone = draw.choice(sorted(held), 9, replace=False) if held else NONE
        held = (held - set(gone.tolist())) | set(range(at, at + 35))
        added = batch(range(at, at + 35), vectors[at : at + 35], source=revision)
        index.apply(Stamp("库", revision, "编码器"), gone, [added])
        asked = unit(vectors[at] + 0.3 * vectors[at - 1])[0]
        rows = np.asarray(sorted(held))
        scores = vectors[rows].astype(np.float16).astype(np.float32) @ asked
        found = index.search(asked, 10)
        assert [row for row, _ in found] == rows[np.argsort(-scores, kind="stable")[:10]].tolist()
        assert [score for _, score in found] == pytest.approx(sorted(scores.tolist())[:-11:-1], abs=1e-5)
    assert index.rows().tolist() == sorted(held)
    assert len(list((tmp_path / "v").iterdir())) < 10
    assert index.whole()


def test_a_change_writes_little_however_much_is_held(tmp_path):
    index = SegmentedIndex(tmp_path / "v", largest=1000)
    index.apply(STAMP, NONE, [batch(range(5000), random_vectors(5000))])
    before = {path.name for path in (tmp_path / "v").iterdir()}
    assert len(before) == 6
    for n in range(6):
        index.apply(STAMP, np.asarray([n]), [batch([6000 + n], random_vectors(1))])
    after = {path.name for path in (tmp_path / "v").iterdir()}
    assert before <= after
    assert sum((tmp_path / "v" / name).stat().st_size for name in after - before) < 10_000


def test_what_is_deleted_for_good_leaves_the_disk(tmp_path):
    vectors = random_vectors(300)
    secret = vectors[7].astype("<f2").tobytes()
    index = SegmentedIndex(tmp_path / "v")
    index.apply(STAMP, NONE, [batch(range(300), vectors)])

    def on_disk():
        return any(secret in path.read_bytes() for path in (tmp_path / "v").iterdir())

    index.apply(STAMP, np.asarray([7]), [])
    assert on_disk()
    index.apply(STAMP, NONE, [], purge=True)
    assert not on_disk()
    assert len(index.rows()) == 299


def test_a_segment_of_which_much_is_deleted_is_written_anew(tmp_path):
    index = SegmentedIndex(tmp_path / "v")
    index.apply(STAMP, NONE, [batch(range(400), random_vectors(400))])
    (large,) = (path for path in (tmp_path / "v").iterdir() if path.name != MANIFEST)
    size = large.stat().st_size
    index.apply(STAMP, np.arange(300), [])
    (small,) = (path for path in (tmp_path / "v").iterdir() if path.name != MANIFEST)
    assert small.stat().st_size < 0.4 * size


def test_a_large_index_finds_what_comparing_all_would(tmp_path):
    """Recall@10 of what is searched by signs, also among few, and where a tenth was deleted."""
    vectors = random_vectors(8000, 256)
    large = SegmentedIndex(tmp_path / "large", exact=1000, largest=3000)
    small = SegmentedIndex(tmp_path / "small")
    gone = np.arange(0, 8000, 10)
    for index in (large, small):
        index.apply(STAMP, NONE, [batch(range(8000), vectors)])
        index.apply(STAMP, gone, [])
    asked = unit(*(vectors[:6000:200] + 0.8 * random_vectors(30, 256, seed=2)))
    for rows in (None, np.arange(0, 8000, 2), np.arange(0, 8000, 61)):
        same = 0
        for vector in asked:
            near = {row for row, _ in small.search(vector, 10, rows)}
            found = large.search(vector, 10, rows)
            assert not {row for row, _ in found} & set(gone.tolist())
            same += len(near & {row for row, _ in found})
        assert same / (10 * len(asked)) >= 0.98


def test_a_whole_neighbourhood_can_be_deleted(tmp_path):
    """The nearest by signs are all gone: those behind them are found."""
    near, far = random_vectors(3000, seed=3) * 0.05 + unit([1] * 64), random_vectors(3000, seed=4)
    index = SegmentedIndex(tmp_path / "v", exact=10)
    index.apply(STAMP, NONE, [batch(range(6000), unit(*np.concatenate([near, far])))])
    index.apply(STAMP, np.arange(1400), [])
    found = [row for row, _ in index.search(unit([1] * 64)[0], 20)]
    assert len(found) == 20
    assert min(found) >= 1400


@pytest.mark.parametrize("damage", ["cut", "head", "gone", "manifest", "empty"])
@pytest.mark.parametrize("exact", [1000, 10])
def test_a_damaged_index_says_so(tmp_path, damage, exact):
    SegmentedIndex(tmp_path / "v").apply(STAMP, NONE, [batch(range(40), random_vectors(40))])
    manifest = tmp_path / "v" / MANIFEST
    (segment,) = (path for path in manifest.parent.iterdir() if path != manifest)
    path = manifest if damage == "manifest" else segment
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes({"cut": data[:-50], "empty": b""}.get(damage, b"x" * 20 + data[20:]))
    index = SegmentedIndex(tmp_path / "v", exact=exact)
    assert not index.readable()
    assert not index.whole()
    with pytest.raises(IndexBrokenError):
        index.search(unit([1] * 64)[0], 3)
    index.clear()
    assert list((tmp_path / "v").iterdir()) == []


def test_a_flipped_bit_is_found_at_opening_where_all_is_read_and_by_a_check_elsewhere(tmp_path):
    SegmentedIndex(tmp_path / "v").apply(STAMP, NONE, [batch(range(40), random_vectors(40))])
    (segment,) = (path for path in (tmp_path / "v").iterdir() if path.name != MANIFEST)
    data = bytearray(segment.read_bytes())
    data[-100] ^= 0x01
    segment.write_bytes(data)
    assert not SegmentedIndex(tmp_path / "v").readable()
    large = SegmentedIndex(tmp_path / "v", exact=10)
    assert large.readable()
    assert not large.whole()


def test_a_file_cut_short_while_it_is_in_use_is_not_read_on(tmp_path):
    index = SegmentedIndex(tmp_path / "v", exact=10)
    index.apply(STAMP, NONE, [batch(range(4000), random_vectors(4000))])
    index.search(unit([1] * 64)[0], 3)
    (segment,) = (path for path in (tmp_path / "v").iterdir() if path.name != MANIFEST)
    os.truncate(segment, 5000)
    with pytest.raises(IndexBrokenError):
        index.search(unit([1] * 64)[0], 3)


@pytest.mark.parametrize("step", ["segment", "manifest"])
def test_a_writer_that_dies_leaves_the_index_as_it_was(tmp_path, monkeypatch, step):
    index = SegmentedIndex(tmp_path / "v")
    index.apply(STAMP, NONE, [batch([1], unit([1, 0]))])
    if step == "segment":
        monkeypatch.setattr(segments, "write", lambda *_: (_ for _ in ()).throw(OSError("voll")))
    else:
        monkeypatch.setattr(SegmentedIndex, "_commit", lambda *_: (_ for _ in ()).throw(OSError("voll")))
    with pytest.raises(OSError, match="voll"):
        index.apply(Stamp("库", 4, "编码器"), NONE, [batch([2], unit([0, 1]))])
    again = SegmentedIndex(tmp_path / "v")
    assert (again.stamp(), again.rows().tolist()) == (STAMP, [1])
    assert again.strays() == []


def test_what_a_killed_writer_left_is_named(index, tmp_path):
    (tmp_path / "v" / "manifest.tmp").write_bytes(b"")
    (tmp_path / "v" / "abc.segment").write_bytes(b"")
    assert [path.name for path in index.strays()] == ["abc.segment", "manifest.tmp"]


def test_readers_go_on_while_a_writer_merges_and_deletes(tmp_path):
    vectors = random_vectors(2000)
    writer = SegmentedIndex(tmp_path / "v", exact=100, largest=500)
    writer.apply(STAMP, NONE, [batch(range(100), vectors[:100])])
    failures, stop = [], threading.Event()

    def read():
        reader = SegmentedIndex(tmp_path / "v", exact=100, largest=500)
        try:
            while not stop.is_set():
                found = reader.search(vectors[3], 5)
                assert (found[0][0], len(found)) == (3, 5)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for n in range(100, 2000, 50):
        added = batch(range(n, n + 50), vectors[n : n + 50])
        writer.apply(Stamp("库", n, "编码器"), np.arange(n - 60, n - 50), [added])
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []


def test_what_a_search_by_signs_finds_is_measured_when_it_is_built_and_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(segments, "_MEASURED", 2_000)
    index = SegmentedIndex(tmp_path / "v", exact=3_000, largest=4_000)
    vectors = random_vectors(6_000, 256)
    index.apply(STAMP, NONE, [batch(range(2_000), vectors[:2_000])])
    assert index.quality() == ("exact", 1.0)
    index.apply(STAMP, NONE, [batch(range(2_000, 6_000), vectors[2_000:])])
    kind, recall = index.quality()
    assert (kind, SegmentedIndex(tmp_path / "v", exact=3_000).quality()) == ("signs", (kind, recall))
    # As comparing all says it, of a sample of its own.
    same = []
    for at in range(0, 6_000, 100):
        exact = {row for row, _ in index.search(vectors[at], 11, exact=False)} - {at}
        near = np.argsort(-(vectors @ vectors[at]))[:11]
        same += [row in exact for row in near.tolist() if row != at]
    assert 0 < recall <= np.mean(same) + 0.02


def test_signs_that_say_nothing_are_told_as_bad(tmp_path, monkeypatch):
    monkeypatch.setattr(segments, "_MEASURED", 2_000)
    draw = np.random.default_rng(4)
    narrow = unit(*np.hstack([draw.normal(size=(4_000, 2)), np.full((4_000, 62), 9.0)]))
    index = SegmentedIndex(tmp_path / "v", exact=100)
    index.apply(STAMP, NONE, [batch(range(4_000), narrow)])
    assert index.quality().recall < 0.5


def test_small_segments_are_not_measured(tmp_path):
    index = SegmentedIndex(tmp_path / "v", exact=100)
    index.apply(STAMP, NONE, [batch(range(400), random_vectors(400))])
    assert index.quality() == ("signs", None)


@pytest.mark.parametrize("exact", [10_000, 100])
def test_one_question_starts_no_threads_that_it_would_have_to_wait_for(tmp_path, exact):
    index = SegmentedIndex(tmp_path / "v", exact=exact)
    index.apply(STAMP, NONE, [batch(range(3_000), random_vectors(3_000))])
    segments._faiss().omp_set_num_threads(2)
    assert len(index.search(random_vectors(1)[0], 5)) == 5
    assert segments._faiss().omp_get_max_threads() == 1
