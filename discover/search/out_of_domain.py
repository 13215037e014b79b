"""Texts that mean nothing: how near to some item even those come, says from where on nearness means something."""

from __future__ import annotations

import numpy as np

from discover.core.settings import SEED

NONSENSE_TEXTS = 64
NONSENSE_RATE = 0.1  # share of the nonsense that may pass for sense
ONSETS = [
    "b",
    "bl",
    "br",
    "ch",
    "d",
    "dr",
    "f",
    "fl",
    "g",
    "gl",
    "gr",
    "h",
    "j",
    "k",
    "kl",
    "kr",
    "l",
    "m",
    "n",
    "p",
    "pl",
    "pr",
    "qu",
    "r",
    "s",
    "sh",
    "sk",
    "sl",
    "sn",
    "sp",
    "st",
    "t",
    "tr",
    "v",
    "vr",
    "w",
    "x",
    "z",
    "zh",
]
CORES = ["a", "e", "i", "o", "u", "aa", "ee", "oo", "ou", "ai", "oi", "y"]
CODAS = ["", "", "b", "ck", "d", "f", "g", "k", "l", "m", "mp", "n", "nk", "p", "r", "rf", "rk", "st", "t", "x", "zz"]


def texts() -> list[str]:
    """The same nonsense each time: one to five invented words a text."""
    random = np.random.default_rng(SEED)

    def word() -> str:
        """One to three syllables."""
        syllables = random.integers(1, 4)
        return "".join(random.choice(ONSETS) + random.choice(CORES) + random.choice(CODAS) for _ in range(syllables))

    return [" ".join(word() for _ in range(random.integers(1, 6))) for _ in range(NONSENSE_TEXTS)]
