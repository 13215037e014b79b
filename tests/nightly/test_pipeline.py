"""Two nights of a planted catalog: what the report tells of them, that it can be computed again, and that a copy in
which any number was changed is found out.

Ghost stories rise in 2020 and go on; westerns rise then too and end. Both are told by the night as of 2021, and scored
by that of 2023, in which court dramas are new.
"""

import fcntl
import json
import os
import random
import re
import shutil
import struct
import termios
from contextlib import suppress
from dataclasses import replace
from itertools import chain

import numpy as np
import pytest

import discover
from discover import edits
from discover.core import files
from discover.core.errors import InputError, OtherSoftwareError
from discover.core.types import Alert, Level, Themes, Trend, Trends
from discover.nightly import replay
from discover.nightly.differences import compare_json, compare_text
from discover.report import write as report
from discover.store import versions
from discover.store.load import StoredRun
from discover.testing import shows
from discover.trends import alerts, periods
from discover.trends.periods import Events
from tests.planted import TENDENCY
from tests.shell import command, write

YEARS = {"ghost": (2020, 2021, 2022, 2023), "western": (2008, 2009, 2020, 2021), "court": (2022, 2023)}
LAST = "2023-12-31"


def planted():
    """The planted shows, dated so that two worlds rise."""
    seen, rows = {}, shows(each=40)
    for row in rows:
        nth = seen[row["genres"]] = seen.get(row["genres"], -1) + 1
        years = YEARS.get(row["genres"], tuple(range(2008, 2024)))
        row["release_date"] = f"{years[nth % len(years)]}-{1 + nth % 12:02d}-15"
    rows[-1] |= {key: rows[-2][key] for key in rows[0] if key != "id"}  # the same twice
    return rows


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    """The folder of a workspace `ws` with two nights; court is watched much, kitchen little."""
    folder, rows = tmp_path_factory.mktemp("nightly"), planted()
    catalog = write(folder / "shows.csv", rows)
    hours = {"court": 50, "kitchen": 1}
    watched = [
        {"id": row["id"], "date": row["release_date"], "hours": hours.get(row["genres"], 10) + number % 5}
        for number, row in enumerate(rows)
    ]
    consumption = write(folder / "hours.csv", watched)
    discover.run(catalog, folder / "ws", as_of="2021-12-31", consumption=consumption)
    discover.run(catalog, folder / "ws", as_of=LAST, consumption=consumption)
    return folder


@pytest.fixture(scope="module")
def results(nights):
    return replay.recompute(versions.open(nights / "ws"))


@pytest.fixture(scope="module")
def content(nights):
    return json.loads(versions.open(nights / "ws").path("report.json").read_text())


@pytest.fixture(scope="module")
def page(nights):
    return versions.open(nights / "ws").path("report.html").read_text()


def theme_of(nights, world):
    """The broad theme that holds most of a world, by its genre."""
    items = discover.open(nights / "ws").items().to_pandas()
    return items["theme"][[world in genres for genres in items["genres"]]].mode()[0]


# --- what it tells -----------------------------------------------------------------------------------------


def test_the_report_is_told_of_what_was_planted(nights, content):
    sections = content["sections"]
    court, kitchen = (theme_of(nights, world) for world in ("court", "kitchen"))
    assert court in {each["theme"] for each in sections["moving"]["rising"]}
    assert ("born", court) in {(each["kind"], each["theme"]) for each in sections["changed"]["events"]}
    assert court in {each["id"] for each in sections["white_space"]["more"]}
    assert kitchen in {each["id"] for each in sections["white_space"]["less"]}
    summary = sections["summary"]
    came = sum(row["release_date"] > "2021-12-31" for row in planted())
    assert (summary["came"], summary["left"]) == (came, 0)
    assert f"{came} items were added (mainly in " in summary["paragraph"] and " and 0 removed." in summary["paragraph"]
    assert (
        sum(each["arrived"] for each in sections["changed"]["arrivals"]) <= came and " rising" in summary["paragraph"]
    )
    assert {action["section"] for action in summary["actions"]} <= set(sections)
    [group] = [each for each in sections["duplicates"]["groups"] if each["identical"]]
    assert {item["id"] for item in group["items"]} == {"0238", "0239"}
    [drift] = sections["quality"]["drift"]
    assert (drift["came"], drift["stayed"], drift["moved"]) == (came, 240 - came, 0)


def test_earlier_alerts_are_scored_by_what_came_after(nights, content):
    outcomes = {
        each["theme"]: each["outcome"]
        for each in content["sections"]["alerts"]["alerts"]
        if each["measure"] == "titles"
    }
    assert outcomes[theme_of(nights, "ghost")] == "held"
    assert outcomes[theme_of(nights, "western")] == "faded"


def test_a_night_without_news_says_so_and_alerts_survive_pruning(nights, tmp_path):
    workspace = shutil.copytree(nights / "ws", tmp_path / "ws")
    before = StoredRun(versions.open(workspace))
    places = before.places
    assert places and 1 in {alert.version for alert in before.alerts}
    discover.run(nights / "shows.csv", workspace, as_of=LAST, consumption=nights / "hours.csv")
    versions.prune(workspace, 1)
    assert versions.numbers(workspace) == [3]
    after = StoredRun(versions.open(workspace))
    assert after.alerts == before.alerts  # the third night tells nothing that the second had not
    assert after.places == places  # names and colours stay
    paragraph = json.loads(after.version.path("report.json").read_text())["sections"]["summary"]["paragraph"]
    assert "The catalog is the same as in the last run" in paragraph
    assert "The themes are those of the last run." in paragraph
    assert replay.verify_report(workspace) == []


def test_the_page_has_names_where_the_report_has_them_and_they_stay(nights, content):
    then, now = (discover.open(nights / "ws", number) for number in (1, 2))
    points = np.array([(point.x, point.y) for point in now.map()])
    low, high = np.nanmin(points, axis=0), np.nanmax(points, axis=0)
    told = {each["id"]: (each["x"], 1 - each["y"]) for each in content["sections"]["map"]["themes"]}
    shown = {name.id: (np.array([name.x, name.y]) - low) / (high - low) for name in now.map_names()}
    assert told.keys() == shown.keys() and told
    for id, where in told.items():
        assert shown[id] == pytest.approx(where, abs=1e-6)

    def items(engine, level):
        """By theme: the items on whose dot its name stands."""
        dots = {}
        for point in engine.map():
            dots.setdefault((point.x, point.y), set()).add(point.id)
        return {name.id: dots[name.x, name.y] for name in engine.map_names(level)}

    for level in range(min(then.levels, now.levels)):
        before, after = items(then, level), items(now, level)
        assert before.keys() & after.keys()
        for id in before.keys() & after.keys():
            members = {item.id for item in now.theme(id).items}
            assert before[id] & after[id] or not before[id] & members


# --- every number is a claim -------------------------------------------------------------------------------


def leaves(value, path=()):
    """Every number of a content, and where it stands."""
    if isinstance(value, dict):
        yield from chain.from_iterable(leaves(each, (*path, key)) for key, each in value.items())
    elif isinstance(value, list):
        yield from chain.from_iterable(leaves(each, (*path, place)) for place, each in enumerate(value))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path, value


def changed(content, path, value):
    """The content with another value at a place."""
    copy = json.loads(json.dumps(content))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return copy


def test_every_number_is_a_claim_that_says_how_to_compute_it(content):
    claims = {claim["name"]: claim for claim in content["claims"]}
    assert len(claims) == len(content["claims"])
    stated = {path for path, _ in leaves(content["sections"]) if "settings" not in path}
    assert len(claims) > 200 and all(claim["how"] for claim in claims.values())
    numbers = sum(len(list(leaves({"value": claim["value"]}))) for claim in claims.values())
    intervals = sum(claim["interval"] is not None for claim in claims.values())
    assert numbers + 2 * intervals == len(stated)
    ids = {row["id"] for row in planted()}
    assert all(set(claim["evidence"]) <= ids for claim in claims.values())
    assert all(len(claim["evidence"]) <= min(10, claim["evidence_total"]) for claim in claims.values())
    assert intervals >= len(content["sections"]["moving"]["rising"])


def test_any_number_changed_in_the_json_is_named(content):
    found = list(leaves(content))
    for path, value in random.Random(2).sample(found, 200):
        told = compare_json(changed(content, path, value + (1 if isinstance(value, int) else 1e-6)), content)
        assert len(told) == 1 or path == ("version",)
        if path[0] == "sections":
            assert told[0].claim.split(".")[0] == path[1] and str(path[-1]) in told[0].claim


def test_any_number_changed_in_the_page_is_named(page):
    marked = list(re.finditer(r'data-fact="([^"]+)">[^<]*?(\d)', page))
    assert len(marked) > 150
    for match in marked[:: max(1, len(marked) // 80)]:
        other = page[: match.start(2)] + str((int(match[2]) + 1) % 10) + page[match.end(2) :]
        assert [each.claim for each in compare_text(other, page)] == [match[1]]


def test_any_other_change_in_the_page_is_found(page):
    chosen = random.Random(3).sample([match.start() for match in re.finditer(r"\d", page)], 60)
    for place in chosen:
        other = page[:place] + str((int(page[place]) + 1) % 10) + page[place + 1 :]
        assert compare_text(other, page)


def test_all_that_the_page_shows_are_facts_of_the_json(page, content):
    """The values that the page marks are those of `report.json`, by their names."""
    named = {}

    def collect(value, name):
        if isinstance(value, dict):
            for key, each in value.items():
                collect(each, f"{name}.{key}")
        elif isinstance(value, list):
            for place, each in enumerate(value):
                known = each.get("key", each.get("id", place)) if isinstance(each, dict) else place
                collect(each, f"{name}.{known}")
        else:
            named[name.removeprefix(".")] = value

    collect(content["sections"], "")
    shown = re.findall(r'<data value="([^"]+)" data-fact="([^"]+)">', page)
    assert len(shown) > 150
    assert [name for value, name in shown if float(value) != named[name]] == []


# --- verify ------------------------------------------------------------------------------------------------


def test_the_version_gives_its_report_byte_for_byte(nights, results, page):
    assert replay.verify_report(nights / "ws") == replay.verify_report(nights / "ws", 1) == []
    assert (
        report.html(report.make(results))
        == page
        == report.html(report.make(replay.recompute(versions.open(nights / "ws"))))
    )


@pytest.mark.parametrize("form", report.FORMS)
def test_a_copy_is_verified_wherever_it_lies(nights, results, tmp_path, form):
    copy = tmp_path / "mailed"
    text = report.FORMS[form](report.make(results))
    copy.write_text(text)
    assert replay.verify_report(nights / "ws", file=copy) == []
    items = re.search(r"240(?=</data>)" if form in ("full", "executive") else r"240(?= items)", text)
    copy.write_text(text[: items.start()] + "241" + text[items.end() :])
    told = replay.verify_report(nights / "ws", file=copy)
    assert "241" in told[0].reported and "240" in told[0].computed
    assert told[0].claim == ("summary.items" if form in ("full", "executive") else told[0].claim)


def test_the_commands(nights, tmp_path):
    copy = tmp_path / "mailed.html"
    done = command("report", "--executive", "--output", copy, "-w", nights / "ws")
    assert (done.returncode, done.stdout.strip()) == (0, str(copy))
    assert command("verify", "--report", copy, "-w", nights / "ws").returncode == 0
    copy.write_text(copy.read_text().replace('value="240"', 'value="241"', 1))
    done = command("verify", "--report", copy, "-w", nights / "ws")
    assert (done.returncode, done.stdout) == (4, "")
    assert "summary.items (says (241)240, is (240)240)" in done.stderr and len(done.stderr.splitlines()) == 1
    done = command("report", "--markdown", "--at", "1", "-w", nights / "ws")
    assert done.returncode == 0 and done.stdout.startswith("# shows.csv")


def screen(forks, width, *arguments):
    """What a command shows on a terminal of this width, without colours; every line as it stands."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"} | {"TERM": "xterm"}
    read = bytearray()
    with forks.start(arguments, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        with suppress(OSError):  # EIO once the command has ended
            while part := os.read(ours, 65_536):
                read += part
        os.close(ours)
        assert process.wait() == 0, read.decode()
    return re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", read.decode()).splitlines()


@pytest.mark.parametrize("width", [60, 80])
def test_tables_fit_the_terminal_with_their_numbers_whole(forks, nights, tmp_path, width):
    workspace = shutil.copytree(nights / "ws", tmp_path / "ws")
    first, *others = [theme.id for theme in discover.open(workspace).themes()]
    edits.add(workspace, "rename", [first], text="Stories of which there is much to say, and all of it long")
    made = edits.add(workspace, "merge", others[:2])
    engine = discover.open(workspace)
    themes, trends, changes = engine.themes(), engine.trends(), engine.changes()
    similar = engine.similar("0000", k=5)
    shown = {
        ("themes",): [word for each in themes for word in (each.id, f"{each.size:,}")],
        ("trends",): [word for each in trends for word in (each.theme, each.status) if each.lift == each.lift]
        + [f"{each.low:.2f}-{each.high:.2f}" for each in trends if width > 60 and each.lift == each.lift],
        ("edit", "list"): ["rename", "merge", *([made.created[:10]] if width > 60 else []), *made.themes],
        ("changes",): [f"{100 * each.clustering:+.2f}" for each in changes],
        ("versions",): [each.created[:16].replace("T", " ") for each in versions.list_versions(workspace)],
        ("theme", first, "--history"): [f"{event.confidence:.2f}" for event in engine.history(first)],
        ("similar", "0000", "-k", "5"): [f"{match.score:.2f}" for match in similar] + [m.id for m in similar],
        ("compare", "0000", "0001"): [f"{engine.compare(['0000', '0001']).pairs[0].score:.2f}"],
    }
    for arguments, words in shown.items():
        lines = screen(forks, width, *arguments, "-w", workspace)
        assert max(map(len, lines)) <= width, arguments
        text = "\n".join(lines)
        assert [word for word in words if word not in text] == [], arguments


def test_a_report_changed_in_its_place_is_found_out(nights, tmp_path):
    workspace = shutil.copytree(nights / "ws", tmp_path / "ws")
    path = versions.open(workspace).path("report.json")
    path.write_text(path.read_text().replace('"items": 240', '"items": 340', 1))
    [told] = replay.verify_report(workspace)
    assert (told.claim, told.reported, told.computed) == ("summary.items", "340", "240")


def test_a_report_of_another_discover_is_not_judged_by_this_one(nights, results, tmp_path):
    workspace = shutil.copytree(nights / "ws", tmp_path / "ws")
    theirs = report.make(replace(results, software="0.0.9"))

    def older(words):
        def publish(folder, facts):
            for name in ("report.html", "report.json"):
                (folder / name).unlink()
            files.write_bytes(folder / "report.html", report.html(theirs).replace("Data quality", words).encode())
            files.save_json(folder / "report.json", theirs.facts)
            return facts | {"software": "0.0.9"}

        return remade(workspace, publish)

    older("Quality of the data")  # what 0.0.9 called it
    done = command("verify", "--report", "-w", workspace)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (4, "", 1)
    assert f"different program version, here {discover.__version__}. Verify with discover 0.0.9" in done.stderr
    with pytest.raises(OtherSoftwareError, match=r"Verify with discover 0.0.9"):
        replay.verify_report(workspace)
    copy = tmp_path / "copy.md"
    copy.write_text(report.markdown(report.make(replay.recompute(versions.open(workspace)))))
    assert replay.verify_report(workspace, versions.open(workspace).number, copy) == []  # the same all the same


@pytest.mark.parametrize("text", ["<p>hello", "{", "{}", "[1]", "# Report", '{"version": "x"}'])
def test_what_is_no_report_is_refused(nights, tmp_path, text):
    (tmp_path / "a.html").write_text(text)
    with pytest.raises(InputError, match=r"a\.html: this is not"):
        replay.verify_report(nights / "ws", file=tmp_path / "a.html")
    with pytest.raises(InputError, match="cannot be read"):
        replay.verify_report(nights / "ws", file=tmp_path / "none.html")


def remade(workspace, change, without=()):
    """The current version once more as a new one, sound in every byte, after `change` of its draft's folder."""
    version = versions.open(workspace)
    with versions.writing(workspace) as draft:
        for name in version.files:
            if not name.startswith(tuple(without)):
                (draft.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(version.path(name), draft.folder / name)
        facts = change(draft.folder, dict(version.manifest)) or dict(version.manifest)
        return draft.commit(facts)


def test_what_was_stored_wrongly_and_reported_so_is_found_out(nights, tmp_path):
    workspace = shutil.copytree(nights / "ws", tmp_path / "ws")

    def forge(folder, facts):
        named = json.loads((folder / "themes/named.json").read_text())
        named[0]["size"] += 7
        trends = json.loads((folder / "trends.json").read_text())
        place = next(i for i, each in enumerate(trends["trends"]) if each["level"] == 0)
        trends["trends"][place]["shares"][3] = 0.9
        for name, value in (("themes/named.json", named), ("trends.json", trends)):
            (folder / name).unlink()
            files.save_json(folder / name, value)

    number = remade(workspace, forge)
    stored = report.make(StoredRun(versions.open(workspace, number)).results)

    def publish(folder, facts):
        for name in ("report.html", "report.json"):
            (folder / name).unlink()
        files.write_bytes(folder / "report.html", report.html(stored).encode())
        files.save_json(folder / "report.json", stored.facts)

    remade(workspace, publish)
    assert versions.verify_files(workspace) == []
    claims = {each.claim for each in replay.verify_report(workspace)}
    assert any(re.fullmatch(r"themes\.broad\.T\d+\.size", claim) for claim in claims)
    assert any(re.search(r"\.shares\.3$", claim) for claim in claims)


# --- alerts, by themselves ---------------------------------------------------------------------------------

MONTHS = tuple(str(np.datetime64("2020-01") + i) for i in range(9))


def trend(theme="T0001", status="rising", measure="titles"):
    parts = ("past",) * 6 + ("recent",) * 3
    return Trend(theme, theme, 0, measure, status, 2.0, 1.2, 3.0, 0.01, 0.02, MONTHS, parts, (1.0,) * 9, (0.1,) * 9, ())


def scored(after, months, theme="T0001"):
    """The outcome of an alert on a theme that has 1 in 10 titles, then 3, then `after`, after so many months."""
    mine = [1] * 6 + [3] * 3 + [after] * 6
    days, members = [], []
    for month in range(months):
        for nth in range(10):
            days.append(f"{np.datetime64('2020-01') + month}-{1 + nth * 2:02d}")
            members.append(0 if nth < mine[month] else 1)
    days.append(str((np.datetime64("2020-01") + months).astype("M8[D]")))  # so that the last month is over
    members.append(-1)
    nobody = np.zeros(len(members), dtype=bool)
    level = Level(
        np.array(members), np.ones(len(members), np.float32), nobody, (-1, -1), (1.0, 1.0), ("T0001", "T0002")
    )
    nowhere = np.zeros((len(members), 2), np.float32)
    events = Events("titles", np.arange(len(days)), np.array(days, dtype="M8[D]"), np.ones(len(days)))
    themes = Themes((level,), nowhere, nowhere, "planted", TENDENCY)
    [found] = alerts.score_alerts([Alert(1, "2020-10-01", trend(theme))], themes, [events], 1.25)
    return found


def test_outcomes():
    held = scored(2, 12)
    assert (held.outcome, held.past, held.recent, held.after) == ("held", pytest.approx(0.1), pytest.approx(0.3), 0.2)
    assert scored(1, 12).outcome == "faded"
    assert scored(0, 12).outcome == "faded"
    assert scored(2, 11).outcome == "open"
    assert scored(2, 15).after == pytest.approx(0.2)  # only as long after as the alert saw
    assert scored(2, 12, theme="T0009").outcome == "lost"


def test_a_rise_that_goes_on_is_one_alert():
    first = alerts.add_alerts((), Trends(), Trends((trend(), trend("T0002", "steady"))), 1, "a")
    assert [(alert.version, alert.trend.theme) for alert in first] == [(1, "T0001")]
    second = alerts.add_alerts(first, Trends((trend(),)), Trends((trend(), trend("T0002"))), 2, "b")
    assert [(alert.version, alert.trend.theme) for alert in second] == [(1, "T0001"), (2, "T0002")]
    third = alerts.add_alerts(second, Trends((trend("T0002"),)), Trends((trend(),)), 3, "c")
    assert [alert.version for alert in third] == [1, 2, 3]  # it was quiet in between


@pytest.mark.parametrize("period", ["week", "month", "quarter", "year"])
def test_names_of_periods_are_read_back(period):
    for number in (0, 1, 617, 2700) if period == "week" else (0, 5, 53):
        assert periods.parse_name(periods.name_period(number, period)) == (period, number)
