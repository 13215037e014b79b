"""How themes move: trends, white space, why shares changed, alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

RISING_STATUSES = ("new", "emerging", "rising")
FADING_STATUSES = ("fading", "dormant")
STATUSES = (*RISING_STATUSES, "steady", *FADING_STATUSES)


@dataclass(frozen=True)
class Trend:
    """How a theme's share of the catalog (measure "titles") or of its audience ("audience") moves.

    `status` is "new" (nothing before), "emerging" (a rise of a theme that had less than the median theme), "rising",
    "steady", "fading" or "dormant" (nothing any more). Only a change that survives the false-discovery control over
    all themes of the run and is as large as `[trends] least` is anything but steady; see `discover.trends.measure`.
    """

    theme: str  # id
    label: str
    level: int
    measure: str
    status: str
    lift: float  # recent share over past share, season apart, small themes drawn towards 1
    low: float  # 95 % interval of the lift before it was drawn in
    high: float
    p: float  # two-sided
    q: float  # p adjusted for all themes of the run (Benjamini and Hochberg 1995)
    periods: tuple[str, ...]  # names, oldest first: "2021-06", "2021-Q2", "2021", or the Monday a week begins with
    parts: tuple[str, ...]  # by period: "past", "recent", or "incomplete" (shown, never judged)
    amounts: tuple[float, ...]  # by period: titles, or audience
    shares: tuple[float, ...]  # by period: of the catalog's; NaN where the catalog has none
    carriers: tuple[str, ...]  # ids of the recent titles that carry it most, at most five

    @property
    def rises(self) -> bool:
        """Whether it is an alert: a rise beyond chance."""
        return self.status in RISING_STATUSES


@dataclass(frozen=True)
class WhiteSpace:
    """A theme's share of the audience against its share of the titles, among titles whose audience is known."""

    theme: str  # id
    label: str
    level: int
    titles: float  # share, in [0, 1]
    audience: float  # share, in [0, 1]
    ratio: float  # audience / titles: above 1 the theme is asked for more than it is offered
    low: float  # 95 % interval of the ratio, from a bootstrap over titles
    high: float


@dataclass(frozen=True)
class Trends:
    """A run's trends, of all levels and measures, and its white space; `why` says why there are none."""

    trends: tuple[Trend, ...] = ()
    white_space: tuple[WhiteSpace, ...] = ()
    why: str = ""
    notes: tuple[str, ...] = ()  # how dates and amounts were read, and what of them was not used

    @property
    def rising(self) -> set[str]:
        """The themes that rise beyond chance."""
        return {trend.theme for trend in self.trends if trend.rises}


@dataclass(frozen=True)
class Change:
    """Why a theme's share moved between two runs: `titles` + `demand` + `clustering` = `after` - `before`."""

    theme: str
    before: float  # share of the catalog's weight, in [0, 1]
    after: float
    titles: float  # by items that came and went
    demand: float  # by other weights of items of both runs
    clustering: float  # by items of both runs that changed their theme
    measure: str = "titles"  # what the shares are of: titles or audience


@dataclass(frozen=True)
class OutcomeWords:
    """What an alert's outcome is called, and what that means."""

    label: str
    meaning: str


OUTCOME_WORDS: Mapping[str, OutcomeWords] = {  # in the order in which they are listed
    "held": OutcomeWords("held", "share stayed up"),
    "faded": OutcomeWords("faded", "share fell back"),
    "open": OutcomeWords("too early to say", "periods after it are not over"),
    "lost": OutcomeWords("lost", "theme not found later"),
}


@dataclass(frozen=True)
class Alert:
    """A rise that some run reported and the one before it had not, and what the latest run knows of it.

    `outcome` is "held" (over as many periods right after those that the alert saw, the theme's share is still `[trends]
    least` times its past one), "faded" (it is not), "open" (those periods are not over), or "lost" (the theme is not
    there any more). Shares are of the theme as it is in the latest run, in [0, 1]; NaN where they cannot be known.
    """

    version: int  # of the run that reported it
    created: str  # ISO 8601, UTC: when that was
    trend: Trend  # as that run reported it
    outcome: str = "open"
    past: float = float("nan")  # share over the periods that were its past
    recent: float = float("nan")  # over those that were recent
    after: float = float("nan")  # over as many after them
