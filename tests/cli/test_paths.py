"""Paths that are none: one line and an exit code, and nothing of that name is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from discover import cli

LONG = "x" * 5000
ADDRESS = "s3://bucket/folder"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["run", "none.csv", "-w", ADDRESS], 2),
        (["run", ADDRESS, "-w", "ws"], 3),
        (["run", "https://example.com/a.csv", "-w", "ws"], 3),
        (["demo", "-w", ADDRESS], 2),
        (["verify", "-w", ADDRESS], 2),
        (["similar", "1", "-w", ADDRESS], 2),
        (["edit", "list", "-w", ADDRESS], 2),
        (["edit", "undo", "1", "-w", ADDRESS], 2),
        (["versions", "-w", ADDRESS], 2),
        (["rollback", "1", "-w", ADDRESS], 2),
        (["prune", "-w", ADDRESS], 2),
        (["serve", "-w", ADDRESS], 2),
        (["backtest", "none.csv", "--from", "2019-01", "--to", "2019-02", "-w", ADDRESS], 2),
        (["backtest", ADDRESS, "--from", "2019-01", "--to", "2019-02", "-w", "ws"], 3),
    ],
)
def test_an_address_is_not_taken_for_a_local_folder(
    arguments: list[str], code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(arguments) == code
    out, line = capsys.readouterr()
    assert (out, line.count("\n")) == ("", 1)
    assert "not supported yet" in line or code == 3
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [
        *(["run", "none.csv", option, LONG] for option in ("-w", "--settings", "--metrics")),
        ["run", LONG, "-w", "ws"],
        *([*command, "-w", LONG] for command in (["verify"], ["edit", "list"], ["similar", "1"])),
    ],
)
def test_a_path_that_is_too_long_is_one_line(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(command) in (2, 3, 6)
    line = capsys.readouterr().err
    assert line.startswith("discover: ") and line.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [["versions"], ["verify"], ["prune"], ["rollback", "1"], ["edit", "undo", "1"]])
def test_too_little_memory_is_exit_code_8(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def starve(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("discover.store.versions.existing", starve)
    assert cli.main([*command, "-w", str(tmp_path)]) == 8
    line = capsys.readouterr().err
    assert line.startswith("discover: not enough memory") and line.count("\n") == 1
