"""Settings: frozen dataclasses with working defaults, read from `discover.toml`.

Every key has a default, so an empty file (or none) is valid. Unknown keys and wrong types are errors that name
the file, the key and the valid ones. `[text]` and `[image]` name an encoder plug-in; their other keys are that
plug-in's own dataclass fields and are checked by it. Relative paths count from the file's folder.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass, replace
from math import inf
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from discover.core.errors import SettingsError
from discover.core.suggest import did_you_mean

S = TypeVar("S")

DEFAULT_WORKSPACE = "discover-workspace"
SEED = 20_240_229  # of all that is drawn at random, unless settings say another
NO_KEY = {"key": False}  # marks a field that no file sets
SECRET = {"secret": True}  # marks a field whose value no message shows
OPERATION = ("run", "notify")  # tables that change nothing of what is found: no version stores them


def _require(holds: bool, table: str, key: str, wanted: str, value: Any) -> None:
    """Raises SettingsError unless a value is in its range."""
    if not holds:
        raise SettingsError(f"[{table}] {key}: expected {wanted}, got {value!r}")


@dataclass(frozen=True)
class CatalogSettings:
    """Which source column plays which role; roles left out are found by name and content."""

    id: str | None = None
    title: str | None = None
    description: str | None = None
    genres: str | None = None
    keywords: str | None = None
    people: tuple[str, ...] | None = None
    country: str | None = None
    language: str | None = None
    kind: str | None = None
    date: str | None = None
    image: str | None = None
    audience: str | None = None
    day_first: bool | None = None  # 03/04/2020 is 3 April; None: decided by the column's other dates
    strict: bool = False  # stop at the first bad row instead of setting it aside
    max_field_bytes: int = 1_000_000  # a longer cell is a reject: an unclosed quote swallows files this way


@dataclass(frozen=True)
class SpaceSettings:
    """One space: the encoder plug-in that fills it, and that plug-in's options."""

    encoder: str
    required: bool = False  # when the model is missing: stop (True) or go on without this space and say so
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ThemeSettings:
    """How themes are found; the defaults suit catalogs from fifty to a million items."""

    weights: Mapping[str, float] | None = None  # space -> how much it counts; None: words, or pictures without words
    neighbours: int | None = None  # of an item in the graph, itself among them; None: 30, fewer in small catalogs
    min_size: int | None = None  # smallest theme, in items; None: chosen from the data
    components: int = 5
    epochs: int = 200
    layout: str = "simd"  # layout plug-in
    seed: int = SEED
    significance: float = 0.001  # of the null comparison that decides whether there are themes at all

    def __post_init__(self) -> None:
        _require(self.neighbours is None or self.neighbours >= 2, "themes", "neighbours", "at least 2", self.neighbours)
        _require(self.min_size is None or self.min_size >= 2, "themes", "min_size", "at least 2", self.min_size)
        _require(1 <= self.components <= 50, "themes", "components", "between 1 and 50", self.components)
        _require(self.epochs >= 1, "themes", "epochs", "at least 1", self.epochs)
        _require(0 <= self.seed < 2**32, "themes", "seed", "between 0 and 4,294,967,295", self.seed)
        for space, weight in (self.weights or {}).items():
            _require(0 <= weight < inf, "themes", f"weights.{space}", "a number of at least 0", weight)
        _require(0 < self.significance < 1, "themes", "significance", "between 0 and 1", self.significance)


@dataclass(frozen=True)
class LabelSettings:
    """How themes get their words: the labeller plug-in, and that plug-in's options."""

    keywords: int = 10
    exemplars: int = 5
    labeller: str = "keywords"
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LedgerSettings:
    """How long themes that are gone are remembered."""

    died_after: int = 30  # nights that a theme may be away; then it has died and its id does not come back

    def __post_init__(self) -> None:
        _require(self.died_after >= 1, "ledger", "died_after", "at least 1", self.died_after)


@dataclass(frozen=True)
class IndexSettings:
    """`kind` is an index plug-in's name, or "auto" for the cheapest that reaches the recall, as measured."""

    kind: str = "auto"
    recall: float = 0.95
    memory_bytes: int | None = None

    def __post_init__(self) -> None:
        _require(0 < self.recall <= 1, "index", "recall", "above 0 and at most 1", self.recall)
        memory = self.memory_bytes
        _require(memory is None or memory > 0, "index", "memory_bytes", "above 0", memory)


SPACES = ("text", "image", "lexical", "metadata")


@dataclass(frozen=True)
class SearchSettings:
    """How much each space counts in a score; `python -m benchmarks.quality` shows what the defaults rest on."""

    weights: Mapping[str, float] = field(
        default_factory=lambda: {"text": 1.0, "metadata": 0.7, "lexical": 0.5, "image": 0.5}
    )

    def __post_init__(self) -> None:
        for name, weight in self.weights.items():
            if name not in SPACES:
                raise SettingsError(unknown_option("[search] weights", name, list(SPACES)))
            _require(0 <= weight < float("inf"), "search", f"weights.{name}", "a number of at least 0", weight)


@dataclass(frozen=True)
class TrendSettings:
    """How rises and falls are judged; see `discover.trends.measure`."""

    period: Literal["auto", "week", "month", "quarter", "year"] = "auto"
    recent: int | None = None  # how many complete periods are "now"; None: 4 weeks, 3 months, 2 quarters, 2 years
    past: int | None = None  # how many before them they are judged against; None: 52, 24, 12, 10
    rate: float = 0.05  # of false alarms: where nothing moves, the share of nights with any alert
    least: float = 1.25  # the smallest change worth telling: this many times the share, or one part in as many

    def __post_init__(self) -> None:
        _require(self.recent is None or self.recent >= 1, "trends", "recent", "at least 1", self.recent)
        _require(self.past is None or self.past >= 6, "trends", "past", "at least 6", self.past)
        _require(0 < self.rate < 1, "trends", "rate", "between 0 and 1", self.rate)
        _require(1 <= self.least < inf, "trends", "least", "at least 1", self.least)


@dataclass(frozen=True)
class RunSettings:
    """What a run does when its version is there."""

    keep: int | None = None  # how many of the newest versions stay; None: all
    metrics: str | None = None  # the Prometheus textfile that is written; see `discover.nightly.metrics`
    # the option of the command line that named it; then a relative path counts from the current folder
    metrics_option: str | None = field(default=None, metadata=NO_KEY)

    def __post_init__(self) -> None:
        _require(self.keep is None or self.keep >= 1, "run", "keep", "at least 1", self.keep)


@dataclass(frozen=True)
class NotifySettings:
    """Who is told how a run ended; see `discover.nightly.notify`."""

    # As apprise understands them; "$NAME" stands for what that environment variable holds.
    urls: tuple[str, ...] = field(default=(), repr=False, metadata=SECRET)
    when: tuple[Literal["emerging", "failure", "always"], ...] = ("emerging", "failure")


@dataclass(frozen=True)
class Settings:
    """All settings of a run."""

    catalog: CatalogSettings = CatalogSettings()
    text: SpaceSettings = SpaceSettings(encoder="sentence", required=True)
    image: SpaceSettings = SpaceSettings(encoder="clip")
    index: IndexSettings = IndexSettings()
    search: SearchSettings = SearchSettings()
    themes: ThemeSettings = ThemeSettings()
    ledger: LedgerSettings = LedgerSettings()
    labels: LabelSettings = LabelSettings()
    trends: TrendSettings = TrendSettings()
    run: RunSettings = RunSettings()
    notify: NotifySettings = NotifySettings()
    folder: Path = field(default=Path(), compare=False, metadata=NO_KEY)  # relative paths count from here

    @classmethod
    def read(cls, path: str | Path) -> Settings:
        """Settings from a TOML file. Raises SettingsError naming file and key."""
        import tomllib

        try:
            content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise SettingsError(f"{path}: cannot be read ({error.strerror}). Check the path") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{path}: not valid TOML: {error}") from error
        return replace(cls.from_dict(content, where=str(path)), folder=Path(path).parent)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any], where: str = "settings") -> Settings:
        """Settings from nested dictionaries, as TOML gives them. Raises SettingsError."""
        return build(cls, content, where)

    @classmethod
    def of(cls, given: Settings | Mapping[str, Any] | str | Path | None) -> Settings:
        """Whatever a caller may give as settings: an object, a dictionary, a TOML file, or None for the defaults."""
        if given is None:
            return cls()
        if isinstance(given, Settings):
            return given
        return cls.from_dict(given) if isinstance(given, Mapping) else cls.read(given)

    def to_dict(self) -> dict[str, Any]:
        """The settings as versions store them; `from_dict` of it gives the same settings, `OPERATION` apart."""
        content = asdict(self)
        for name in ("folder", *OPERATION):
            del content[name]
        for space in ("text", "image"):
            content[space] |= content[space].pop("options")
        return content


def build(kind: type[S], content: Mapping[str, Any], where: str) -> S:
    """An instance of a frozen dataclass from a dictionary, every key and type checked.

    A dataclass with a field `options` takes the keys it does not know into it. Raises SettingsError.
    """
    if not isinstance(content, Mapping):
        raise SettingsError(f"{where}: expected a table of settings, got {type(content).__name__}")
    hints = get_type_hints(kind)
    known = {each.name: each for each in fields(kind) if each.init and each.metadata != NO_KEY}  # type: ignore[arg-type]  # S is always a dataclass
    open_ended = "options" in known
    values: dict[str, Any] = {"options": {}} if open_ended else {}
    for key, value in content.items():
        if key == "options" and open_ended:
            values["options"] |= _checked(Mapping[str, Any], value, f"{where}: options", known[key])
        elif key in known:
            values[key] = _checked(hints[key], value, f"{where}: {key}", known[key])
        elif open_ended:
            values["options"][key] = value
        else:
            raise SettingsError(unknown_option(where, key, list(known)))
    missing = [n for n, f in known.items() if n not in values and f.default is MISSING and f.default_factory is MISSING]
    for name in missing:
        raise SettingsError(f"{where}: {name} is missing. Add it")
    return kind(**values)


def unknown_option(where: str, key: str, valid: list[str]) -> str:
    """The message for a key that nobody knows."""
    return f"{where}: unknown setting {key!r}{did_you_mean(key, valid)} Valid: {', '.join(valid)}"


def _checked(hint: Any, value: Any, where: str, spec: Any) -> Any:
    """The value as the type hint wants it, or SettingsError."""
    if spec.metadata == SECRET:
        try:
            return _plain(hint, value, where)
        except SettingsError:
            raise SettingsError(f"{where}: expected a list of texts, got another type (value not shown)") from None
    if is_dataclass(hint):
        if hint is SpaceSettings and isinstance(value, Mapping):
            default = spec.default  # a table [image] without `encoder` keeps the default encoder
            value = {"encoder": default.encoder, "required": default.required} | dict(value)
        return build(hint, value, where)  # type: ignore[arg-type]  # hint is a class here
    if get_origin(hint) in (Union, types.UnionType):
        if value is None and type(None) in get_args(hint):
            return None
        return _checked(next(a for a in get_args(hint) if a is not type(None)), value, where, spec)
    return _plain(hint, value, where)


def _plain(hint: Any, value: Any, where: str) -> Any:
    """A scalar, tuple or mapping of the hinted type, or SettingsError."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is tuple and isinstance(value, (list, tuple, str)):
        return tuple(_plain(arguments[0], v, where) for v in ([value] if isinstance(value, str) else value))
    if origin in (dict, Mapping) and isinstance(value, Mapping):
        return {str(k): _plain(arguments[1], v, f"{where}.{k}") for k, v in value.items()}
    if origin is Literal and value in arguments:
        return value
    if hint is Any:
        return value
    if hint is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if isinstance(hint, type) and isinstance(value, hint) and (hint is bool or not isinstance(value, bool)):
        return value
    wanted = "a table" if origin in (dict, Mapping) else getattr(hint, "__name__", str(hint))
    wanted = f"one of {', '.join(map(str, arguments))}" if origin is Literal else wanted
    raise SettingsError(f"{where}: expected {wanted}, got {value!r}")
