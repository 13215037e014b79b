"""What every kind of index must do. A new kind is held to all of it by being there."""

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from oracle import Floats, assert_same, brute_force, clustered

import indexes
from indexes import (
    IndexDamaged,
    IndexMismatch,
    VectorError,
    VectorIndex,
    build,
    kinds,
    load,
    measure,
    rebuild,
    recall,
    save,
)

every_kind = pytest.mark.parametrize("kind", kinds())
VECTORS, QUERIES = np.split(clustered(5200, 64), [5000])  # from the same clusters
SMALL = clustered(300, 8, seed=1)


@cache
def built(kind: str) -> VectorIndex:
    return build(VECTORS, kind)


@cache
def small(kind: str) -> VectorIndex:
    return build(SMALL, kind)


def saved(kind: str, folder: Path, vectors: Floats = SMALL) -> Path:
    save(build(vectors, kind), folder)
    return folder


@every_kind
def test_an_index_rebuilt_for_more_rows_finds_them_and_the_same_rows_give_the_same_index(kind: str) -> None:
    first = build(VECTORS[:4500], kind)
    same, more = rebuild(first, VECTORS[:4500]), rebuild(first, VECTORS)
    assert same.kind.to_bytes(same.core) == first.kind.to_bytes(first.core)
    assert (len(first), len(more)) == (4500, 5000)
    assert measure(more, QUERIES, 10) >= 0.95
    assert measure(more, VECTORS[4500::10], 10) >= 0.95
    nothing = rebuild(first, VECTORS[:0])
    assert len(nothing) == 0
    assert rebuild(nothing, SMALL[:0].reshape(0, 64)).search(QUERIES, 3).rows.shape == (len(QUERIES), 0)
    with pytest.raises(VectorError):
        rebuild(first, SMALL)


# What a search gives


@every_kind
def test_finds_nearly_all_of_what_exact_search_finds(kind: str) -> None:
    assert measure(built(kind), VECTORS[::10], 10) >= 0.95
    assert measure(built(kind), QUERIES, 10) >= 0.95


@every_kind
def test_every_score_is_the_exact_cosine_of_its_row(kind: str) -> None:
    found = built(kind).search(QUERIES, 10)
    cosines = np.einsum("mkd,md->mk", VECTORS[found.rows].astype(np.float64), QUERIES.astype(np.float64))
    assert found.rows.dtype == np.int64
    assert found.scores.dtype == np.float32
    np.testing.assert_allclose(found.scores, cosines, atol=1e-6)


@every_kind
def test_a_single_query_and_a_batch_agree(kind: str) -> None:
    batch = built(kind).search(QUERIES, 10)
    for i in range(20):
        one = built(kind).search(QUERIES[i : i + 1], 10)
        assert recall(one, indexes.Neighbours(batch.rows[i : i + 1], batch.scores[i : i + 1])) >= 0.9


@every_kind
@pytest.mark.parametrize("count", [0, 1, 2, 3, 15, 40, 700])
def test_any_number_of_rows_can_be_indexed(kind: str, count: int) -> None:
    found = build(VECTORS[:count], kind).search(QUERIES, count + 5)
    assert_same(found, brute_force(VECTORS[:count], QUERIES, count + 5))


@every_kind
@pytest.mark.parametrize("dimension", [1, 2, 3, 7, 33])
def test_any_dimension_can_be_indexed(kind: str, dimension: int) -> None:
    vectors = clustered(500, dimension)
    assert measure(build(vectors, kind), vectors[:100], 5) >= 0.95


@every_kind
def test_any_number_of_threads_builds_the_same_bytes(kind: str) -> None:
    threads, cores = faiss.omp_get_max_threads(), []
    try:
        for number in (1, 1, 4):
            faiss.omp_set_num_threads(number)
            index = build(VECTORS[:3000], kind)
            cores.append(index.kind.to_bytes(index.core))
            assert faiss.omp_get_max_threads() == number
    finally:
        faiss.omp_set_num_threads(threads)
    assert cores[0] == cores[1] == cores[2]


@every_kind
def test_threads_may_share_an_index(kind: str) -> None:
    wanted = built(kind).search(QUERIES, 10)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: built(kind).search(QUERIES, 10), range(12)):
            assert_same(found, wanted)


@every_kind
def test_no_queries_give_no_lines(kind: str) -> None:
    assert built(kind).search(np.empty((0, 64), np.float32), 3).rows.shape == (0, 3)


@every_kind
def test_what_was_found_cannot_be_changed(kind: str) -> None:
    found = small(kind).search(SMALL[:1], 1)
    with pytest.raises(ValueError, match="read-only"):
        found.scores[0, 0] = 2


@every_kind
def test_equal_scores_come_by_ascending_row(kind: str) -> None:
    vectors = np.vstack([SMALL, SMALL[5:6], SMALL, SMALL[5:6]])
    found = build(vectors, kind).search(SMALL[5:6], 4)
    assert found.rows.tolist() == [[5, 300, 306, 601]]
    assert len(set(found.scores[0])) == 1


@every_kind
def test_five_thousand_copies_of_one_row_hide_nothing(kind: str) -> None:
    vectors = np.vstack([VECTORS, np.repeat(VECTORS[7:8], 5000, axis=0)])
    index = build(vectors, kind)
    assert measure(index, VECTORS[:500], 10) >= 0.95
    assert index.search(VECTORS[7:8], 4).rows.tolist() == [[7, 5000, 5001, 5002]]


@every_kind
def test_nothing_but_copies_of_one_row(kind: str) -> None:
    index = build(np.repeat(SMALL[:1], 2000, axis=0), kind)
    assert index.search(SMALL[:30], 5).rows.tolist() == [[0, 1, 2, 3, 4]] * 30


@every_kind
def test_rows_restrict_the_search_exactly(kind: str) -> None:
    for rows in (range(0, 5000, 2), range(100), [4999], []):
        found = built(kind).search(QUERIES[:30], 10, allowed=rows)
        assert_same(found, brute_force(VECTORS, QUERIES[:30], 10, rows))


@every_kind
def test_right_vectors_are_not_copied(kind: str) -> None:
    assert np.shares_memory(built(kind).vectors, VECTORS)


@every_kind
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_lengths_and_float_types_do_not_matter(kind: str, dtype: type) -> None:
    index = build((SMALL * np.linspace(0.1, 50, 300)[:, None]).astype(dtype), kind)
    np.testing.assert_allclose(np.linalg.norm(index.vectors, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(index.vectors, SMALL, atol=2e-3)
    assert index.search((SMALL * 3).astype(dtype), 1).rows[:, 0].tolist() == list(range(300))


# What is refused


def broken(value: float) -> Floats:
    vectors = SMALL.copy()
    vectors[11, 3] = value
    return vectors


REFUSED = {
    "NaN": (broken(np.nan), "row 11 .*NaN"),
    "infinity": (broken(np.inf), "row 11 .*infinity"),
    "zeros": (SMALL * (np.arange(300) != 11)[:, None], "row 11 .*zeros"),
    "integers": (np.ones((3, 8), np.int64), "int64"),
    "text": (np.array([["a"] * 8]), "float16"),
    "one row, flat": (SMALL[0], "matrix"),
    "three axes": (SMALL[None], "matrix"),
    "no columns": (np.empty((3, 0), np.float32), "matrix"),
}


@every_kind
@pytest.mark.parametrize("fault", REFUSED)
def test_unusable_vectors_are_refused_by_row(kind: str, fault: str) -> None:
    vectors, message = REFUSED[fault]
    with pytest.raises(VectorError, match=message):
        build(vectors, kind)
    with pytest.raises(VectorError, match=message):
        small(kind).search(vectors, 3)


@every_kind
def test_unusable_requests_are_refused(kind: str) -> None:
    with pytest.raises(VectorError, match="dimension 64, but the index has 8"):
        small(kind).search(QUERIES, 3)
    for k in (0, -1, 2.0, True, "3", None):
        with pytest.raises(VectorError, match="whole number"):
            small(kind).search(SMALL, k)  # type: ignore[arg-type]  # that is the point
    for rows in ([3, 2], [2, 2], [300], [-1], [0.5], [[1]], [True], [2**64 - 1], 7, ["1"]):
        with pytest.raises(VectorError, match=r"^allowed rows [^\n]*$"):
            small(kind).search(SMALL, 3, allowed=rows)
    assert small(kind).search(SMALL, 3, allowed=[]).rows.shape == (300, 0)
    assert small(kind).search(SMALL[:2], 10**9).rows.shape == (2, 300)
    with pytest.raises(VectorError, match="whole number"):
        small(kind).search(SMALL, 1e9)  # type: ignore[arg-type]  # that is the point


@every_kind
def test_unknown_parameters_are_refused_with_the_valid_ones(kind: str) -> None:
    with pytest.raises(ValueError, match=f"{kind} has no parameter 'colour'. Valid: "):
        build(SMALL, kind, colour=3)
    with pytest.raises(ValueError, match="colour of a built"):
        small(kind).tuned(colour=3)


def test_an_unknown_kind_is_refused_with_the_valid_ones() -> None:
    with pytest.raises(ValueError, match=f"'tree'. Valid: {', '.join(kinds())}$"):
        build(SMALL, "tree")


def test_a_kind_whose_package_is_missing_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from indexes.svs import Svs

    monkeypatch.setattr(Svs, "package", "nobody_has_this")
    assert "svs" not in kinds()
    with pytest.raises(ModuleNotFoundError, match=r"^kind svs needs [^\n]*pip install 'content-discover\[svs\]'$"):
        build(SMALL, "svs")


def test_a_kind_is_one_file_and_no_other(tmp_path: Path) -> None:
    shutil.copytree(Path(indexes.__file__).parent, tmp_path / "indexes")
    flat = (tmp_path / "indexes" / "flat.py").read_text()
    (tmp_path / "indexes" / "dropped.py").write_text(flat.replace("class Flat", "class Dropped"))
    program = (
        "import indexes, numpy; print(*indexes.kinds(), indexes.build(numpy.eye(3), 'dropped'));"
        "indexes.save(indexes.build(numpy.eye(3), 'dropped'), 'x'); print(indexes.load('x', numpy.eye(3)).name)"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.startswith(f"{' '.join(sorted(('dropped', *kinds())))} <VectorIndex dropped: 3 rows")
    assert ran.stdout.endswith("dropped\n")


# What is saved


@every_kind
@pytest.mark.parametrize("vectors", [VECTORS[:2000], np.vstack([SMALL, SMALL[:9]]), SMALL[:1], SMALL[:0]])
def test_a_loaded_index_answers_as_the_saved_one(kind: str, vectors: Floats, tmp_path: Path) -> None:
    index = build(vectors, kind)
    save(index, tmp_path / "index")
    again = load(tmp_path / "index", vectors)
    queries = clustered(50, vectors.shape[1], seed=3)
    assert_same(again.search(queries, 10), index.search(queries, 10))
    assert (again.name, again.parameters) == (kind, index.parameters)


@every_kind
def test_vectors_may_be_mapped_read_only(kind: str, tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", SMALL)
    mapped = np.load(tmp_path / "vectors.npy", mmap_mode="r")
    index = load(saved(kind, tmp_path / "index"), mapped)
    assert np.shares_memory(index.vectors, mapped)
    assert_same(index.search(SMALL, 3), small(kind).search(SMALL, 3))


@every_kind
def test_damage_is_noticed_wherever_it_is(kind: str, tmp_path: Path) -> None:
    folder = saved(kind, tmp_path / "index", np.vstack([SMALL, SMALL[:9]]))
    vectors = np.vstack([SMALL, SMALL[:9]])
    random = np.random.default_rng(0)
    for file in sorted(folder.iterdir()):
        sound = file.read_bytes()
        places = random.choice(len(sound), min(200, len(sound)), replace=False)
        damaged = [bytes(flipped(sound, place, random)) for place in places]
        for data in [*damaged, sound[:-1], sound[: len(sound) // 2], sound + b"\0"]:
            if data != sound:
                file.write_bytes(data)
                with pytest.raises(IndexDamaged, match=file.name):
                    load(folder, vectors)
        file.unlink()
        with pytest.raises(IndexDamaged, match=file.name):
            load(folder, vectors)
        file.write_bytes(sound)
    load(folder, vectors)


def flipped(data: bytes, place: int, random: np.random.Generator) -> bytearray:
    changed = bytearray(data)
    changed[place] ^= int(random.integers(1, 256))
    return changed


@every_kind
def test_an_index_of_other_vectors_is_refused(kind: str, tmp_path: Path) -> None:
    save(small(kind), tmp_path / "index", vectors_digest="minilm:abc")
    other = clustered(300, 8, seed=2)
    for vectors, message in ((other, "other vectors"), (SMALL[:-1], "300 x 8"), (VECTORS[:300], "300 x 64")):
        with pytest.raises(IndexMismatch, match=message):
            load(tmp_path / "index", vectors)
    with pytest.raises(IndexMismatch, match=r"minilm:abc.*minilm:def"):
        load(tmp_path / "index", SMALL, vectors_digest="minilm:def")
    load(tmp_path / "index", SMALL, vectors_digest="minilm:abc")


@every_kind
def test_a_core_of_another_index_is_refused(kind: str, tmp_path: Path) -> None:
    """Even one whose checksums were made to fit."""
    ours, other = saved(kind, tmp_path / "ours"), saved(kind, tmp_path / "other", SMALL[:200])
    if kind == "flat":
        (other / "core.bin").write_bytes(b"anything")
    forge(ours, "core.bin", (other / "core.bin").read_bytes())
    with pytest.raises(IndexDamaged, match="Build it again"):
        load(ours, SMALL)


@every_kind
def test_a_newer_format_is_refused(kind: str, tmp_path: Path) -> None:
    folder = saved(kind, tmp_path / "index")
    forge(folder, "format", 2)
    with pytest.raises(IndexMismatch, match="format 2"):
        load(folder, SMALL)


def forge(folder: Path, key: str, value: object) -> None:
    """Change a file or an entry of the manifest, and make all checksums right again."""
    from indexes.files import _sha256, _signed

    manifest = json.loads((folder / "index.json").read_bytes())
    del manifest["sha256"]
    if isinstance(value, bytes):
        (folder / key).write_bytes(value)
        manifest["files"][key] = {"size": len(value), "sha256": _sha256(value)}
    else:
        manifest[key] = value
    (folder / "index.json").write_bytes(_signed(manifest))


@every_kind
def test_a_saved_index_is_never_overwritten(kind: str, tmp_path: Path) -> None:
    folder = saved(kind, tmp_path / "index")
    with pytest.raises(FileExistsError, match="already holds an index"):
        save(small(kind), folder)


@every_kind
def test_indexes_of_format_1_are_read_for_ever(kind: str) -> None:
    frozen = Path(__file__).parent / "frozen"
    if kind == "svs" and not (frozen / "svs-1").exists():
        pytest.skip("SVS keeps no promise about its files, so none is kept here")
    vectors = np.load(frozen / "vectors.npy")
    answers = np.load(frozen / "answers.npy")
    index = load(frozen / f"{kind}-1", vectors, vectors_digest="frozen")
    found = index.search(vectors[:10] + vectors[10:20], 3)
    np.testing.assert_array_equal(found.rows, answers)


# Whatever the vectors are


def matrices(rows: st.SearchStrategy[int], dimension: int = 4) -> st.SearchStrategy[Floats]:
    """Small whole numbers: many ties, many equal rows; no row of zeros."""
    return rows.flatmap(lambda n: arrays(np.float32, (n, dimension), elements=st.integers(-2, 2).map(float))).map(
        lambda values: values + (~values.any(axis=1))[:, None]
    )


@every_kind
@settings(max_examples=25, deadline=None)
@given(vectors=matrices(st.integers(1, 60)), queries=matrices(st.integers(1, 25)), k=st.integers(1, 70))
def test_order_ties_and_width_hold_for_any_vectors(kind: str, vectors: Floats, queries: Floats, k: int) -> None:
    found = build(vectors, kind).search(queries, k)
    assert found.rows.shape == (len(queries), min(k, len(vectors)))
    assert np.all(found.rows >= 0)
    assert np.all(np.abs(found.scores) <= 1)
    falling = np.diff(found.scores, axis=1)
    assert np.all(falling <= 0)
    assert np.all((falling < 0) | (np.diff(found.rows, axis=1) > 0))
    assert all(len(set(line)) == len(line) for line in found.rows.tolist())


@every_kind
@settings(max_examples=25, deadline=None)
@given(data=st.data(), vectors=matrices(st.integers(1, 60)), k=st.integers(1, 70))
def test_a_filter_is_exact_search_over_the_subset(kind: str, data: st.DataObject, vectors: Floats, k: int) -> None:
    rows = sorted(data.draw(st.sets(st.integers(0, len(vectors) - 1))))
    index = build(vectors, kind)
    assert_same(index.search(vectors, k, rows), brute_force(index.vectors, vectors, k, rows))


@every_kind
def test_a_row_finds_itself_first(kind: str) -> None:
    found = built(kind).search(VECTORS[::7], 1)
    share = np.mean(found.rows[:, 0] == np.arange(0, 5000, 7))
    assert share == 1 if kind == "flat" else share >= 0.99
