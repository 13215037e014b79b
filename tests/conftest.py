"""What all tests share: workspaces that are built once a session, and a process that forks.

`workspaces.py` has the workspaces by name. Each is built by the first test that asks, once for all workers.
`shared.read(name)` is for tests that only read; whoever writes or does damage takes `shared.copy(name, folder)`. At the
end of the session every byte of them must be what it was.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

import discover
from discover.core.types import RunSummary
from tests import crash, workspaces
from tests.forks import Forks

SHARED = "shared"  # where they are, in the session's temporary folder


class Shared:
    """The workspaces of a session."""

    def __init__(self, root: Path, mine: Path) -> None:
        self._root, self._mine = root, mine

    def read(self, name: str) -> Path:
        """A folder to read from: hard links of it, the same for all tests of a worker."""
        folder = self._mine / name
        if not folder.exists():
            shutil.copytree(self.built(name), folder, copy_function=os.link, ignore=shutil.ignore_patterns(".lock"))
        return folder

    def copy(self, name: str, folder: Path) -> Path:
        """A copy in a folder that is not there yet, to write to and to damage."""
        return Path(shutil.copytree(self.built(name), folder))

    def built(self, name: str) -> Path:
        """The folder itself; what is written there, all tests see, and the session fails."""
        self._root.mkdir(exist_ok=True)
        folder, seal = self._root / name, self._root / f"{name}.json"
        with FileLock(self._root / f"{name}.lock"):
            if not seal.exists():
                shutil.rmtree(folder, ignore_errors=True)  # of a worker that failed
                folder.mkdir()
                getattr(workspaces, name)(folder, self)
                seal.write_text(json.dumps(digests(folder)))
        return folder


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file, by its path in the folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever opens a browser is marked so."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fails the session where a test changed what all share."""
    factory = getattr(session.config, "_tmp_path_factory", None)
    if hasattr(session.config, "workerinput") or factory is None or factory._basetemp is None:
        return
    changed = []
    for seal in sorted((factory.getbasetemp() / SHARED).glob("*.json")):
        before, after = json.loads(seal.read_text()), digests(seal.with_suffix(""))
        changed += [f"{seal.stem}/{name}" for name in {*before, *after} if before.get(name) != after.get(name)]
    if changed:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter = session.config.pluginmanager.getplugin("terminalreporter")
        reporter.write_line(f"a test changed what all share: {', '.join(sorted(changed))}", red=True)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    own = tmp_path_factory.getbasetemp()
    root = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own  # that of all workers
    return Shared(root / SHARED, tmp_path_factory.mktemp("read"))


@pytest.fixture(scope="session")
def words(shared: Shared) -> Path:
    """A settings file that names a tiny text model, which knows the words of the planted shows."""
    return shared.built("words") / "discover.toml"


@pytest.fixture(scope="session")
def model(words: Path) -> Path:
    """That model's folder."""
    return words.with_name("words")


@pytest.fixture(scope="session")
def run(model: Path) -> Callable[..., RunSummary]:
    """`discover.run` with that text model, unless the settings, a dictionary, name another."""
    text = {"model": str(model)}

    def run(source: Any, workspace: Path, settings: Mapping[str, Any] | None = None, **options: Any) -> RunSummary:
        given = dict(settings or {})
        return discover.run(source, workspace, given | {"text": text | given.get("text", {})}, **options)

    return run


@pytest.fixture(scope="session")
def library(shared: Shared) -> Path:
    """The compiled fault.c; skips the test where there is no compiler."""
    crash.need_compiler()
    return shared.built("fault") / crash.LIBRARY


@pytest.fixture(scope="session")
def forks(shared: Shared) -> Iterator[Forks]:
    """Processes of discover without the seconds of a start; see `tests.forks`."""
    forks = Forks(shared.built("fault") / crash.LIBRARY if crash.compiler() else None)
    yield forks
    forks.close()
