"""What a poster can show, by name: each drawing with the words that call for it.

To add one, write one function under `@motif(name, words)` in the file that fits: the words are those that a logline or
a user would use for it. The tiny CLIP model learns the same words: after a change train it and draw the posters again.
"""

from tools.sample.motifs import legend, life, work, world
from tools.sample.motifs.base import Motif

MOTIFS: dict[str, Motif] = work.MOTIFS | life.MOTIFS | legend.MOTIFS | world.MOTIFS  # of equals the first is taken
