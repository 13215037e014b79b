"""`discover run` as an Airflow DAG (Airflow 3): put this file into the folder of DAGs."""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.providers.standard.hooks.subprocess import SubprocessHook
from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException

HOME = "/srv/discover"  # holds .venv, discover.toml and the workspace
COMMAND = ".venv/bin/discover run catalog.csv --quiet --log-format json"
PASSING = (5, 6, 7)  # exit codes that may pass: busy, disk, model or remote


@dag(
    schedule="15 3 * * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,  # a run looks at the catalog as it is now
    max_active_runs=1,
)
def discover() -> None:
    """The night's themes and report."""

    @task(retries=3, retry_delay=timedelta(minutes=10), execution_timeout=timedelta(hours=6))
    def run() -> None:
        code = SubprocessHook().run_command(COMMAND.split(), cwd=HOME).exit_code
        if code in PASSING:
            raise AirflowException(f"exit code {code}")
        if code:
            raise AirflowFailException(f"exit code {code}: no use to try again")

    run()


discover()
