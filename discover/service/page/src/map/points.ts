// The map as it comes over the wire: little-endian arrays by row, used where they lie, without a copy.

const MAGIC = 0x50414d44; // "DMAP"
const FORMAT = 1;
export const NONE = 65535; // no theme, or no day
const DAY = 86_400_000; // ms

export interface Named { id: string; label: string }
interface Header {
  version: number;
  x: [number, number];
  y: [number, number];
  themes: Named[][]; // by level and number
  dates: { min: string; max: string } | null;
}

export interface Points {
  count: number;
  header: Header;
  x: Uint16Array; // 0..65535 from the left; 0 and 0 where an item has no place
  y: Uint16Array; // 0..65535 from the bottom
  themes: Uint16Array[]; // by level: number, or NONE
  days: Uint16Array; // since the earliest date, or NONE
  lastDay: number; // 0 where there are no dates
}

/** Throws where the bytes are no map of this format. */
export function read(buffer: ArrayBuffer): Points {
  const head = new DataView(buffer);
  if (buffer.byteLength < 20 || head.getUint32(0, true) !== MAGIC) throw new Error("the service did not send a map");
  if (head.getUint32(4, true) !== FORMAT) throw new Error("the map has another format than this page reads: reload the page");
  const count = head.getUint32(8, true), levels = head.getUint32(12, true), size = head.getUint32(16, true);
  const header: Header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 20, size)));
  const start = Math.ceil((20 + size) / 4) * 4;
  const column = (i: number) => new Uint16Array(buffer, start + 2 * count * i, count);
  const days = column(2 + levels);
  const lastDay = header.dates ? Math.round((Date.parse(header.dates.max) - Date.parse(header.dates.min)) / DAY) : 0;
  return { count, header, x: column(0), y: column(1), themes: Array.from({ length: levels }, (_, i) => column(2 + i)), days, lastDay };
}

export const dateOf = (points: Points, day: number): string =>
  new Date(Date.parse(points.header.dates!.min) + day * DAY).toISOString().slice(0, 10);

export const dayOf = (points: Points, date: string): number =>
  Math.min(points.lastDay, Math.max(0, Math.round((Date.parse(date) - Date.parse(points.header.dates!.min)) / DAY)));

/** The rectangle that all but a few outlying items lie in: left, bottom, right, top in [0, 1]. */
export function middle(points: Points, beyond = 0.02): [number, number, number, number] {
  const ends = [points.x, points.y].map((values) => {
    const bins = new Uint32Array(NONE + 1);
    let placed = 0;
    for (let row = 0; row < points.count; row++) {
      if (!points.x[row] && !points.y[row]) continue;
      bins[values[row]!]!++;
      placed++;
    }
    let low = 0, high = NONE;
    for (let seen = 0; low < NONE && (seen += bins[low]!) <= beyond * placed; ) low++;
    for (let seen = 0; high > low && (seen += bins[high]!) <= beyond * placed; ) high--;
    return [low / NONE, high / NONE] as const;
  });
  const [[left, right], [bottom, top]] = ends as [readonly [number, number], readonly [number, number]];
  return [left, bottom, right, top];
}

/** How many items each theme of a level has by a day, by number; the last is that of all items. */
export function counts(points: Points, level: number, until: number): Uint32Array {
  const numbers = points.themes[level];
  const found = new Uint32Array((points.header.themes[level]?.length ?? 0) + 1);
  const all = until >= points.lastDay;
  for (let row = 0; row < points.count; row++) {
    if (!all && points.days[row]! > until) continue;
    found[found.length - 1]!++;
    const number = numbers?.[row] ?? NONE;
    if (number !== NONE) found[number]!++;
  }
  return found;
}
