"""The examples of docs/operation load, and run, where their programs are installed."""

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import discover

OPERATION = Path(__file__).parents[1] / "docs" / "operation"
HOME = "/srv/discover"
EXAMPLES = ["crontab", "discover.service", "airflow_dag.py", "dagster_job.py"]


def commands(text):
    """The arguments of every `discover` that an example starts."""
    found = re.findall(r"\.venv/bin/discover (run [^\n\"]*)", text)
    return [shlex.split(line.split(" 2>>")[0]) for line in found]


@pytest.fixture
def home(tmp_path):
    """A folder like the one that the examples name, with a catalog and a discover that prints what real ones print."""
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    program = tmp_path / ".venv" / "bin" / "discover"
    program.write_text(
        '#!/bin/sh\necho "$*" >> arguments\necho \'{"event": "done"}\' >&2\n'
        'test -e code && exit "$(cat code)"\n'
        'echo \'{"version": 7, "report": "r.html", "counts": {"items": 12}}\'\n'
    )
    program.chmod(0o755)
    return tmp_path


def load(name, home, tmp_path):
    """An example as a module, at work in `home`."""
    path = tmp_path / name
    path.write_text((OPERATION / name).read_text().replace(HOME, str(home)))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_command_of_every_example_is_one_that_discover_takes(name):
    from discover import cli

    found = commands((OPERATION / name).read_text())
    assert len(found) == 1
    assert cli.parser().parse_args(found[0]).log_format == "json"


@pytest.mark.slow
def test_the_line_of_the_crontab_makes_a_night(tmp_path):
    from discover.testing import shows
    from tests.shell import write

    write(tmp_path / "catalog.csv", shows(each=2))
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    program = tmp_path / ".venv" / "bin" / "discover"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m discover "$@"\n')
    program.chmod(0o755)
    lines = (OPERATION / "crontab").read_text().splitlines()
    (line,) = [line for line in lines if line and not line.startswith("#")]
    schedule, command = re.fullmatch(r"((?:[\d*]+ ){5})(.*)", line).groups()
    assert schedule == "15 3 * * * "
    assert "%" not in command, "cron would make it a line break"
    path = os.pathsep.join([str(OPERATION.parents[1]), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        ["/bin/sh", "-c", command.replace(HOME, str(tmp_path))],
        capture_output=True,
        text=True,
        cwd="/",
        env=os.environ | {"PYTHONPATH": path},
    )
    assert (done.returncode, done.stderr, len(done.stdout.splitlines())) == (0, "", 1)
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert (events[0]["event"], events[-1]["event"]) == ("start", "done")
    assert discover.versions(tmp_path / "discover-workspace")[-1].number == 1


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze (Debian: systemd)")
def test_systemd_takes_service_and_timer(home):
    units = []
    for name in ("discover.service", "discover.timer"):
        units.append(home / name)
        units[-1].write_text((OPERATION / name).read_text().replace(HOME, str(home)))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True)
    told = [line for line in done.stderr.splitlines() if "discover" in line]
    assert (done.returncode, told) == (0, [])
    broken = home / "broken.service"
    broken.write_text(units[0].read_text().replace("oneshot", "never").replace(".venv/bin/discover", "nowhere"))
    assert "nowhere" in subprocess.run(["systemd-analyze", "verify", broken], capture_output=True, text=True).stderr
    when = re.search(r"OnCalendar=(.*)", units[1].read_text()).group(1)
    assert subprocess.run(["systemd-analyze", "calendar", when], capture_output=True).returncode == 0


def test_the_airflow_dag_loads_and_tries_again_what_may_pass(home, tmp_path, monkeypatch):
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "airflow"))
    pytest.importorskip("airflow.sdk", reason="needs apache-airflow 3 (best in an environment of its own)")
    from airflow.sdk import DAG
    from airflow.sdk.exceptions import AirflowException, AirflowFailException

    dags = []
    leave = DAG.__exit__
    monkeypatch.setattr(DAG, "__exit__", lambda self, *reason: (dags.append(self), leave(self, *reason))[1])
    load("airflow_dag.py", home, tmp_path)
    (dag,) = dags
    (job,) = dag.tasks
    assert (dag.dag_id, dag.catchup, dag.max_active_runs, job.task_id, job.retries) == ("discover", False, 1, "run", 3)
    job.python_callable()
    assert (home / "arguments").read_text() == "run catalog.csv --quiet --log-format json\n"
    for code, error in (("6", AirflowException), ("3", AirflowFailException)):
        (home / "code").write_text(code)
        with pytest.raises(AirflowException, match=f"exit code {code}") as caught:
            job.python_callable()
        assert type(caught.value) is error


def test_the_dagster_job_loads_and_runs(home, tmp_path):
    dagster = pytest.importorskip("dagster", reason="needs dagster (best in an environment of its own)")
    module = load("dagster_job.py", home, tmp_path)
    dagster.Definitions.validate_loadable(module.definitions)
    assert [each.cron_schedule for each in module.definitions.schedules] == ["15 3 * * *"]
    done = dagster.materialize([module.themes])
    (made,) = done.asset_materializations_for_node("themes")
    assert {name: value.value for name, value in made.metadata.items()} == {
        "version": 7, "report": "r.html", "items": 12,
    }  # fmt: skip
    for code, again in (("6", True), ("3", False)):
        (home / "code").write_text(code)
        with pytest.raises(dagster.Failure, match=f"exit code {code}") as caught:
            module.themes(dagster.build_asset_context())
        assert caught.value.allow_retries is again


def test_the_settings_and_names_of_the_page_are_those_of_the_program():
    from discover.core import logs
    from discover.core.settings import Settings
    from discover.nightly import metrics

    page = (OPERATION / "README.md").read_text()
    settings = Settings.from_dict(tomllib.loads(re.search(r"```toml\n(.*?)```", page, re.DOTALL).group(1)))
    assert (settings.run.keep, settings.notify.when) == (30, ("emerging", "failure"))
    told = re.findall(r"^\| `(\w+)` \|", page.split("## Log")[1].split("## Figures")[0], re.MULTILINE)
    documented = re.findall(r"^    (\w+) +\S", logs.__doc__, re.MULTILINE)
    assert sorted(told) == sorted(documented)
    gauges = set(re.findall(r"\"(discover_\w+)\"", Path(metrics.__file__).read_text()))
    assert set(re.findall(r"`(discover_\w+)`", page.split("## Figures")[1])) == gauges
    assert set(re.findall(r"\bdiscover_\w+", (OPERATION / "alerts.yml").read_text())) <= gauges
