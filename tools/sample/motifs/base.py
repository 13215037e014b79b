"""What a motif is, and how a drawing becomes one."""

from collections.abc import Callable
from typing import NamedTuple

from tools.sample.pen import Pen

Drawing = Callable[[Pen], None]


class Motif(NamedTuple):
    """What a poster can show: its name, the words that call for it, and how it is drawn."""

    name: str
    words: tuple[str, ...]
    draw: Drawing


class Motifs(dict[str, Motif]):
    """Motifs by name, in the order of their drawings."""

    def add(self, name: str, words: str) -> Callable[[Drawing], Drawing]:
        """Takes a drawing in, with the comma-separated words that call for it beside its name."""

        def add(draw: Drawing) -> Drawing:
            self[name] = Motif(name, (name, *words.split(", ")), draw)
            return draw

        return add
