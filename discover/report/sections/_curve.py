"""A theme's share over time, small: as SVG in a page, as blocks in a line of text."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

WIDTH, HEIGHT, EDGE = 220, 44, 3
THIN = 'fill="none" stroke="#625d55"'  # for what lays out SVG without the page's style sheet; elsewhere that counts
BLOCKS = "▁▂▃▄▅▆▇█"


def svg(shares: Sequence[float | None], parts: Sequence[str], what: str = "") -> Markup:
    """The past as a thin line with its mean, the recent periods on a ground of their own, an incomplete one dotted.

    The lower edge is 0. `what` says to those who cannot see it what the curve is of.
    """
    top = max([share or 0.0 for share in shares], default=0.0) or 1.0
    step = (WIDTH - 2 * EDGE) / max(len(shares) - 1, 1)
    points = [
        (EDGE + i * step, HEIGHT - EDGE - (share or 0.0) / top * (HEIGHT - 2 * EDGE)) for i, share in enumerate(shares)
    ]
    judged = [i for i, part in enumerate(parts) if part != "incomplete"]
    recent = [i for i, part in enumerate(parts) if part == "recent"]
    past = [shares[i] or 0.0 for i, part in enumerate(parts) if part == "past"]
    drawn = []
    if recent:
        left, right = points[recent[0]][0] - step / 2, min(points[recent[-1]][0] + step / 2, WIDTH)
        drawn.append(f'<rect fill="#ebe7de" x="{left:.1f}" y="0" width="{right - left:.1f}" height="{HEIGHT}"/>')
    if past:
        level = HEIGHT - EDGE - sum(past) / len(past) / top * (HEIGHT - 2 * EDGE)
        drawn.append(f'<path class="mean" {THIN} d="M{EDGE} {level:.1f}H{WIDTH - EDGE}"/>')
    drawn.append(f'<path {THIN} d="{_path([points[i] for i in judged])}"/>')
    if recent:
        lately = [points[i] for i in range(max(recent[0] - 1, 0), recent[-1] + 1)]
        drawn.append(f'<path class="now" {THIN} d="{_path(lately)}"/>')
    if judged and len(judged) < len(points):
        drawn.append(f'<path class="open" {THIN} d="{_path(points[judged[-1] :])}"/>')
    return Markup(
        '<svg class="curve" viewBox="0 0 {} {}" role="img" aria-label="{}" preserveAspectRatio="none">{}</svg>'
    ).format(WIDTH, HEIGHT, what, Markup("".join(drawn)))


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "".join(f"{'L' if i else 'M'}{x:.1f} {y:.1f}" for i, (x, y) in enumerate(points))


def blocks(shares: Sequence[float | None], parts: Sequence[str], what: str = "") -> Markup:
    """One block a period that is full, the highest share a full one."""
    known = [share or 0.0 for share, part in zip(shares, parts, strict=True) if part != "incomplete"]
    top = max(known, default=0.0) or 1.0
    return Markup("").join(BLOCKS[min(round(share / top * len(BLOCKS)), len(BLOCKS) - 1)] for share in known)
