"""`discover run` as a Dagster asset: `dagster dev -f dagster_job.py`."""

import json
import subprocess

import dagster

HOME = "/srv/discover"  # holds .venv, discover.toml and the workspace
COMMAND = ".venv/bin/discover run catalog.csv --json --log-format json"
PASSING = (5, 6, 7)  # exit codes that may pass: busy, disk, model or remote


@dagster.asset(retry_policy=dagster.RetryPolicy(max_retries=3, delay=600))
def themes(context: dagster.AssetExecutionContext) -> dagster.MaterializeResult:
    """The night's themes and report."""
    done = subprocess.run(COMMAND.split(), cwd=HOME, capture_output=True, text=True)
    for line in done.stderr.splitlines():
        context.log.info(line)
    if done.returncode:
        raise dagster.Failure(f"exit code {done.returncode}", allow_retries=done.returncode in PASSING)
    summary = json.loads(done.stdout)
    return dagster.MaterializeResult(
        metadata={"version": summary["version"], "report": dagster.MetadataValue.path(summary["report"])}
        | summary["counts"]
    )


nightly = dagster.define_asset_job("nightly", [themes])
definitions = dagster.Definitions(
    assets=[themes], jobs=[nightly], schedules=[dagster.ScheduleDefinition(job=nightly, cron_schedule="15 3 * * *")]
)
