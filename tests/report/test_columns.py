"""Stacked columns: as high as their counts, on a grid of whole numbers, with dates that do not touch."""

import xml.etree.ElementTree as ElementTree
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from discover.report import columns

SVG = "{http://www.w3.org/2000/svg}"
MOST = 5 * 10**6


def drawing(dates, first, second, title="a", what="alerts"):
    parts = [columns.Part("good", "it held", "c2", first), columns.Part("open", "too early", "", second)]
    return ElementTree.fromstring(columns.draw(title, "b", what, dates, parts))


def boxes(root):
    """Left and upper edge, width and height of each box with a tip, and the tip."""
    return [
        (*(float(box.get(name)) for name in ("x", "y", "width", "height")), box.find(f"{SVG}title").text)
        for box in root.iter(f"{SVG}rect")
        if box.find(f"{SVG}title") is not None
    ]


def texts(root):
    return [each.text for each in root.iter(f"{SVG}text")]


def axis(root):
    """The numbers of the grid by their height."""
    found = [each for each in root.iter(f"{SVG}text") if each.get("text-anchor") == "end"]
    return {float(each.get("y")) - 4: int(each.text.replace(",", "")) for each in found}


def test_columns_stand_on_each_other_over_their_dates():
    root = drawing(["2020-01-31", "2020-02-29", "2020-03-31"], [4, 0, 2], [1, 0, 3])
    low, high, third, fourth = boxes(root)
    assert [each[4] for each in (low, high, third, fourth)] == [
        "2020-01-31: 4 good", "2020-01-31: 1 open", "2020-03-31: 2 good", "2020-03-31: 3 open"
    ]  # fmt: skip
    assert low[1] + low[3] == third[1] + third[3] == columns.BASE
    assert abs(low[3] - 2 * third[3]) < 0.2
    assert abs(high[1] + high[3] + 0.5 - low[1]) < 0.2  # the line of a hollow one lies inside
    assert min(each[1] for each in boxes(root)) >= columns.TOP
    assert {"good: 6", "open: 4", "it held", "too early", "2020-02-29", "alerts"} < set(texts(root))
    assert list(axis(root).values()) == [0, 1, 2, 3, 4, 5]


@given(
    st.lists(st.tuples(st.integers(0, MOST), st.integers(0, MOST)), max_size=60)
    | st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=600)
)
def test_whatever_the_counts(counts):
    first, second = [a for a, _ in counts], [b for _, b in counts]
    dates = [f"{1500 + i}-12-31" for i in range(len(counts))]
    root = drawing(dates, first, second)
    grid = axis(root)
    assert 2 <= len(grid) <= 7
    heights = sorted(grid, reverse=True)
    assert [grid[y] for y in heights] == sorted(grid.values())
    assert grid[heights[0]] == 0
    assert grid[heights[-1]] >= max((a + b for a, b in counts), default=0)
    per_one = (heights[0] - heights[-1]) / grid[heights[-1]]
    shown = boxes(root)
    assert len(shown) == sum(value > 0 for value in (*first, *second))
    assert all(y >= columns.TOP - 0.1 and x >= columns.LEFT and x + w <= columns.RIGHT for x, y, w, _, _ in shown)
    for *_, tall, tip in shown:
        assert abs(tall - int(tip.split()[1].replace(",", "")) * per_one) <= 1.2  # rounding, and a hollow one's line
    labelled = [float(each.get("x")) for each in root.iter(f"{SVG}text") if each.text in dates]
    assert all(b - a >= columns.APART - 0.2 for a, b in pairwise(labelled))
    assert bool(labelled) == bool(dates)
    assert ("no alerts" in texts(root)) == (not shown)


def test_text_is_text():
    assert texts(drawing(["<1>"], [1], [0], title="<b> & 'c'"))[0] == "<b> & 'c'"
