"""How counts, shares and days are written, and that what the command prints counts as people do."""

from pathlib import Path

import pytest

from discover.cli.show.runs import print_outcome
from discover.core import words
from discover.core.types import RunSummary


@pytest.mark.parametrize(
    ("percentile", "text"), [(0.5, "50%"), (0.9, "90%"), (0.9012, "90.1%"), (0.9987, "99.9%"), (1.0, "99.9%")]
)
def test_closer_than(percentile, text):
    assert words.above(percentile) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [("2021-06", "June 2021"), ("2021-Q2", "Q2 2021"), ("2021", "2021"), ("2021-08-30", "the week of 30 August 2021")],
)
def test_periods(name, text):
    assert words.period(name) == text


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (1, "1 item, 1 rejected row, 1 theme, 1 outlier, 1 warning, 1 removed old version in 1.0 s"),
        (2, "2 items, 2 rejected rows, 2 themes, 2 outliers, 2 warnings, 2 removed old versions in 1.0 s"),
    ],
)
def test_a_run_in_one_line(number, told, capsys):
    counts = dict.fromkeys(("items", "rejected rows", "themes", "outliers"), number) | {"died": 0}
    summary = RunSummary(
        version=7,
        workspace=Path("ws"),
        report=Path("ws/report.html"),
        counts=counts,
        timings={"read": 1.0},
        warnings=("a warning",) * number,
        mapping={},
        guessed=(),
        unused=(),
        removed=tuple(range(number)),
    )
    print_outcome(summary)
    assert capsys.readouterr().out == f"version 7: {told}\n"
