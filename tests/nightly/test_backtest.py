"""Backtest: planted rises that stay and that pass, scored by what came after; stopped and started again."""

import json
import shutil
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from discover.core.errors import UsageError, WorkspaceError
from discover.core.types import OUTCOME_WORDS, Listing, Trend
from discover.nightly import backtest
from discover.nightly.backtest import Backtest, JudgedAlert
from discover.store import seals, versions
from discover.testing import shows
from tests.shell import command, write

MONTHS = np.arange("2018-01", "2021-07", dtype="M8[M]")


def history():
    """Shows of 2018-01 to 2021-06: ghosts rise in 2020-01 and stay, westerns have one season, 2020-04 to 2020-06."""
    random, rows = np.random.default_rng(1), shows(each=80)
    weights = {
        "ghost": np.where(np.datetime64("2020-01") <= MONTHS, 5.0, 1.0),
        "western": np.where((np.datetime64("2020-04") <= MONTHS) & (np.datetime64("2020-07") > MONTHS), 12.0, 1.0),
    }
    for row in rows:
        by_month = weights.get(row["genres"], np.ones(len(MONTHS)))
        month = random.choice(MONTHS, p=by_month / by_month.sum())
        row["release_date"] = f"{month}-{random.integers(1, 29):02d}"
    rows[0]["release_date"] = "2021-06-30"
    return rows


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A backtest of four nights, by the command."""
    folder = tmp_path_factory.mktemp("backtest")
    write(folder / "shows.csv", history())
    (folder / "discover.toml").write_text('[trends]\nperiod = "month"\npast = 12\n')
    call = ("backtest", "shows.csv", "--every", "quarter", "--from", "2019-12", "--to", "2020-09", "--null", 4)
    return folder, call, command(*call, "--json", cwd=folder)


def test_rises_that_stay_held_and_those_that_pass_faded(done):
    _, _, process = done
    assert process.returncode == 0, process.stderr
    found = json.loads(process.stdout)
    assert found["days"] == ["2019-12-31", "2020-03-31", "2020-06-30", "2020-09-30"]
    firsts = {
        (alert["created"], alert["outcome"])
        for alert in found["alerts"]
        if alert["first"] and alert["trend"]["level"] == 0
    }
    assert ("2020-03-31", "held") in firsts
    assert ("2020-06-30", "faded") in firsts
    assert all(alert["created"] != "2019-12-31" for alert in found["alerts"])
    for alert in found["alerts"]:
        if alert["outcome"] in ("held", "faded"):
            assert (alert["after"] >= 1.25 * alert["past"]) == (alert["outcome"] == "held")
            assert alert["lead"] >= 0
    judged = found["firsts"]["held"] + found["firsts"]["faded"] + found["firsts"]["lost"]
    assert found["precision"] == found["firsts"]["held"] / judged
    assert found["null_runs"] == 16
    assert found["null_alerts"] <= 4  # of 16 at a rate of .05: more is one in a thousand
    assert 0 <= found["quiet_held"] <= found["quiet"]


def test_it_writes_a_figure_and_what_it_printed(done):
    folder, _, process = done
    home = folder / "discover-backtest"
    assert json.loads((home / "backtest-result.json").read_text()) == json.loads(process.stdout)
    drawn = [each.text for each in ElementTree.parse(home / "backtest.svg").iter("{http://www.w3.org/2000/svg}text")]
    found = json.loads(process.stdout)
    assert {"2019-12-31", "2020-03-31", "2020-06-30", "2020-09-30", "first alerts"} < set(drawn)
    bars = {f"{OUTCOME_WORDS[outcome].label}: {number}" for outcome, number in found["firsts"].items()}
    assert bars < set(drawn)
    assert any("With permuted dates" in text and "5.0% are expected" in text for text in drawn)


def unnumbered(found):
    """Without the versions of the runs, which are others for a run that is made again."""
    return found | {"alerts": [alert | {"version": None} for alert in found["alerts"]]}


def test_started_again_it_makes_only_the_nights_that_are_missing(done):
    folder, call, process = done
    home = folder / "discover-backtest"
    state = seals.unseal((home / backtest.STATE_FILE).read_bytes(), "a backtest", indent=1)
    made = versions.numbers(home)
    assert len(made) == 5  # and the judge
    del state["runs"]["2020-06-30"]  # as if it had been stopped in that run
    (home / backtest.STATE_FILE).write_bytes(seals.seal(state, indent=1))
    again = command(*call, "--json", cwd=folder)
    assert unnumbered(json.loads(again.stdout)) == unnumbered(json.loads(process.stdout))
    assert len(versions.numbers(home)) == 6
    table = command(*call, cwd=folder)
    assert "precision" in table.stdout
    assert "permuted dates" in table.stdout
    assert len(versions.numbers(home)) == 6


def test_a_workspace_of_another_backtest_is_refused(done):
    folder, *_ = done
    home, settings = folder / "discover-backtest", {"trends": {"rate": 0.2}}
    with pytest.raises(UsageError, match=r"was made with different settings. Give another --workspace"):
        backtest.backtest(folder / "shows.csv", "2020-03", "2020-06", "quarter", home, settings)


@pytest.mark.parametrize(
    ("start", "end", "every", "message"),
    [
        ("2020-13", "2021-01", "month", "expected dates like 2019-01"),
        ("2021-01", "2020-01", "month", "must not be after --to"),
        ("2020-01", "2021-01", "fortnight", "not a period. Valid: week, month, quarter, year"),
    ],
)
def test_dates_that_make_no_night_are_refused(tmp_path, start, end, every, message):
    with pytest.raises(UsageError, match=message):
        backtest.backtest(tmp_path / "x.csv", start, end, every, tmp_path / "ws")


def test_only_first_alerts_that_can_be_judged_count():
    def alert(outcome, lead, first=True):
        trend = Trend("T1", "x", 0, "titles", "rising", 2.0, 1.0, 3.0, 0.01, 0.01, (), (), (), (), ())
        return JudgedAlert(1, "2020-01-31", trend, outcome, 0.1, 0.2, 0.2, "T1", lead, first)

    alerts = [alert("held", 2), alert("held", 6), alert("faded", 0), alert("lost", None), alert("open", None)]
    alerts += [alert("held", 1, first=False)] * 5
    found = Backtest("x", ("2020-01-31",), Listing(alerts), 0, 0, 0, 0, 0.05)
    assert (found.precision, found.lead) == (0.5, 4)
    assert Backtest("x", (), Listing(), 0, 0, 0, 0, 0.05).precision is None
    assert b"held: 2<" in backtest.figure(found)  # first ones, as in the table


def test_a_catalog_that_is_mostly_set_aside_is_no_backtest(tmp_path):
    lines = ["id,title,description,release_date", *(f"{i},Show {i}" for i in range(30))]
    lines[1:1] = [f"g{i},Ghost {i},a ghost in a house,2018-0{1 + i % 9}-03" for i in range(20)]
    (tmp_path / "c.csv").write_text("\n".join(lines))
    call = ("backtest", "c.csv", "--from", "2018-12", "--to", "2018-12", "--null", 0)
    process = command(*call, cwd=tmp_path)
    assert process.returncode == 3
    assert "30 of 50 rows were set aside" in process.stderr
    process = command(*call, "--allow-rejects", cwd=tmp_path)
    assert process.returncode == 0, process.stderr


def test_a_damaged_state_is_named(done, tmp_path):
    folder, _, _ = done
    home = shutil.copytree(folder / "discover-backtest", tmp_path / "ws")
    path = home / backtest.STATE_FILE
    path.write_bytes(path.read_bytes().replace(b"made_from", b"mode_from"))
    with pytest.raises(WorkspaceError, match=r"backtest\.json: damaged .*Remove it"):
        backtest.backtest(folder / "shows.csv", "2020-05", "2020-06", workspace=home)
