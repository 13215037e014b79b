"""Which of the few colours each broad theme gets.

Eight colours, found by search so that any two, and each and the grey of strays, differ by at least .10 in OKLab as
normal eyes see them and as simulated for the three kinds of colour blindness (Machado et al. 2009), at a contrast of
at least 3 to the paper. They stand in `_tokens.css`; more than eight would not be told apart, so they repeat.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from discover.nouns import Night
from discover.sections.base import broad

COLOURS = 8


def centres(night: Night) -> NDArray[np.float64]:
    """Where each broad theme's name goes, (themes, 2): its item nearest to the median of its items; NaN if none."""
    found = np.full((len(broad(night)), 2), np.nan)
    for number in range(len(found)):
        points = night.themes.map[night.themes.levels[0].members == number].astype(np.float64)
        points = points[np.isfinite(points).all(axis=1)]
        if len(points):
            found[number] = points[np.argmin(((points - np.median(points, axis=0)) ** 2).sum(axis=1))]
    return found


def assign(night: Night) -> list[int]:
    """A colour number for each broad theme; themes that share one lie as far apart on the map as can be."""
    points = centres(night)
    chosen: list[int] = []
    for number in range(len(points)):
        if number < COLOURS:
            chosen.append(number)
            continue
        gaps = np.nan_to_num(((points[:number] - points[number]) ** 2).sum(axis=1), nan=0.0)
        taken = np.asarray(chosen)
        chosen.append(int(np.argmax([gaps[taken == colour].min() for colour in range(COLOURS)])))
    return chosen
