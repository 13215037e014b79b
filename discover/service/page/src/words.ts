// Numbers, dates and themes as words and colours; numbers and dates are written as the report writes them (words.py).

import type { About } from "./api";

let names: About["words"] = { spaces: {}, events: {}, rising: [], fading: [] };

/** Learns what people call spaces, events and statuses: the service says it, so that it is said in one way everywhere. */
export const learn = (words: About["words"]): void => void (names = words);

export const spaceName = (space: string): string => names.spaces[space]?.label ?? space;
/** An event of a theme in a list: "Merged". */
export const eventName = (kind: string): string => names.events[kind]?.label ?? kind;
/** An event of a theme in its history, before the other themes: "absorbed". */
export const eventPast = (kind: string): string => names.events[kind]?.past ?? kind;
export const rises = (status: string): boolean => names.rising.includes(status);
export const fades = (status: string): boolean => names.fading.includes(status);
export const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

const number = new Intl.NumberFormat("en");
export const count = (value: number): string => number.format(value);
export const plural = (value: number, one: string, many = one + "s"): string => `${count(value)} ${value === 1 ? one : many}`;

/** A share in [0, 1]: "12%"; one decimal below ten; never rounded to 0% or 100%. */
export function share(value: number | null): string {
  if (value === null) return "–";
  if (value > 0 && value < 0.0005) return "<0.1%";
  if (value >= 0.995 && value < 1) return ">99%";
  return `${(100 * value).toFixed(value > 0 && value < 0.0995 ? 1 : 0)}%`;
}

const DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const MONTH = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });

/** "2021-09-25" as 25 September 2021, "2021-09" as September 2021, "2021" as it is. */
export const day = (iso: string): string => (iso.length < 10 ? period(iso) : DATE.format(new Date(iso)));

/** A period's name in words: "2021-06" as June 2021, "2021-Q2" as Q2 2021, a Monday as the week of that day. */
export function period(name: string): string {
  if (name.includes("Q")) return name.split("-").reverse().join(" ");
  if (name.length === 7) return MONTH.format(new Date(name));
  return name.length === 4 ? name : `the week of ${day(name)}`;
}

/** How many times as much: "1.7", "0.43", "531". */
export function times(lift: number | null): string {
  if (lift === null) return "–";
  return lift >= 9.95 ? count(Math.round(lift)) : lift.toFixed(lift >= 0.995 ? 1 : 2);
}

/** How rare it is that unrelated titles are as close; in [0, 1). */
export function rarity(percentile: number): string {
  const part = 100 * percentile;
  return `closer than ${part >= 99.9 ? "99.9" : part > 90 ? part.toFixed(1) : Math.floor(part)}% of pairs`;
}

export const shorten = (text: string, most: number): string => {
  const letters = [...text];
  return letters.length <= most ? text : letters.slice(0, most - 1).join("") + "…";
};

/** A name on the map: no line ends after a hyphen. */
export const unbroken = (label: string): string => label.replace(/(?<=[\p{L}\p{N}])-(?=[\p{L}\p{N}])/gu, "\u2011");

export const OUTLIER = 8;
let painted = new Map<string, number>();

/** Learns the colours of themes, 0 to 7 by id: the service gives those of the report. */
export const paint = (colours: Record<string, number>): void => void (painted = new Map(Object.entries(colours)));

export const hue = (theme: string | null | undefined): number => painted.get(theme ?? "") ?? OUTLIER;
/** The class that gives a theme its colour; "outlier" for none. */
export const colour = (theme: string | null | undefined): string => (hue(theme) === OUTLIER ? "outlier" : `c${hue(theme)}`);

export const LEVELS = ["Broad", "Fine", "Finer", "Finest"];
