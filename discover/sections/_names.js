// Where the names of themes go on a map. The report runs this file as it is, the page bundles it.
//
// Each name, the largest theme's first, goes to its theme's place or as near to it as it hides no other name and little
// of what it does not name: every theme counts by the part of it that would be hidden, so that small ones are not
// covered. A name without such a spot is left out.

const CELL = 6; // px: dots are counted in squares of this size
const STEP = 6; // px between the rings around a place on which spots are tried
const TURNS = 16; // spots a ring
const FEW = 25; // dots: a theme with less counts as one of so many
const OWN = 0.25; // what hiding all of its own dots counts
const FAR = 0.1; // what being as far away as may be counts
const HIDDEN = 0.3; // of other themes, in all, that a name may hide
const TIED = 8; // px from a place to its name, from which a line ties them

/**
 * @typedef {{ x: number, y: number, w: number, h: number, theme: number }} Name its place and size, px
 * @typedef {{ xs: ArrayLike<number>, ys: ArrayLike<number>, themes: ArrayLike<number> }} Dots px, and whose each is
 * @typedef {{ x: number, y: number, w: number, h: number, tie: number[] | null }} Spot its left upper corner; a line to the place
 * @param {Name[]} names
 * @param {Dots} dots
 * @param {number} width
 * @param {number} height
 * @param {number} reach px that a name may be away from its place
 * @returns {(Spot | null)[]}
 */
export function placeNames(names, dots, width, height, reach) {
  const columns = Math.ceil(width / CELL) + 1, lines = Math.ceil(height / CELL) + 1;
  const cells = new Map(); // by theme: the cell of each dot
  for (let i = 0; i < dots.themes.length; i++) {
    const x = dots.xs[i], y = dots.ys[i];
    if (!(x >= 0 && y >= 0 && x < width && y < height)) continue;
    if (!cells.has(dots.themes[i])) cells.set(dots.themes[i], []);
    cells.get(dots.themes[i]).push(Math.floor(y / CELL) * columns + Math.floor(x / CELL));
  }
  const counted = (themes) => {
    const grid = new Float64Array(columns * lines);
    for (const theme of themes) {
      const mine = cells.get(theme) ?? [], weight = 1 / Math.max(FEW, mine.length);
      for (const cell of mine) grid[cell] += weight;
    }
    return grid;
  };
  const within = (grid, { x, y, w, h }) => {
    let sum = 0;
    for (let line = Math.floor(y / CELL); line <= Math.floor((y + h) / CELL); line++)
      for (let column = Math.floor(x / CELL); column <= Math.floor((x + w) / CELL); column++) sum += grid[line * columns + column];
    return sum;
  };
  const all = counted([...cells.keys()]), taken = [];
  return names.map((name) => {
    const own = counted([name.theme]);
    let best = null, least = Infinity;
    for (let ring = 0; ring * STEP <= reach && (FAR * ring * STEP) / reach < least; ring++) {
      for (let turn = 0; turn < (ring ? TURNS : 1); turn++) {
        const spot = nudged(name, ring * STEP, Math.PI / 2 + (turn * 2 * Math.PI) / TURNS, width, height);
        if (taken.some((other) => overlap(spot, other))) continue;
        const mine = within(own, spot), others = within(all, spot) - mine;
        const cost = others + OWN * mine + (FAR * ring * STEP) / reach;
        if (others <= HIDDEN && cost < least) [best, least] = [spot, cost];
      }
    }
    if (!best) return null;
    taken.push(best);
    return { ...best, tie: tie(name, best) };
  });
}

function nudged({ x, y, w, h }, far, angle, width, height) {
  return {
    x: Math.min(Math.max(2, x - w / 2 + far * 1.6 * Math.cos(angle)), width - w - 2),
    y: Math.min(Math.max(2, y - h / 2 + far * Math.sin(angle)), height - h - 2),
    w,
    h,
  };
}

/** Whether two boxes share a place.
 * @param {{ x: number, y: number, w: number, h: number }} a
 * @param {{ x: number, y: number, w: number, h: number }} b
 */
export function overlap(a, b) {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

function tie({ x, y }, spot) {
  const edge = [Math.min(Math.max(x, spot.x), spot.x + spot.w), Math.min(Math.max(y, spot.y), spot.y + spot.h)];
  return Math.hypot(edge[0] - x, edge[1] - y) > TIED ? [...edge, x, y] : null;
}
