"""The layout, the import rule, the public names and the plug-in folders, held from the first day."""

import ast
import dataclasses
import importlib
import inspect
import operator
import pkgutil
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import discover
from discover import cli
from discover.core import errors, plugins, types
from discover.core.errors import SettingsError
from discover.core.settings import DEFAULT_WORKSPACE, Settings
from discover.embeddings import encoders
from discover.labels import labellers as labels
from discover.report import sections
from discover.themes import layouts

ROOT = Path(__file__).parents[1]


def test_public_names():
    assert sorted(discover.__all__) == [
        "DiscoverError",
        "DiscoverNeighbors",
        "Engine",
        "Settings",
        "open",
        "rollback",
        "run",
        "verify",
        "versions",
    ]
    assert all(getattr(discover, name) is not None for name in discover.__all__)


def test_imports_point_down():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--config", "pyproject.toml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["--help"],
        ["serve", "--rate", "x", "-w", "nowhere"],
        ["versions", "-w", "nowhere"],
        ["similar", "x", "-w", "nowhere"],
    ],
)
def test_commands_that_do_not_encode_do_not_import_heavy_packages(command):
    heavy = ("torch", "umap", "hdbscan", "sentence_transformers", "open_clip", "matplotlib", "pandas", "bertopic")
    code = (
        "import sys\nfrom discover.cli import main\n"
        f"try: main({command!r})\nexcept SystemExit: pass\n"
        f"print('IMPORTED', [name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "IMPORTED []" in done.stdout, done.stdout + done.stderr


def declared():
    """What pyproject.toml asks for, by the extra that asks for it; "" is what every installation has."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = {"": project["dependencies"]} | project["optional-dependencies"]
    return {extra: [Requirement(each) for each in listed] for extra, listed in asked.items()}


def test_what_is_imported_is_asked_for():
    users = {extra: listed for extra, listed in declared().items() if extra not in ("dev", "bench")}
    asked = {canonicalize_name(each.name) for listed in users.values() for each in listed}
    asked |= sys.stdlib_module_names | {"discover", "indexes"}
    owners = packages_distributions()
    strange = {
        f"{path.relative_to(ROOT)}: {name}"
        for package in ("discover", "indexes")
        for path in (ROOT / package).rglob("*.py")
        for name in {module.partition(".")[0] for module, _ in imported(path)}
        if not asked & {name, *map(canonicalize_name, owners.get(name, []))}
    }
    assert not strange, "add them to pyproject.toml, or to an extra"


def test_the_versions_that_were_tested_satisfy_what_is_asked_for():
    pinned = {canonicalize_name(pin.name): next(iter(pin.specifier)).version for pin, _ in pins()}
    unpinned = ("content-discover", "scalable-vs", "hnswlib", "usearch")  # itself; some processors' index; benchmarks
    requirements = [one for listed in declared().values() for one in listed if one.name not in unpinned]
    assert not [str(one) for one in requirements if not one.specifier.contains(pinned[canonicalize_name(one.name)])]


def test_every_tested_version_is_held_by_its_digests_and_names_no_address():
    assert not [str(pin) for pin, digests in pins() if not digests]
    assert "://" not in (ROOT / "constraints.txt").read_text()


def pins() -> list[tuple[Requirement, list[str]]]:
    """Each requirement of constraints.txt with its SHA-256 digests (64 hex digits)."""
    text = (ROOT / "constraints.txt").read_text().replace("\\\n", " ")
    lines = [line.split("--hash=") for line in text.splitlines() if line and not line.startswith("#")]
    return [(Requirement(one), re.findall(r"sha256:([0-9a-f]{64})\b", " ".join(rest))) for one, *rest in lines]


FROZEN = [kind for _, kind in inspect.getmembers(types, inspect.isclass) if dataclasses.is_dataclass(kind)]


@pytest.mark.parametrize("kind", FROZEN)
def test_what_stages_hand_on_is_frozen(kind):
    assert kind.__dataclass_params__.frozen


def test_the_package_of_types_exports_all_that_its_modules_define():
    for file in pkgutil.iter_modules(types.__path__, f"{types.__name__}."):
        module = importlib.import_module(file.name)
        for name, value in vars(module).items():
            if inspect.isclass(value) and value.__module__ == file.name:
                assert getattr(types, name) is value
    assert len(FROZEN) > 45


@pytest.mark.parametrize("folder", [encoders, labels, layouts, sections], ids=lambda folder: folder.__name__)
def test_a_plugin_is_its_file(folder):
    found = plugins.names(folder)
    assert found
    for name in found:
        module = importlib.import_module(f"{folder.__name__}.{name}")
        plugin = getattr(module, "".join(part.capitalize() for part in name.split("_")))
        assert dataclasses.is_dataclass(plugin)
        assert plugin.__doc__


def test_an_unknown_plugin_or_option_lists_the_valid_ones():
    with pytest.raises(SettingsError, match=r"Valid: clip, sentence"):
        plugins.load(encoders, "word2vec")
    with pytest.raises(SettingsError, match=r"Did you mean 'template'\? Valid: .*batch_tokens"):
        plugins.load(encoders, "sentence", {"templat": "{title}"})


def test_every_error_has_the_exit_code_that_its_docstring_draws():
    codes = {
        "UsageError": 2, "SettingsError": 2, "UnknownThemeError": 2, "InputError": 3, "UnknownItemError": 3,
        "WorkspaceError": 4, "OtherSoftwareError": 4, "BusyError": 5, "DiskError": 6, "NotDurableError": 6,
        "ModelError": 7, "OutOfMemoryError": 8, "CancelledError": 1,
    }  # fmt: skip
    found = {n: c.exit_code for n, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, Exception)}
    assert found == codes | {"DiscoverError": 1}
    for name in codes:
        assert f"── {name} " in errors.__doc__


def test_no_module_pickles():
    sources = [path for folder in ("discover", "indexes") for path in (ROOT / folder).rglob("*.py")]
    loading = ("import pickle", "joblib.load", "torch.load(", "allow_pickle=True")
    assert [(path, word) for path in sources for word in loading if word in path.read_text()] == []


def test_settings_round_trip_and_refuse_unknown_keys():
    given = Settings.from_dict({"image": {"model": "local-dir:x", "required": True}, "themes": {"min_size": 7}})
    assert Settings.from_dict(given.to_dict()) == given
    assert given.image.options == {"model": "local-dir:x"}
    with pytest.raises(SettingsError, match=r"unknown setting 'theme'. Did you mean 'themes'"):
        Settings.from_dict({"theme": {}})
    with pytest.raises(SettingsError, match="epochs: expected int, got 'many'"):
        Settings.from_dict({"themes": {"epochs": "many"}})


def modules():
    """Every module of the packages, imported."""
    found = [
        module.name
        for package in ("discover", "indexes")
        for module in pkgutil.walk_packages([str(ROOT / package)], prefix=f"{package}.")
    ]
    return {name: importlib.import_module(name) for name in found if not name.endswith("__main__")}


def imported(path):
    """What a file imports from: (module, name) of each name."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)


def test_no_underscore_name_is_imported_across_rooms():
    wrong = []
    for path in (ROOT / "discover").rglob("*.py"):
        room = ".".join(path.relative_to(ROOT).parts[:2])
        for module, name in imported(path):
            parts = f"{module}.{name}".split(".")
            theirs = module.split(".")[0] in ("discover", "indexes") and not f"{module}.".startswith(f"{room}.")
            if theirs and any(part.startswith("_") and not part.startswith("__") for part in parts):
                wrong.append((str(path), module, name))
    assert wrong == []


def test_no_file_bears_the_name_of_what_its_package_exports():
    everything = modules()  # importing a module sets its name in its package, over whatever stood there
    assert discover.catalog.read is importlib.import_module("discover.catalog.reader").read
    for name, module in everything.items():
        if hasattr(module, "__path__"):
            files = {each.name for each in pkgutil.iter_modules(module.__path__)}
            lazily = set(dir(module)) if "__dir__" in vars(module) else set()
            at_once = {each for each, value in vars(module).items() if not inspect.ismodule(value)}
            assert not files & (lazily | at_once), name
    documented = "run open versions rollback verify Settings catalog.read edits.add edits.undo report.make report.html"
    for path in f"{documented} report.dossier.html engine.open client.Client".split():
        assert callable(operator.attrgetter(path)(discover)), path


def test_every_module_says_what_it_is():
    assert [name for name, module in modules().items() if not module.__doc__] == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"themes": {"neighbours": 1}}, "neighbours: expected at least 2, got 1"),
        ({"ledger": {"died_after": 0}}, "died_after: expected at least 1, got 0"),
        ({"themes": {"min_size": 0}}, "min_size: expected at least 2, got 0"),
        ({"themes": {"significance": 5}}, "significance: expected between 0 and 1"),
        ({"themes": {"seed": -1}}, "seed: expected between 0 and 4,294,967,295, got -1"),
        ({"themes": {"components": 1000}}, "components: expected between 1 and 50, got 1000"),
        ({"themes": {"weights": {"text": float("inf")}}}, "weights.text: expected a number of at least 0, got inf"),
        ({"labels": {"options": "x"}}, "labels: options: expected a table, got 'x'"),
        ({"folder": "x"}, r"unknown setting 'folder'.*Valid: catalog"),
        ({"index": {"recall": 2}}, "recall: expected above 0 and at most 1, got 2"),
    ],
)
def test_settings_out_of_range_are_refused(content, message):
    with pytest.raises(SettingsError, match=message):
        Settings.from_dict(content)


def test_every_command_has_the_default_workspace_that_its_help_says():
    line = cli.parser()
    assert line.parse_args(["themes"]).workspace == DEFAULT_WORKSPACE
    assert line.parse_args(["run", "x.csv"]).workspace == DEFAULT_WORKSPACE
    assert line.parse_args(["demo"]).workspace == "demo-workspace"
    assert inspect.signature(discover.run).parameters["workspace"].default == DEFAULT_WORKSPACE
    assert inspect.signature(discover.open).parameters["workspace"].default == DEFAULT_WORKSPACE
