// Names over the map, the largest theme's first, each at its theme's place or as near to it as is free.

export interface Box { x: number; y: number; w: number; h: number }

const STEP = 6; // px
const TURNS = 12;

const overlap = (a: Box, b: Box): boolean => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

/** Where a name of this size goes, or null where nothing near is free. */
export function free(cx: number, cy: number, w: number, h: number, width: number, height: number, taken: readonly Box[], most: number): Box | null {
  for (let far = 0; far <= most; far += STEP) {
    for (let turn = 0; turn < (far ? TURNS : 1); turn++) {
      const angle = Math.PI / 2 + (turn * 2 * Math.PI) / TURNS;
      const box = {
        x: Math.min(Math.max(2, cx - w / 2 + far * 1.6 * Math.cos(angle)), width - w - 2),
        y: Math.min(Math.max(2, cy - h / 2 + far * Math.sin(angle)), height - h - 2),
        w,
        h,
      };
      if (taken.every((each) => !overlap(box, each))) return box;
    }
  }
  return null;
}
