// Where the names of themes go on a map. The report runs this file as it is, the page bundles it.
//
// Each name, the largest theme's first, goes to its theme's place or as near to it as it hides no other name and little
// of what it does not name: every theme counts by the part of it that would be hidden, so that small ones are not
// covered. Where every spot hides much of another theme, the name is left out.

const CELL = 6; // px: dots are counted in squares of this size
const STEP = 6; // px between the rings around a place on which spots are tried
const TURNS = 16; // spots a ring
const FEW = 25; // dots: a theme with less counts as one of so many
const OWN = 0.25; // what hiding all of its own dots counts
const FAR = 0.1; // what being as far away as may be counts
const HIDDEN = 0.2; // of any other theme that a name may hide
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
  const columns = Math.ceil(width / CELL) + 3, lines = Math.ceil(height / CELL) + 3;
  const left = CELL - ((names[0]?.x ?? 0) % CELL), top = CELL - ((names[0]?.y ?? 0) % CELL); // the squares move with the dots
  const across = (x) => Math.floor((x + left) / CELL), down = (y) => Math.floor((y + top) / CELL);
  const cells = new Map(), themes = new Map(); // the cells of each theme's dots, the themes of each cell's
  for (let i = 0; i < dots.themes.length; i++) {
    const x = dots.xs[i], y = dots.ys[i];
    if (!(x >= 0 && y >= 0 && x < width && y < height)) continue;
    const theme = dots.themes[i], cell = down(y) * columns + across(x);
    for (const [lists, key, value] of [[cells, theme, cell], [themes, cell, theme]]) {
      if (!lists.has(key)) lists.set(key, []);
      lists.get(key).push(value);
    }
  }
  const weight = (theme) => 1 / Math.max(FEW, cells.get(theme)?.length ?? 0);
  const counted = (some) => {
    const grid = new Float64Array(columns * lines);
    for (const theme of some) for (const cell of cells.get(theme) ?? []) grid[cell] += weight(theme);
    return grid;
  };
  const under = ({ x, y, w, h }, take) => {
    for (let line = down(y); line <= down(y + h); line++)
      for (let column = across(x); column <= across(x + w); column++) take(line * columns + column);
  };
  const sum = (grid, spot) => {
    let found = 0;
    under(spot, (cell) => { found += grid[cell]; });
    return found;
  };
  const worst = (spot, own) => {
    const parts = new Map([[own, 0]]);
    under(spot, (cell) => {
      for (const theme of themes.get(cell) ?? []) if (theme !== own) parts.set(theme, (parts.get(theme) ?? 0) + weight(theme));
    });
    return Math.max(...parts.values());
  };
  const all = counted([...cells.keys()]), taken = [];
  return names.map((name) => {
    const own = counted([name.theme]);
    let best = null, least = Infinity;
    for (let ring = 0; ring * STEP <= reach && (FAR * ring * STEP) / reach < least; ring++) {
      for (let turn = 0; turn < (ring ? TURNS : 1); turn++) {
        const spot = nudged(name, ring * STEP, Math.PI / 2 + (turn * 2 * Math.PI) / TURNS, width, height);
        if (taken.some((other) => overlap(spot, other))) continue;
        const mine = sum(own, spot), cost = sum(all, spot) - mine + OWN * mine + (FAR * ring * STEP) / reach;
        if (cost < least && worst(spot, name.theme) <= HIDDEN) [best, least] = [spot, cost];
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
