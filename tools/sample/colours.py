"""Palettes: the colours of the posters, by name."""

from typing import NamedTuple

from tools.sample.pen import Colour


class Palette(NamedTuple):
    """Four colours, and the plain words for the two that a caption names."""

    ground_name: str
    ground: str
    figure_name: str
    figure: str
    accent: str  # the motif's details
    glow: str  # the backdrop's light, near the ground


def _palettes(*rows: Palette) -> dict[str, Palette]:
    """Palettes by name, such as "navy and orange": the ground's colour, then the figure's."""
    return {f"{row.ground_name} and {row.figure_name}": row for row in rows}


# Ground and figure differ in lightness everywhere (contrast of 4 or more, held by a test), so that the
# drawings read for people who see few or no hues.
PALETTES = _palettes(
    Palette("navy", "#14213d", "orange", "#fb8b24", "#fdf0d5", "#25426f"),
    Palette("black", "#17161b", "gold", "#e2b13c", "#f8eed3", "#3b3324"),
    Palette("black", "#17161b", "red", "#ea4335", "#f6e7cb", "#421f22"),
    Palette("cream", "#f7ecd3", "red", "#c8322b", "#2b2d42", "#fadcae"),
    Palette("cream", "#f7ecd3", "green", "#1f6b4a", "#e9803a", "#dde6bd"),
    Palette("teal", "#0b5f66", "cream", "#fbeed5", "#ff9a6c", "#22858a"),
    Palette("red", "#b3202c", "white", "#fffaf2", "#ffc94d", "#d2443f"),
    Palette("yellow", "#f8c630", "black", "#1d1b20", "#fffbea", "#ffe07d"),
    Palette("purple", "#47287a", "yellow", "#ffd23f", "#ff8fa3", "#6a45a5"),
    Palette("green", "#1d5a3c", "gold", "#f0b93a", "#fff3d9", "#2f7c50"),
    Palette("pink", "#f8bcc9", "maroon", "#7b1e3b", "#fff7f0", "#fddfe5"),
    Palette("maroon", "#5a1230", "pink", "#f9a8bb", "#ffe9c9", "#80224a"),
    Palette("sky blue", "#a5d8f3", "navy", "#17305e", "#ffffff", "#cfebfb"),
    Palette("charcoal", "#30363f", "turquoise", "#3ecfbe", "#fff4e0", "#485361"),
    Palette("orange", "#f58a2e", "brown", "#46200f", "#fff0d6", "#ffb55c"),
    Palette("brown", "#55341f", "sky blue", "#a8daf2", "#ffd98a", "#7b5236"),
    Palette("mint", "#c2ecd6", "purple", "#57298a", "#ff8fa3", "#e4f9ec"),
    Palette("white", "#fbfaf5", "blue", "#1d5fc4", "#f6b52e", "#dceafb"),
)


def rgb(hexed: str) -> Colour:
    """Red, green and blue of a colour written like "#14213d"."""
    return int(hexed[1:3], 16), int(hexed[3:5], 16), int(hexed[5:7], 16)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """A colour between two: `share` 0 is the first, 1 the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue
