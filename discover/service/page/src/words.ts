// Numbers, dates and themes as words and colours.

export const NAMES: Record<string, string> = { text: "Meaning", wording: "Wording", image: "Pictures", metadata: "Metadata" };
export const spaceName = (space: string): string => NAMES[space] ?? space;

const number = new Intl.NumberFormat("en");
export const count = (value: number): string => number.format(value);
export const plural = (value: number, one: string, many = one + "s"): string => `${count(value)} ${value === 1 ? one : many}`;

/** A share in [0, 1]: "12 %", "0.4 %". */
export const share = (value: number | null): string =>
  value === null ? "–" : `${(100 * value).toFixed(value > 0 && value < 0.0995 ? 1 : 0)} %`;

export const day = (iso: string): string =>
  new Date(iso).toLocaleDateString("en", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

/** How many times: "1.7", "531". */
export const times = (lift: number): string => (lift < 9.95 ? lift.toFixed(1) : count(Math.round(lift)));

/** How rare it is that unrelated titles are as close; in [0, 1). */
export function rarity(percentile: number): string {
  const above = 100 * (1 - percentile);
  if (above <= 0.1) return "closer than 99.9 % of pairs";
  if (above < 10) return `closer than ${(100 * percentile).toFixed(1)} % of pairs`;
  return `closer than ${Math.floor(100 * percentile)} % of pairs`;
}

export const shorten = (text: string, most: number): string => {
  const letters = [...text];
  return letters.length <= most ? text : letters.slice(0, most - 1).join("") + "…";
};

const COLOURS = 8;
/** One of the few colours, the same night after night as a theme's id is; "stray" for none. */
export function colour(theme: string | null | undefined): string {
  const found = /(\d+)$/.exec(theme ?? "");
  return found ? `c${(Number(found[1]) + COLOURS - 1) % COLOURS}` : "stray";
}

export const LEVELS = ["Broad", "Fine", "Finer", "Finest"];
export const STATUS: Record<string, string> = {
  new: "New",
  emerging: "Emerging",
  rising: "Rising",
  steady: "Steady",
  fading: "Fading",
  dormant: "Dormant",
};
export const RISES = ["new", "emerging", "rising"];
