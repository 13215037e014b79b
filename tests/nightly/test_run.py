"""The main job end to end on planted catalogs: run, open, ask, run again, damage, commands."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

import discover
from discover import sample
from discover.core.errors import InputError, ModelError, UnknownItemError, UsageError, WorkspaceError
from discover.store import versions
from discover.testing import shows
from tests.shell import command, damage, write

ROWS = shows(each=40)


@pytest.fixture(scope="module")
def folder(shared):
    """A workspace with one night of the planted shows, beside their catalog."""
    return shared.read("six")


@pytest.fixture(scope="module")
def engine(folder):
    return discover.open(folder / "ws")


@pytest.fixture
def workspace(shared, tmp_path):
    """A copy of it to write to."""
    return shared.copy("six", tmp_path / "six") / "ws"


def test_the_run_says_what_it_did(words, tmp_path):
    summary = discover.run(write(tmp_path / "shows.csv", ROWS), tmp_path / "ws", words)
    assert summary.version == 1
    assert summary.counts["items"] == len(ROWS)
    assert summary.counts["encoded"] == len(ROWS)
    assert summary.counts["themes"] >= 2
    assert summary.mapping["id"] == ("id",)
    assert summary.mapping["released"] == ("release_date",)
    stages = {
        "open",
        "read",
        "encode",
        "index",
        "search",
        "neighbours",
        "themes",
        "ledger",
        "labels",
        "trends",
        "compare",
    }
    assert set(summary.timings) == stages
    assert summary.report.read_text().startswith("<!doctype html>")


def test_planted_worlds_come_out_as_themes(engine):
    items = engine.items().to_pandas()
    assert items["id"].tolist() == [row["id"] for row in ROWS]
    inside = items["theme"].notna()
    assert inside.mean() > 0.8
    truth = [row["genres"] for row in ROWS]
    assert adjusted_rand_score(np.array(truth)[inside], items["theme"][inside]) > 0.6


def test_themes_are_consistent(engine):
    for level in range(engine.levels):
        found = engine.themes(level)
        assert [theme.size for theme in found] == sorted((theme.size for theme in found), reverse=True)
        labels = [theme.label for theme in found]
        assert len(set(labels)) == len(labels)
        for theme in found:
            whole = engine.theme(theme.id)
            assert len(whole.items) == theme.size
            strengths = [item.strength for item in whole.items]
            assert strengths == sorted(strengths, reverse=True)
            assert {item.id for item in theme.exemplars} <= {item.id for item in whole.items}
    children = {theme.id for theme in engine.themes(engine.levels - 1) if theme.parent}
    assert children == {child for theme in engine.themes(0) for child in theme.children}


def test_similar_is_exact_and_of_the_same_world(engine):
    vectors = np.asarray(engine.spaces["text"].vectors, dtype=np.float64)
    cosines = vectors @ vectors.T
    others = np.where(np.eye(len(ROWS), dtype=bool), np.nan, cosines)  # fewer items than the background's sample
    mean, variance = np.nanmean(others, axis=1), np.nanvar(others, axis=1)
    spread = np.sqrt((variance + variance.mean()) / 2)
    row = 7
    scores = ((cosines[row] - mean[row]) / spread[row] + (cosines[row] - mean) / spread) / 2
    order = np.argsort(-scores, kind="stable")
    order = order[order != row][:10]
    found = engine.similar(ROWS[row]["id"], k=10, weights={"text": 1})
    assert [match.id for match in found] == [ROWS[i]["id"] for i in order]
    assert [match.score for match in found] == pytest.approx(scores[order].tolist(), abs=1e-3)
    together = engine.similar(ROWS[row]["id"], k=10)
    for match in together:
        assert set(match.parts) == {"text", "lexical", "metadata"}
        assert sum(match.parts.values()) == pytest.approx(match.score, abs=1e-6)
    assert sum(ROWS[int(match.id)]["genres"] == ROWS[row]["genres"] for match in together) == 10
    assert [match.id for match in engine.similar(ROWS[row]["title"], k=10)] == [match.id for match in together]


def test_more_answers_than_items_gives_all_others(engine):
    assert len(engine.similar("0000", k=10_000)) == len(ROWS) - 1


def test_search_by_text_finds_the_world(engine):
    found = engine.search("astronauts in orbit around an alien planet", k=10)
    assert sum(ROWS[int(match.id)]["genres"] == "space" for match in found) >= 9
    table = found.to_pandas()
    assert list(table.columns)[:4] == ["id", "title", "score", "parts"]
    assert len(table) == 10


def test_the_map_has_a_place_for_every_item(engine):
    points = engine.map()
    assert [point.id for point in points] == [row["id"] for row in ROWS]
    assert all(np.isfinite([point.x, point.y]).all() for point in points)


@pytest.mark.parametrize(
    ("term", "error", "message"),
    [
        (lambda e: e.similar("0000", k=0), UsageError, "k must be a whole number of at least 1, got 0"),
        (lambda e: e.similar("0000", k=-1), UsageError, "k must be a whole number of at least 1"),
        (lambda e: e.similar("no such show"), UnknownItemError, "no item has the id or title"),
        (lambda e: e.search("   "), UsageError, "empty"),
        (lambda e: e.search("x", weights={"sound": 1}), UsageError, "no space 'sound'.*Valid: text"),
        (lambda e: e.search("x", weights={"text": float("nan")}), UsageError, "at least 0, got nan"),
        (lambda e: e.search("x", weights={"text": 0}), UsageError, "nothing can be searched"),
        (lambda e: e.themes(level=9), UsageError, "level must be 0 or 1 in this version, got 9"),
        (lambda e: e.theme("T9999"), UsageError, "no theme 'T9999'"),
        (lambda e: e.similar(30.5), UsageError, "expected the id or title of an item, got 30.5"),
        (lambda e: e.similar(30_000), UnknownItemError, "no item has the id or title '30000'"),
        (lambda e: e.similar("0000", k="3"), UsageError, "k must be a whole number of at least 1, got '3'"),
        (lambda e: e.search("x", k=2.5), UsageError, "k must be a whole number of at least 1, got 2.5"),
        (lambda e: e.search(None), UsageError, "Nothing to search for"),
        (lambda e: e.search("x", weights="text"), UsageError, "weights: give a dictionary"),
        (lambda e: e.search("x", weights={"text": "1"}), UsageError, "at least 0, got '1'"),
        (lambda e: e.themes(level="0"), UsageError, "level must be 0 or 1 in this version, got '0'"),
        (lambda e: discover.open(e.version.workspace, "1"), UsageError, "expected a whole number, got '1'"),
        (lambda e: discover.open(None), UsageError, "workspace: expected a folder, got None"),
        (lambda e: discover.run([], e.version.workspace, as_of=2000), UsageError, "as_of: 2000 is not a date"),
        (lambda e: discover.run("", e.version.workspace), UsageError, "catalog: expected a file, got ''"),
    ],
)
def test_bad_questions_get_one_clear_line(engine, term, error, message):
    with pytest.raises(error, match=message) as caught:
        term(engine)
    assert "\n" not in str(caught.value)


def test_a_near_miss_suggests_titles(engine):
    title = ROWS[3]["title"]
    with pytest.raises(UnknownItemError, match=f"Near titles: .*{title}"):
        engine.similar(title + "x")


def test_an_unchanged_catalog_is_not_encoded_again_and_shares_its_files(run, workspace):
    again = run(discover.open(workspace).catalog.source, workspace=workspace)
    assert (again.version, again.counts["encoded"]) == (2, 0)
    first, second = (discover.open(workspace, version=number) for number in (1, 2))
    assert [t.label for t in first.themes()] == [t.label for t in second.themes()]
    files = [engine.version.path("spaces/text/vectors.npy").stat().st_ino for engine in (first, second)]
    assert files[0] == files[1]
    of_the_night = ("report.", "ledger/", "catalog_diff/", "themes/continued.json")
    names = [name for name in first.version.files if not name.startswith(of_the_night)]
    assert [n for n in names if first.version.files[n] != second.version.files[n]] == []


def test_the_next_night_goes_on_from_the_last_and_full_starts_anew(run, workspace, words, tmp_path):
    rows = [
        *ROWS,
        *(
            {**row, "id": f"new-{i}", "title": f"{row['title']} II", "description": f"{row['description']} Again."}
            for i, row in enumerate(ROWS[::20])
        ),
    ]
    path = write(tmp_path / "more.csv", rows[::-1])
    run(path, workspace=workspace)
    before, after = discover.open(workspace, version=1), discover.open(workspace)
    continued = after.continued
    assert continued.added == len(rows) - len(ROWS)
    assert continued.moved < 0.02
    theme_of = [dict(zip(each.catalog.ids, each.items()["theme"].to_pylist(), strict=True)) for each in (before, after)]
    old = [row["id"] for row in ROWS]
    assert adjusted_rand_score(*[[themes[id] or "" for id in old] for themes in theme_of]) > 0.95
    for change in after.changes():
        assert change.titles + change.demand + change.clustering == pytest.approx(change.after - change.before)
        assert (change.demand, change.measure) == (0, "titles")
    sizes = {theme.id: theme.share for theme in after.themes()}
    assert {change.theme: change.after for change in after.changes() if change.after} == pytest.approx(sizes)
    with pytest.raises(UsageError, match="no earlier version"):
        before.changes()
    done = command("run", path, "-w", workspace, "--settings", words, "--full")
    assert done.returncode == 0, done.stderr
    assert discover.open(workspace).continued is None


def test_new_items_are_assigned_without_a_night(engine):
    worlds = {}
    for row, theme in zip(ROWS, engine.items()["theme"].to_pylist(), strict=True):
        worlds.setdefault(row["genres"], []).append(theme)
    inside = [row for row, theme in zip(ROWS, engine.items()["theme"].to_pylist(), strict=True) if theme]
    new = [{**row, "id": f"new-{i}"} for i, row in enumerate(inside[::15])]
    new.append(
        {**new[0], "id": "odd", "title": "zqx", "description": "colorless green quarterly ledgers, 17 kg of them"}
    )
    found = engine.assign(new)
    assert [each.id for each in found] == [row["id"] for row in new]
    for row, each in zip(new[:-1], found, strict=False):
        assert each.theme == max(set(worlds[row["genres"]]), key=worlds[row["genres"]].count)
        assert 0.5 < each.strength <= 1
        assert len(each.nearest) == 3
    assert (found[-1].theme, found[-1].strength) == (None, 0)
    with pytest.raises(UsageError, match="level"):
        engine.assign(new, level=7)
    with pytest.raises(InputError):
        engine.assign([])


def test_a_failed_run_changes_nothing(run, workspace, tmp_path):
    (tmp_path / "bad.csv").write_bytes(b"\x00\x01\x02")
    with pytest.raises(InputError):
        run(tmp_path / "bad.csv", workspace=workspace)
    assert discover.open(workspace).version.number == 1
    assert discover.verify(workspace) == []


def test_a_failed_first_run_leaves_nothing(tmp_path):
    with pytest.raises(InputError):
        discover.run(tmp_path / "nowhere.csv", workspace=tmp_path / "ws")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("harm", ["spaces/text/vectors.npy", "spaces/text/contents.npy", "current", "versions"])
def test_a_damaged_last_version_does_not_wedge_the_workspace(run, workspace, harm):
    if harm == "current":
        (workspace / "CURRENT").write_text("garbage")
    elif harm == "versions":
        shutil.rmtree(workspace / "versions")
    else:
        damage(workspace / "versions/00000001" / harm)
    with pytest.raises(WorkspaceError):
        discover.open(workspace).spaces["text"]
    summary = run(ROWS[:12], workspace=workspace)
    assert summary.counts["encoded"] == (0 if harm == "current" else 12)
    [warning] = [warning for warning in summary.warnings if "last version" in warning]
    assert ("text was encoded anew" if "/" in harm else "nothing continues from it") in warning
    assert discover.open(workspace).similar("0000", k=3)


def test_a_damaged_index_of_the_last_version_is_made_anew_and_said(run, workspace):
    damage(workspace / "versions/00000001/spaces/text/index/index.json")
    summary = run(ROWS, workspace=workspace)
    [warning] = summary.warnings
    assert warning.startswith("The last version is damaged, so the index of text was built anew: ")
    assert discover.open(workspace).similar("0000", k=3)


def test_what_any_version_knows_is_not_encoded_again(run, workspace, tmp_path):
    assert run(shows(each=2, seed=9), workspace=workspace).counts["encoded"] == 12
    mixed = [*ROWS[:20], *shows(each=2, seed=9), {**ROWS[0], "id": "new", "description": "A dentist learns to sail."}]
    mixed = [row | {"id": str(number)} for number, row in enumerate(mixed)]
    alone = run(mixed, workspace=tmp_path / "other")
    summary = run(mixed, workspace=workspace)
    assert (alone.counts["encoded"], summary.counts["encoded"], summary.warnings) == (33, 1, alone.warnings)
    vectors = [discover.open(each).spaces["text"].vectors for each in (workspace, tmp_path / "other")]
    assert np.einsum("ij,ij->i", *vectors) == pytest.approx(1.0, abs=1e-3)
    versions.rollback(workspace, 2)
    assert run(ROWS[:20], workspace=workspace).counts["encoded"] == 0


def test_older_versions_are_read_only_as_far_as_needed(run, workspace):
    run(ROWS[:50], workspace=workspace)
    damage(workspace / "versions/00000001/spaces/text/vectors.npy")
    summary = run(ROWS[:50], workspace=workspace)
    assert (summary.counts["encoded"], summary.warnings) == (0, ())
    summary = run(ROWS[:60], workspace=workspace)
    assert summary.counts["encoded"] == 10
    assert any(
        "Version 1 cannot be read, so what only it knew was encoded anew" in warning for warning in summary.warnings
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"image": {"modle": "x"}}, "Did you mean 'model'"),
        ({"index": {"kind": "foo"}}, "unknown kind 'foo'. Valid: auto, flat, hnsw, ivf"),
        ({"labels": {"labeller": "foo"}}, "Valid: keywords, llm, pictures, reranked"),
        ({"text": {"template": "{title"}}, "is not a template"),
        ({"text": {"device": "bogus"}}, "torch does not know 'bogus'"),
        ({"themes": {"weights": {"txt": 1}}}, "unknown space 'txt'"),
        ({"themes": {"weights": {"image": 1}}}, "no themes can be found"),
        ({"themes": {"layout": "foo"}}, "Valid: simd, umap"),
        ({"search": {"weights": {"metadta": 1}}}, "Did you mean 'metadata'"),
        ({"image": {"batch_size": 0}}, "batch_size: expected at least 1, got 0"),
        ({"image": {"query_template": "{x}"}}, "query_template: '{x}' needs one {}"),
    ],
)
def test_wrong_settings_are_one_line(tmp_path, settings, message):
    with pytest.raises(UsageError, match=message) as caught:
        discover.run(shows(each=1), workspace=tmp_path / "ws", settings=settings)
    assert "\n" not in str(caught.value)


def test_a_folder_of_pictures_is_grouped_by_what_they_show(tmp_path):
    from PIL import Image

    random = np.random.default_rng(0)
    for number in range(30):
        shade = (250, 20, 20) if number % 2 else (20, 20, 250)
        size = tuple(int(side) for side in random.integers(60, 90, size=2))
        Image.new("RGB", size, shade).save(tmp_path / f"IMG_{number:04d}.png")
    from discover import sample

    discover.run(tmp_path, workspace=tmp_path / "ws", settings=sample.settings())
    engine = discover.open(tmp_path / "ws")
    found = engine.similar("IMG_0001", k=10, weights={"image": 1})
    assert all(int(match.id[-4:]) % 2 == 1 for match in found)
    colours = [np.asarray(Image.open(tmp_path / f"{id}.png"))[0, 0, 0] for id in engine.catalog.ids]
    xs = np.array([[point.x, point.y] for point in engine.map()])
    red = np.array(colours) > 100
    assert np.linalg.norm(xs[red].mean(0) - xs[~red].mean(0)) > 2 * xs[red].std()


def test_as_of_pretends_that_later_items_do_not_exist(run, folder, tmp_path):
    workspace = tmp_path / "ws"
    summary = run(folder / "shows.csv", workspace=workspace, as_of="1999-12-31")
    expected = [row["id"] for row in ROWS if row["release_date"] <= "1999-12-31"]
    assert discover.open(workspace).catalog.ids == expected
    assert any("1999-12-31" in warning for warning in summary.warnings)
    with pytest.raises(UsageError, match="not a date like"):
        run(folder / "shows.csv", workspace=workspace, as_of="last year")


def test_a_required_picture_model_that_is_missing_stops_and_an_optional_one_is_said(tmp_path):
    rows = [row | {"poster": "poster.png"} for row in shows(each=4)]
    from PIL import Image

    Image.new("RGB", (64, 96), "red").save(tmp_path / "poster.png")
    catalog = write(tmp_path / "shows.csv", rows)
    gone = {"model": "local-dir:/nowhere"}
    with pytest.raises(ModelError, match="/nowhere does not exist"):
        discover.run(catalog, workspace=tmp_path / "ws", settings={"image": gone | {"required": True}})
    assert not (tmp_path / "ws" / "CURRENT").exists()
    summary = discover.run(catalog, workspace=tmp_path / "ws", settings={"image": gone})
    said = [warning for warning in summary.warnings if "images were not used" in warning]
    assert said
    assert "images were not used" in summary.report.read_text()
    assert list(discover.open(tmp_path / "ws").spaces) == ["text"]


@pytest.mark.parametrize("items", [1, 2, 3, 7])
def test_tiny_catalogs_run_and_say_that_there_are_no_themes(run, tmp_path, items):
    summary = run(shows(each=2)[:items], workspace=tmp_path / "ws")
    engine = discover.open(tmp_path / "ws")
    assert summary.counts["themes"] == 0
    assert engine.themes() == []
    assert "no themes" in engine.why
    assert len(engine.similar("0000", k=3)) == min(3, items - 1)


def test_items_with_nothing_to_encode_are_counted_and_what_was_looked_at_is_named(tmp_path):
    rows = [{"id": str(i), "Name": f"Item {i}", "plot": ""} for i in range(4)]
    settings = {"text": {"template": "{genres} {keywords}"}, "catalog": {"genres": "plot"}}
    looked = "in genres (plot), keywords (no column), image (no column)"
    with pytest.raises(InputError, match=rf"none of its 4 items has anything to encode {re.escape(looked)}$"):
        discover.run(rows, workspace=tmp_path / "ws", settings=settings)
    rows[1]["plot"] = "A keeper of a lighthouse finds a letter."
    summary = discover.run(rows, workspace=tmp_path / "ws", settings=settings)
    assert f"3 of 4 items have nothing to encode {looked}. No theme can hold them" in summary.warnings


def test_why_no_picture_could_be_encoded_is_said(tmp_path):
    (tmp_path / "a.png").write_bytes(b"text")
    tiny = {"model": f"local-dir:{sample.home() / 'tiny-clip'}"}
    settings = {"text": {"template": "{genres}"}, "image": tiny}
    with pytest.raises(InputError, match=r"none of its 1 item .*image \(poster\) \(not a picture in a known format"):
        discover.run(
            [{"id": "a", "title": "A", "poster": str(tmp_path / "a.png")}],
            workspace=tmp_path / "ws",
            settings=settings | {"catalog": {"description": ""}},
        )


def test_identical_items_are_no_theme(run, tmp_path):
    rows = [{"id": str(i), "title": "Same", "description": "The same words every time."} for i in range(300)]
    summary = run(rows, workspace=tmp_path / "ws")
    assert (summary.counts["items"], summary.counts["encoded"], summary.counts["themes"]) == (300, 1, 0)


def test_vectors_of_other_weights_are_refused(workspace):
    engine = discover.open(workspace)
    from dataclasses import replace

    assert engine.similar(ROWS[0]["id"])
    space = engine.spaces["text"]
    engine.spaces["text"] = replace(space, identity=replace(space.identity, digest="0" * 64))
    with pytest.raises(ModelError, match="differs in digest"):
        engine.search("space")


@pytest.mark.parametrize("name", ["spaces/text/vectors.npy", "spaces/text/index/index.json", "catalog/items.parquet"])
def test_a_flipped_bit_is_found_before_it_answers(workspace, name):
    path = workspace / "versions/00000001" / name
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(WorkspaceError, match=Path(name).name):
        discover.open(workspace).search("a chef")
    done = command("verify", "-w", workspace)
    assert done.returncode == 4
    assert name in done.stderr


def test_commands_answer_in_tables_and_json(folder):
    workspace = folder / "ws"
    done = command("similar", "0003", "-w", workspace, "-k", 3, "--json")
    assert [match["id"] for match in json.loads(done.stdout)] == [
        match.id for match in discover.open(workspace).similar("0003", k=3)
    ]
    themes = json.loads(command("themes", "-w", workspace, "--json").stdout)
    assert sum(theme["size"] for theme in themes) <= len(ROWS)
    one = json.loads(command("theme", themes[0]["id"], "-w", workspace, "--json").stdout)
    assert len(one["items"]) == themes[0]["size"]
    assert themes[0]["label"].split()[0] in command("themes", "-w", workspace).stdout
    assert json.loads(command("versions", "-w", workspace, "--json").stdout)[0]["current"] is True
    assert Path(command("report", "-w", workspace).stdout.strip()).exists()
    assert "intact" in command("verify", "-w", workspace).stdout


def test_the_run_prints_what_it_guessed_and_what_it_did_not_use(tmp_path):
    rows = [{"nr": row["id"], "x": row["description"], "shelf": "a", "room": "b"} for row in shows(each=1)]
    write(tmp_path / "c.csv", rows)
    printed = [" ".join(line.split()) for line in command("run", "c.csv", cwd=tmp_path).stdout.splitlines()]
    assert printed[:4] == ["id nr", "title x (guessed)", "description x (guessed)", "not used shelf, room"]
    stored = discover.open(tmp_path / "discover-workspace").catalog
    assert (stored.guessed, stored.unused) == (("title", "description"), ("shelf", "room"))
    facts = json.loads(command("run", "c.csv", "--json", cwd=tmp_path).stdout)
    assert (facts["guessed"], facts["unused"]) == (["title", "description"], ["shelf", "room"])


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["similar", "x", "-w", "nowhere"], 4, "discover run"),
        (["run", "nowhere.csv"], 3, "nowhere.csv"),
        (["run", "empty.csv"], 3, "empty.csv"),
        (["run", "ok.csv", "--settings", "bad.toml"], 2, "unknown setting 'themse'. Did you mean 'themes'"),
        (["run", "ok.csv", "--as-of", "x"], 2, "not a date"),
        (["rollback", "7", "-w", "nowhere"], 4, "nowhere"),
        (["similar"], 2, "ID_OR_TITLE"),
    ],
)
def test_errors_are_one_line_with_their_exit_code(tmp_path, arguments, code, message):
    write(tmp_path / "ok.csv", shows(each=1))
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "bad.toml").write_text("[themse]\nseed = 1\n")
    done = command(*arguments, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    if code != 2 or "usage" not in done.stderr:
        assert len(done.stderr.strip().splitlines()) == 1


def test_rollback_and_the_next_number(run, workspace, tmp_path):
    run(write(tmp_path / "fewer.csv", ROWS[:100]), workspace=workspace)
    assert len(discover.open(workspace).catalog) == 100
    assert command("rollback", 1, "-w", workspace).returncode == 0
    assert len(discover.open(workspace).catalog) == len(ROWS)
    assert run(write(tmp_path / "more.csv", ROWS), workspace=workspace).version == 3


@pytest.mark.slow
def test_a_run_says_nothing_of_its_libraries(tmp_path):
    code = (
        "import logging, discover\nlogging.basicConfig()\n"  # as some libraries do by their first message
        f"discover.run([{{'id': str(i), 'title': f'show {{i}}'}} for i in range(6)], {str(tmp_path / 'ws')!r})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "DEBUG" not in done.stderr + done.stdout


def test_a_column_keeps_its_role_when_one_of_a_better_name_comes(run, tmp_path):
    rows = [{"id": row["id"], "name": row["title"], "text": row["description"]} for row in shows(each=3)]
    masters = [{**row, "title": f"HD master {number}"} for number, row in enumerate(rows)]
    assert run(rows, tmp_path).mapping["title"] == ("name",)
    second = run(masters, tmp_path)
    assert (second.mapping["title"], second.unused) == (("name",), ("title",))
    new = [
        {"name": "Red Orbit", "title": "4K master", "text": "Astronauts on a dying station."},
        {"name": "", "text": ""},
    ]
    found = discover.open(tmp_path).assign(new)
    assert [each.title for each in found] == ["Red Orbit"]
    assert any("1 of 2 rows was set aside" in warning for warning in found.warnings)
    path = tmp_path / "new.json"
    path.write_text(json.dumps(new))
    done = command("assign", path, "-w", tmp_path, "--json")
    assert [each["title"] for each in json.loads(done.stdout)] == ["Red Orbit"]
    assert "1 of 2 rows was set aside" in done.stderr
    third = run([{k: v for k, v in row.items() if k != "name"} for row in masters], tmp_path)
    assert third.mapping["title"] == ("title",)
    assert any(
        "Column 'name', used for title in the last run, is missing. Title is read from 'title'" in w
        for w in third.warnings
    )
    named = run(masters, tmp_path, settings={"catalog": {"title": "name"}})
    assert named.mapping["title"] == ("name",)
    assert run(masters, tmp_path).mapping["title"] == ("title",)  # what settings said goes with them
