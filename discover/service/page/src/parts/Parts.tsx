// How close a title is, and by what: the score as one bar made of its parts.

import type { Match } from "../api";
import { rarity, spaceName } from "../words";

const FULL = 6; // standard deviations that fill the bar; more is cut, and said in words
const ORDER = ["text", "lexical", "image", "metadata"];

export const byOrder = (spaces: string[]): string[] =>
  [...spaces].sort((a, b) => (ORDER.indexOf(a) + 9) % 9 - ((ORDER.indexOf(b) + 9) % 9));

export function Parts(props: { parts: Match["parts"]; percentile: number | null; quiet?: boolean }) {
  const spaces = byOrder(Object.keys(props.parts));
  const part = (space: string) => props.parts[space] ?? 0;
  const listed = spaces.map((space) => `${spaceName(space)} ${part(space).toFixed(1)}`).join(", ");
  return (
    <div class="parts" title={listed}>
      <div class="parts-bar" aria-hidden="true">
        {spaces.map((space) => (
          <i key={space} class={`space-${space}`} style={{ width: `${(100 * Math.max(0, part(space))) / FULL}%` }} />
        ))}
      </div>
      {!props.quiet && props.percentile !== null && <small>{rarity(props.percentile)}</small>}
      <span class="visually-hidden">Parts of the score: {listed}</span>
    </div>
  );
}

export function PartsLegend({ spaces }: { spaces: string[] }) {
  return (
    <ul class="legend" aria-label="What a bar is made of">
      {byOrder(spaces).map((space) => <li key={space}><i class={`space-${space}`} />{spaceName(space)}</li>)}
    </ul>
  );
}
