"""A night that nobody watches: log, figures, messages, exit codes, kills, old versions."""

import errno
import hashlib
import io
import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

import discover
from discover.catalog import reader as catalog
from discover.core.errors import DiskError, SettingsError
from discover.core.settings import Settings
from discover.embeddings import checkpoint as unfinished
from discover.embeddings import embed as embeddings
from discover.embeddings.encoders.sentence import Sentence
from discover.nightly import metrics, pipeline
from discover.store import versions
from discover.testing import shows
from tests.forks import Fault
from tests.shell import command, write
from tests.workspaces import rising_shows

SECRET = "hunter2-in-the-url"


def events(text):
    """Every line of a JSON log."""
    found = [json.loads(line) for line in text.splitlines()]
    for each in found:
        assert each["level"] in ("info", "warning", "error")
        assert datetime.fromisoformat(each["time"]).utcoffset().total_seconds() == 0
    return found


def figures(path):
    """Sample -> value of a Prometheus textfile; the stage, where there is one, after the name."""
    return {
        " ".join(filter(None, (sample.name, sample.labels.get("stage")))): sample.value
        for family in text_string_to_metric_families(path.read_text())
        for sample in family.samples
    }


class Receiver(ThreadingHTTPServer):
    """Takes messages on loopback and answers each with `answer`."""

    answer = 200

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.messages = []

    @property
    def url(self):
        return f"json://someone:{SECRET}@127.0.0.1:{self.server_port}/{SECRET}?+X-Token={SECRET}"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert SECRET in self.path
        self.server.messages.append(content)
        self.send_response(self.server.answer)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def receiver():
    server = Receiver()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def settings(tmp_path, receiver, model):
    """A function that writes a settings file in which the receiver is told."""

    def write(when, more=""):
        path = tmp_path / "discover.toml"
        text = "" if "[text]" in more else f"[text]\nmodel = {json.dumps(str(model))}\n"
        notify = f"[notify]\nurls = [{json.dumps(receiver.url)}]\nwhen = {json.dumps(when)}\n"
        path.write_text(text + notify + more)
        return path

    return write


@pytest.fixture(scope="module")
def results(tmp_path_factory, words):
    """A workspace after two nights of the command with all that watches it, and what the second printed."""
    folder = tmp_path_factory.mktemp("job")
    shows_file = write(folder / "shows.csv", shows(each=8))
    options = ["-w", folder / "ws", "--settings", words, "--metrics", folder / "discover.prom"]
    options += ["--log-format", "json", "--quiet"]
    first = command("run", shows_file, *options)
    assert first.returncode == 0, first.stderr
    second = command("run", shows_file, *options, "--keep", 1)
    return folder, options, second


def test_a_night_is_one_line_and_a_log_of_its_stages(results):
    folder, _, done = results
    assert done.returncode == 0, done.stderr
    facts = versions.open(folder / "ws").manifest
    assert len(done.stdout.splitlines()) == 1
    assert done.stdout.startswith("version 2: 48 items, ")
    assert "1 removed old version" in done.stdout
    told = events(done.stderr)
    assert [each["event"] for each in told] == ["start", *["stage"] * len(facts["timings"]), "removed", "done"]
    stages = {each["stage"]: each for each in told if each["event"] == "stage"}
    assert {name: stage["seconds"] for name, stage in stages.items()} == facts["timings"]
    assert stages["read"]["items"] == 48
    assert (stages["encode"]["vectors"], stages["encode"]["encoded"]) == (48, 0)
    assert stages["trends"]["alerts"] == facts["counts"]["alerts"]
    assert told[-2]["versions"] == [1]
    assert told[-1]["counts"] == facts["counts"]
    assert Path(told[-1]["report"]).exists()
    assert versions.numbers(folder / "ws") == [2]


def test_figures_are_those_of_the_version_and_outlast_a_failure(results):
    folder, options, _ = results
    version, path = versions.open(folder / "ws"), folder / "discover.prom"
    good = figures(path)
    assert good["discover_last_run_exit_code"] == 0
    assert good["discover_last_success_timestamp_seconds"] == datetime.fromisoformat(version.created).timestamp()
    for stage, seconds in version.manifest["timings"].items():
        assert good[f"discover_stage_duration_seconds {stage}"] == seconds
    names = {
        "items": "items",
        "encoded_items": "encoded",
        "themes": "themes",
        "outliers": "outliers",
        "alerts": "alerts",
    }
    names |= {"rejected_rows": "rejected rows", "rejected_values": "rejected values"}
    for name, count in names.items():
        assert good[f"discover_{name}"] == version.manifest["counts"][count]
    failed = command("run", folder / "nowhere.csv", *options)
    assert (failed.returncode, failed.stdout) == (3, "")
    last = events(failed.stderr)[-1]
    assert (last["event"], last["level"], last["exit_code"]) == ("error", "error", 3)
    assert "nowhere.csv: no such file" in last["message"]
    bad = figures(path)
    changing = {name for name in good if name.startswith("discover_last_run")}
    assert bad["discover_last_run_exit_code"] == 3
    assert bad["discover_last_run_timestamp_seconds"] > good["discover_last_run_timestamp_seconds"]
    assert {n: v for n, v in bad.items() if n not in changing} == {n: v for n, v in good.items() if n not in changing}
    assert [each.name for each in folder.iterdir() if "prom" in each.name] == ["discover.prom"]


def test_a_log_for_people_has_the_same_events(results):
    folder, _, _ = results
    done = command("run", folder / "nowhere.csv", "-w", folder / "ws", "--log-format", "text")
    first, second, last = done.stderr.splitlines()
    assert " info start catalog=" in first
    assert " info stage stage=open " in second
    assert " error error " in last
    assert last.endswith("Check the path exit_code=3")


def test_a_fault_of_ours_is_an_event_with_its_traceback(tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "run", None)
    done = command("run", "x.csv", "--log-format", "json", cwd=tmp_path)
    last = events(done.stderr)[-1]
    assert (done.returncode, last["exit_code"]) == (1, 1)
    assert last["message"].startswith("TypeError: ")
    assert "Traceback" in last["traceback"]


def test_warnings_of_other_packages_are_events_too(tmp_path):
    code = "import warnings, logging; from discover.core import logs; logs.show('json'); warnings.warn('a\\nb'); "
    done = subprocess.run(
        [sys.executable, "-c", code + "logging.getLogger('other').error('c %s', 1)"], capture_output=True, text=True
    )
    found = events(done.stderr)
    assert [each["event"] for each in found] == ["library", "library"]
    assert [each["logger"] for each in found] == ["py.warnings", "other"]
    assert found[1]["message"] == "c 1"


def test_what_cannot_be_done_at_the_end_is_said_at_the_start(tmp_path):
    done = command("run", "x.csv", "--metrics", "none/x.prom", cwd=tmp_path)
    assert done.returncode == 6
    assert done.stderr == f"discover: --metrics none/x.prom: folder {tmp_path / 'none'} does not exist. Create it\n"
    done = command("run", "x.csv", "--metrics", ".", cwd=tmp_path)
    assert done.stderr == "discover: --metrics .: this is a folder. Name a file in a writable folder\n"
    assert "argument --metrics: expected a file, got ''" in command("run", "x.csv", "--metrics", "").stderr
    with pytest.raises(DiskError, match=r"^\[run\] metrics none/x\.prom: folder .* does not exist"):
        discover.run(shows(each=1), tmp_path, {"run": {"metrics": "none/x.prom"}})
    for options, message in (
        (["--keep", "0"], "[run] keep: expected at least 1, got 0"),
        (["--quiet", "--json"], "Choose one"),
    ):
        done = command("run", "x.csv", *options, cwd=tmp_path)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
        assert message in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", [True, False])
def test_figures_that_could_not_be_written_name_what_was_given(tmp_path, monkeypatch, option):
    """... and not the file that is written first and then put in its place."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "settings").mkdir()
    (tmp_path / "settings" / "discover.toml").write_text('[run]\nmetrics = "x.prom"\n')
    given = replace(Settings.read("settings/discover.toml"), folder=Path("settings"))
    if option:
        given = replace(given, run=replace(given.run, metrics="settings/x.prom", metrics_option="--metrics"))
    textfile = metrics.Textfile.asked(given)
    textfile.check()
    (tmp_path / "settings" / "x.prom").mkdir()  # since then
    with pytest.raises(DiskError) as caught:
        metrics.write(textfile, tmp_path / "ws", 0, 1.0)
    asked = "--metrics" if option else "[run] metrics"
    told = f"{asked} settings/x.prom: Is a directory. A folder is there: choose another {asked}"
    assert str(caught.value) == told
    assert sorted(each.name for each in (tmp_path / "settings").iterdir()) == ["discover.toml", "x.prom"]


def test_a_quiet_night_tells_on_stderr_what_no_report_can(tmp_path, receiver, settings):
    """What was sent and written after the version was there: a line each, unless the log has it."""
    receiver.answer = 500
    path = settings(["always"])
    arguments = ["run", write(tmp_path / "shows.csv", shows(each=2)), "-w", tmp_path / "ws", "--settings", path]
    failed = "[notify] urls: number 1 (JSON) did not take the message. Try the URL with `apprise -vv`"
    done = command(*arguments, "--quiet")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1)
    assert done.stderr == f"discover: {failed}\n"
    done = command(*arguments, "--quiet", "--log-format", "json")
    assert [each["message"] for each in events(done.stderr) if each["event"] == "warning"].count(failed) == 1
    assert json.loads(command(*arguments, "--json").stdout)["undone"] == [failed]


# --- messages ----------------------------------------------------------------------------------------------


def holders(folder, words):
    """The files under a folder that hold the words."""
    return [path for path in folder.rglob("*") if path.is_file() and words.encode() in path.read_bytes()]


def test_a_rise_is_told_and_the_url_is_told_to_nobody(tmp_path, receiver, settings):
    rows = rising_shows()
    shows_file, path = write(tmp_path / "shows.csv", rows), settings(["emerging"])
    done = command("run", shows_file, "-w", tmp_path / "ws", "--settings", path, "--log-format", "json", "--json")
    assert done.returncode == 0, done.stderr
    assert {"event": "notified", "receivers": 1}.items() <= events(done.stderr)[-2].items()
    engine = discover.open(tmp_path / "ws")
    rising = [trend for level in range(engine.levels) for trend in engine.trends(emerging=True, level=level)]
    (message,) = receiver.messages
    many = len({each.theme for each in rising})
    assert message["title"] == f"shows.csv: {many} rising, {many} of them new (version 1)"
    lines = message["message"].splitlines()
    assert lines[0] == json.loads((engine.version.path("report.json")).read_text())["sections"]["summary"]["paragraph"]
    assert any(rising[0].label in line and f"{rising[0].lift:.1f} times" in line for line in lines)
    assert lines[-1] == f"Report: {engine.version.path('report.html')}"
    assert SECRET not in done.stdout + done.stderr
    assert holders(tmp_path, SECRET) == [path]
    discover.run(shows_file, tmp_path / "ws", path)
    assert discover.open(tmp_path / "ws").trends(emerging=True) and len(receiver.messages) == 1  # told already


def test_a_message_that_is_not_taken_is_a_warning(tmp_path, receiver, settings):
    receiver.answer = 500
    path, rows = settings(["always"]), shows(each=2)
    summary = discover.run(rows, tmp_path / "ws", path)
    assert len(receiver.messages) == 1
    assert [each for each in summary.warnings if "[notify]" in each] == [
        "[notify] urls: number 1 (JSON) did not take the message. Try the URL with `apprise -vv`"
    ]
    done = command("run", "nowhere.csv", "-w", tmp_path / "ws", "--settings", path)
    assert (done.returncode, len(done.stderr.splitlines())) == (3, 1)
    assert "no such file or folder. Check the path. [notify] urls: number 1 (JSON) did not take" in done.stderr
    assert SECRET not in done.stderr


@pytest.mark.parametrize(("when", "told"), [(["failure", "emerging"], 0), (["always"], 1)])
def test_a_quiet_night_is_told_only_where_always_is_wanted(tmp_path, receiver, settings, when, told):
    discover.run(shows(each=2), tmp_path / "ws", settings(when))
    assert [each["title"] for each in receiver.messages] == ["list: no theme rises beyond chance (version 1)"] * told


def test_a_url_may_come_from_the_environment(run, tmp_path, receiver, monkeypatch):
    given = {"notify": {"urls": ["$DISCOVER_TEST_URL"], "when": ["always"]}}
    with pytest.raises(SettingsError, match=r"number 1 names the environment variable \$DISCOVER_TEST_URL, which is"):
        run(shows(each=2), tmp_path / "ws", given)
    monkeypatch.setenv("DISCOVER_TEST_URL", receiver.url)
    run(shows(each=2), tmp_path / "ws", given)
    assert len(receiver.messages) == 1


@pytest.mark.parametrize(
    "table",
    [
        f'[notify]\nurls = ["no-such-kind://{SECRET}"]',
        f'[notify]\nurls = ["json://x", 3, "{SECRET}"]',
        f'[notify]\nurls = {{chat = "json://{SECRET}"}}',
        f'notify = "json://{SECRET}"',
    ],
)
def test_settings_that_are_wrong_show_no_secret(tmp_path, table):
    (tmp_path / "discover.toml").write_text(table)
    done = command("run", write(tmp_path / "shows.csv", shows(each=1)), "-w", tmp_path / "ws", cwd=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "notify" in done.stderr
    assert SECRET not in done.stderr


def test_settings_of_operation_are_in_no_version_and_no_print():
    given = Settings.from_dict({"notify": {"urls": [f"json://{SECRET}"]}, "run": {"keep": 3}})
    assert {"run", "notify"}.isdisjoint(given.to_dict())
    assert SECRET not in repr(given)
    assert replace(given, run=Settings().run, notify=Settings().notify) == Settings.from_dict(given.to_dict())


# --- exit codes --------------------------------------------------------------------------------------------


@contextmanager
def unchanged(_):
    yield


@contextmanager
def edits_damaged(workspace):
    (workspace / "edits.jsonl").write_text("no edit\n")
    yield
    (workspace / "edits.jsonl").unlink()


@pytest.fixture
def attacked(shared, tmp_path):
    """A workspace of twelve shows."""
    return shared.copy("few", tmp_path / "attacked") / "ws"


@pytest.mark.parametrize(
    ("code", "state", "more", "file", "message"),
    [
        (2, unchanged, "[labels]\nlabeller = 'nobody'", "shows.csv", "unknown"),
        (3, unchanged, "", "broken.csv", "broken.csv"),
        (4, edits_damaged, "", "shows.csv", "edits.jsonl: line 1 is damaged"),
        (5, versions.locked, "", "shows.csv", "is writing to this workspace"),
        (6, unchanged, "", "shows.csv", "No space left on device"),
        (7, unchanged, "[text]\nmodel = 'nowhere'", "shows.csv", "nowhere"),
    ],
)
def test_every_failure_has_its_code_in_shell_log_figures_and_message(
    forks, request, attacked, tmp_path, receiver, settings, code, state, more, file, message
):
    workspace, metrics = attacked, tmp_path / "discover.prom"
    if code == 6:
        request.getfixturevalue("library")  # or it is skipped
    write(tmp_path / "shows.csv", shows(each=2))
    (tmp_path / "broken.csv").write_text("")
    path = settings(["failure"], more)
    full = Fault(workspace, at=12, error=errno.ENOSPC) if code == 6 else None
    before = versions.numbers(workspace)
    with state(workspace):
        arguments = ["run", tmp_path / file, "-w", workspace, "--settings", path, "--log-format", "json"]
        done = forks.run([*arguments, "--metrics", metrics], fault=full)
    last = events(done.stderr)[-1]
    assert (done.returncode, last["event"], last["exit_code"]) == (code, "error", code)
    assert message in last["message"]
    assert figures(metrics)["discover_last_run_exit_code"] == code
    assert figures(metrics)["discover_items"] == 12
    assert [each["title"] for each in receiver.messages] == [f"discover run failed (exit code {code})"]
    assert last["message"] in receiver.messages[0]["message"]
    assert versions.numbers(workspace) == before
    assert versions.verify_files(workspace) == []


# --- kills -------------------------------------------------------------------------------------------------


def test_a_killed_night_goes_on_and_ends_as_if_it_had_not_been_killed(forks, library, words, model, tmp_path):
    rows = shows(each=embeddings.CHUNK_INPUTS // 6 + 20)  # two chunks, of which the first is kept
    path, workspace = write(tmp_path / "shows.csv", rows), tmp_path / "ws"
    job = ["run", path, "--settings", words, "--json", "-w", workspace]
    assert forks.run(job, fault=Fault(workspace, at=30)).returncode == -9
    assert len(list((workspace / unfinished.FOLDER).iterdir())) == 1
    resumed = forks.run(job)
    assert resumed.returncode == 0, resumed.stderr
    assert json.loads(resumed.stdout)["counts"]["encoded"] == len(rows) - embeddings.CHUNK_INPUTS
    assert not (workspace / unfinished.FOLDER).exists()
    whole, _ = embeddings.encode(catalog.read(path), Sentence(model=str(model)), "text")
    assert np.array_equal(discover.open(workspace).spaces["text"].vectors, whole.vectors)


def test_what_was_kept_and_then_damaged_is_encoded_anew(tmp_path):
    random, said = np.random.default_rng(0), []
    identity = Sentence().identity()
    contents = np.array([f"{i:064d}" for i in range(6)], dtype="S64")
    vectors = random.normal(size=(6, identity.dimension)).astype(np.float32)
    for part in (slice(0, 3), slice(3, 6)):
        unfinished.keep(tmp_path, "text", identity, contents[part], vectors[part])
    found = list(unfinished.known(tmp_path, "text", said.append))
    assert [each.identity for each in found] == [identity] * 2
    assert np.array_equal(np.concatenate([each.contents for each in found]), contents)
    assert np.array_equal(np.concatenate([each.vectors() for each in found]), vectors)
    assert list(unfinished.known(tmp_path, "image", said.append)) == said == []
    first = min((tmp_path / unfinished.FOLDER).iterdir())
    content = bytearray(first.read_bytes())
    content[len(content) // 2] ^= 1
    first.write_bytes(content)
    (whole,) = unfinished.known(tmp_path, "text", said.append)
    assert np.array_equal(whole.contents, contents[3:])
    assert said == [
        f"{first}: the vectors of an interrupted run cannot be used, so they are encoded anew: damaged (wrong SHA-256)"
    ]
    strange = io.BytesIO()
    np.savez(strange, contents=contents, vectors=vectors, identity=np.array(json.dumps({"encoder": "other"})))
    name = f"text-0009-{hashlib.sha256(strange.getvalue()).hexdigest()}.npz"
    (tmp_path / unfinished.FOLDER / name).write_bytes(strange.getvalue())
    assert len(list(unfinished.known(tmp_path, "text", said.append))) == 1 and "encoded anew" in said[-1]
    unfinished.forget(tmp_path)
    assert list(tmp_path.iterdir()) == []
