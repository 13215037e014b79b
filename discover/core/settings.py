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
OPERATION = ("run", "notify")  # tables that do not change the results: no version stores them


def _require(holds: bool, table: str, key: str, wanted: str, value: Any) -> None:
    """Raises SettingsError unless a value is in its range."""
    if not holds:
        raise SettingsError(f"[{table}] {key}: expected {wanted}, got {value!r}")


@dataclass(frozen=True)
class CatalogSettings:
    """Which column plays which role. Roles left out are found by name and content, "" switches a role off."""

    id: str | None = None  # column of ids; without one they are made from title and date
    title: str | None = None  # column of titles
    description: str | None = None  # column of texts that say what an item is about
    genres: str | None = None  # column of genres or categories
    keywords: str | None = None  # column of keywords or tags
    people: tuple[str, ...] | None = None  # columns of cast, directors, authors, artists
    country: str | None = None  # column of countries
    language: str | None = None  # column of languages
    kind: str | None = None  # column of kinds, such as film or series
    released: tuple[str, ...] | None = None  # when items came out: a column, or columns of year, month and day
    added: tuple[str, ...] | None = None  # when items came into the catalog, which trends count by; columns likewise
    image: str | None = None  # column of picture files, relative to the catalog's folder
    audience: str | None = None  # column of audience figures, such as views or votes
    media_roots: tuple[str, ...] = ()  # folders besides the catalog's own in which pictures may lie
    day_first: bool | None = None  # whether 03/04/2020 is 3 April; not set: as the column's other dates are
    strict: bool = False  # stop at the first bad row instead of setting it aside
    allow_rejects: bool = False  # go on though more than half of the rows of a table were set aside
    seasons: Literal["sum", "keep"] = "sum"  # of shows in tables about items: "keep" matches no season with its show
    max_field_bytes: int = 1_000_000  # longer cells are set aside, as an unclosed quote can swallow a file


@dataclass(frozen=True)
class SpaceSettings:
    """The encoder of a space. The other keys of its table are the encoder's own."""

    encoder: str  # encoder plug-in
    required: bool = False  # stop when the model is missing; false: go on without this space, with a warning
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ThemeSettings:
    """How themes are found. The defaults suit catalogs from fifty to a million items."""

    weights: Mapping[str, float] | None = None  # how much each space counts; not set: texts, or pictures without texts
    neighbours: int | None = None  # neighbours of an item in the graph; not set: 30, fewer in small catalogs
    min_size: int | None = None  # items of the smallest theme; not set: chosen from the data
    components: int = 5  # dimensions of the layout that is clustered
    epochs: int = 200  # rounds of the layout
    layout: str = "simd"  # layout plug-in
    seed: int = SEED  # of everything that is drawn at random
    significance: float = 0.001  # p value below which a catalog counts as clustered

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
    """How themes get their labels. The other keys of the table are the labeller's own."""

    keywords: int = 10  # keywords of a theme
    exemplars: int = 5  # typical items of a theme
    labeller: str = "keywords"  # labeller plug-in
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LedgerSettings:
    """How long a missing theme keeps its id."""

    died_after: int = 30  # runs that a theme may be missing before it has died for good

    def __post_init__(self) -> None:
        _require(self.died_after >= 1, "ledger", "died_after", "at least 1", self.died_after)


@dataclass(frozen=True)
class IndexSettings:
    """How vectors are indexed for search. `svs` needs `pip install 'content-discover[svs]'`."""

    kind: str = "auto"  # "flat", "hnsw", "ivf", "svs", or "auto": the cheapest that reaches the recall, as measured
    recall: float = 0.95  # share of the true nearest neighbours that an automatic index must find
    memory_bytes: int | None = None  # memory that an automatic index may take; not set: no limit

    def __post_init__(self) -> None:
        _require(0 < self.recall <= 1, "index", "recall", "above 0 and at most 1", self.recall)
        memory = self.memory_bytes
        _require(memory is None or memory > 0, "index", "memory_bytes", "above 0", memory)


@dataclass(frozen=True)
class SearchSettings:
    """How scores are made. `python -m benchmarks.quality` shows what the defaults rest on."""

    weights: Mapping[str, float] | None = None  # how much each space counts; not set: each as its file in spaces/ says

    def __post_init__(self) -> None:
        for name, weight in (self.weights or {}).items():
            _require(0 <= weight < float("inf"), "search", f"weights.{name}", "a number of at least 0", weight)


@dataclass(frozen=True)
class TrendSettings:
    """How rises and falls are judged (docs/trends.md)."""

    period: Literal["auto", "week", "month", "quarter", "year"] = "auto"  # "auto": the finest with enough dated items
    recent: int | None = None  # complete periods that are "now"; not set: 4 weeks, 3 months, 2 quarters or 2 years
    past: int | None = None  # periods before them to compare with; not set: 52 weeks, 24 months, 12 quarters, 10 years
    rate: float = 0.05  # share of runs with a false alert, if nothing really moves
    least: float = 1.25  # smallest change to report: share times this, or divided by this

    def __post_init__(self) -> None:
        _require(self.recent is None or self.recent >= 1, "trends", "recent", "at least 1", self.recent)
        _require(self.past is None or self.past >= 6, "trends", "past", "at least 6", self.past)
        _require(0 < self.rate < 1, "trends", "rate", "between 0 and 1", self.rate)
        _require(1 <= self.least < inf, "trends", "least", "at least 1", self.least)


@dataclass(frozen=True)
class RunSettings:
    """What a run does after it has written its version."""

    keep: int | None = None  # newest versions that stay; not set: all
    metrics: str | None = None  # Prometheus textfile to write (docs/operation)
    # the option of the command line that named it; then a relative path counts from the current folder
    metrics_option: str | None = field(default=None, metadata=NO_KEY)

    def __post_init__(self) -> None:
        _require(self.keep is None or self.keep >= 1, "run", "keep", "at least 1", self.keep)


@dataclass(frozen=True)
class NotifySettings:
    """Who gets a message when a run ends (docs/operation)."""

    # receivers as apprise writes them; "$NAME" is read from that environment variable
    urls: tuple[str, ...] = field(default=(), repr=False, metadata=SECRET)
    when: tuple[Literal["emerging", "failure", "always"], ...] = ("emerging", "failure")  # what to send messages about


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
    def load(cls, source: Settings | Mapping[str, Any] | str | Path | None) -> Settings:
        """Whatever a caller may give as settings: an object, a dictionary, a TOML file, or None for the defaults."""
        if source is None:
            return cls()
        if isinstance(source, Settings):
            return source
        return cls.from_dict(source) if isinstance(source, Mapping) else cls.read(source)

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
    known = {spec.name: spec for spec in fields(kind) if spec.init and spec.metadata != NO_KEY}  # type: ignore[arg-type]  # S is always a dataclass
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
