"""The benchmarks measure what they say: verdicts, recall targets, memory, and a table that fits a terminal."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from sklearn.metrics import adjusted_rand_score

from benchmarks import labelled
from benchmarks.indexes import Contestant, K, operating_points
from benchmarks.measuring import Timed
from benchmarks.table import WIDTH, Figure, Goal, Part, Row, show
from benchmarks.texts import neighbour_overlap
from indexes import Neighbours, exact
from indexes.base import unit

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        (Row("time", Figure(10, "s"), Figure(40, "s"), 4.0, Goal(">=", 4)), "met"),
        (Row("time", Figure(10, "s"), Figure(39, "s"), 3.9, Goal(">=", 4)), "missed"),
        (Row("memory", Figure(7, "MB"), Figure(10, "MB"), 0.7, Goal("<=", 0.7)), "met"),
        (Row("memory", Figure(8, "MB"), Figure(10, "MB"), 0.8, Goal("<=", 0.7)), "missed"),
        (Row("overlap", Figure(0.97), goal=Goal(">=", 0.98)), "missed"),
        (Row("encoded", Figure(1), Figure(600), goal=Goal("<=", 0)), "missed"),
        (Row("texts", Figure(1, "/s"), Figure(1, "/s"), 1.0, Goal(">=", 3, unless="no bf16")), "no bf16"),
        (Row("queries", Figure(1, "/s"), Figure(1, "/s"), 1.0), ""),
    ],
)
def test_a_goal_is_asked_of_the_ratio_or_else_of_our_figure(row, verdict):
    assert row.verdict == verdict


def test_the_table_fits_and_cuts_no_figure():
    reason = "no catalog_with_a_very_long_name_that_breaks_nowhere.parquet in /a/folder/far/away"
    rows = (
        Row(
            "wikipedia (36,273), memory", Figure(1234.5, "MB"), Figure(12345.6, "MB", "BERTopic"), 0.1, Goal("<=", 0.7)
        ),
        Row("1,500 texts, bfloat16", Figure(987.6, "/s"), Figure(213.4, "/s", "sentence-transformers"), 4.63),
        Row("100,000 rows, flat @.99", Figure(22471, "/s", recall=1.0), Figure(5429, "/s", "usearch", 0.9932), 4.139),
        Row("100,000 rows, flat @.99", Figure(22471, "/s", recall=1.0), Figure(9512, "/s", "hnswlib", 0.9941), 2.362),
    )
    out = io.StringIO()
    show(
        Console(file=out, width=WIDTH), {"d": Part("Searching. " * 30, rows, (reason,))}, {"Versions": "numpy 2, " * 40}
    )
    printed = out.getvalue()
    assert max(map(len, printed.splitlines())) <= WIDTH
    assert "…" not in printed
    for row in rows:
        assert str(row.peer) in printed
        assert f"{row.ratio:.2f}x" in printed
    assert "sentence-transformers 213/s" in printed
    assert printed.count("22,471/s @1.000") == 1  # the second peer is beside the same figure of ours


@pytest.mark.parametrize(
    ("settings", "expected"),
    [((5, 9, 10), {0.95: 10, 0.99: 10}), ((5, 9), {0.95: 9, 0.99: 9}), ((10, 11), {0.95: 10, 0.99: 10})],
)
def test_the_first_setting_that_reaches_the_recall_is_taken_or_the_last(settings, expected):
    vectors = unit(np.random.default_rng(0).standard_normal((200, 8)), "vectors")
    kept, queries = np.ascontiguousarray(vectors[:150]), np.ascontiguousarray(vectors[150:])
    truth = Neighbours(*exact.top(queries, kept, K))
    found = [0]

    def turn(setting):
        found[0] = setting

    def search(_):
        return np.where(np.arange(K) < found[0], truth.rows, -1)  # knows `setting` of the ten nearest

    points = operating_points(Contestant("planted", "", 0.0, 0.0, settings, turn, search), kept, queries, truth)
    assert {target: point.setting for target, point in points.items()} == expected
    assert all(point.recall == pytest.approx(min(point.setting, K) / K) for point in points.values())


def test_overlap_counts_common_neighbours():
    random = np.random.default_rng(0)
    vectors = unit(random.standard_normal((300, 16)), "vectors")
    other = unit(random.standard_normal((300, 16)), "vectors")
    assert neighbour_overlap(vectors, vectors) == 1.0
    assert neighbour_overlap(vectors, other) < 0.1  # chance is 10 / 299


def test_partitions_are_scored_as_they_are_and_by_their_best_level():
    truth = np.repeat([0, 1, 2, 3], 25)
    broad, strays = np.repeat([0, 1], 50), np.where(np.arange(100) % 5, truth, -1)
    runs = [Timed(3.0, [broad.tolist(), truth.tolist()]), Timed(1.0, [strays.tolist()]), Timed(2.0, [])]
    themes, share, ari, best, nmi, stable, wall = labelled.figures(runs, truth)
    told = adjusted_rand_score(truth, broad), adjusted_rand_score(truth, strays), 0.0  # no themes: all are strays
    assert (themes, share, wall) == ("2 4 0", pytest.approx((0 + 0.2 + 1) / 3), 2.0)
    assert ari == pytest.approx(np.mean(told))
    assert best == pytest.approx((1 + told[1] + 0) / 3)
    assert 0 < stable < nmi < 1


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_is_the_process_own_and_its_peak_is_kept():
    code = (
        "import numpy as np\nfrom benchmarks.measuring import memory\n"
        "(before, early), block = memory(), np.ones(25_000_000)\ndel block\n"
        "after, peak = memory()\nprint(before, early, after, peak)"
    )
    ballast = np.ones(50_000_000)  # 400 MB here are not the child's
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    before, early, after, peak = map(float, done.stdout.split())
    assert early < ballast.nbytes / 2**20 / 2
    assert peak - before > 180  # 200 MB less what a page costs
    assert after - before < 50


def test_without_data_each_part_says_so_in_one_line(tmp_path):
    command = [sys.executable, "-m", "benchmarks", "d", "a", "--data", "nowhere", "--results", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1  # nothing was measured
    assert done.stderr.count("left out: no folder nowhere") == 2
    assert "Traceback" not in done.stderr
    assert "Processor:" in done.stdout
    assert len(list(tmp_path.glob("benchmarks-*.json"))) == 1
