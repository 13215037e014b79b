// What the service answers (see /openapi.json), and the one way in which it is asked.

import { useEffect, useState } from "preact/hooks";

export interface Card {
  id: string;
  title: string;
  year: number | null;
  released: string | null; // as exactly as it is known: 1994, 1994-03, 1994-03-17
  added: string | null;
  description: string;
  genres: string[];
  countries: string[];
  people: string[];
  theme: { id: string; label: string } | null;
  image: string | null;
}
export interface About {
  version: number;
  source: string;
  created: string;
  items: number;
  themes: number;
  levels: number;
  spaces: string[];
  weights: Record<string, number>;
  filters: {
    year: { min: number; max: number } | null;
    genres: { value: string; count: number }[];
    countries: { value: string; count: number }[];
    themes: { id: string; label: string; size: number }[];
  };
  colours: Record<string, number>;
  roles: string[];
  audience: boolean;
  editable: boolean;
}
export interface Match {
  id: string;
  title: string;
  score: number;
  percentile: number;
  parts: Record<string, number>;
  missing: string[];
  why: string;
  card: Card;
}
export interface Matches { version: number; note: string; matches: Match[] }
export interface Suggestion { id: string; title: string; year: number | null }
export interface Theme {
  id: string;
  label: string;
  keywords: string[];
  size: number;
  attached: number;
  share: number;
  strength: number;
  stability: number;
  level: number;
  parent: string | null;
  children: string[];
  status: string | null;
  lift: number | null;
  exemplars: Card[];
}
export interface Themes { version: number; levels: number; why: string; themes: Theme[]; next: string | null }
export interface Trend {
  theme: string;
  label: string;
  level: number;
  measure: string;
  status: string;
  lift: number | null;
  low: number | null;
  high: number | null;
  p: number;
  q: number;
  periods: string[];
  parts: string[];
  amounts: (number | null)[];
  shares: (number | null)[];
  carriers: string[];
}
export interface Evidence { space: string; kind: string; text: string; amount: number; role: string; item: string }
export interface Explanation {
  a: string;
  b: string;
  titles: [string, string];
  score: number | null;
  percentile: number;
  parts: Record<string, number>;
  missing: string[];
  evidence: Evidence[];
  themes: Record<string, string>;
  differences: { item: string; role: string; text: string; weight: number }[];
  why: string;
}
export interface Profile {
  id: string;
  title: string;
  year: number | null;
  themes: string[];
  values: Record<string, string[]>;
  closeness: number | null;
  apart: string[];
  card: Card;
}

/** An answer that is none: what went wrong, in the service's own words. */
export class Problem extends Error {
  constructor(readonly status: number, readonly title: string, readonly detail: string) {
    super(detail || title);
  }
}

const kept = new Map<string, unknown>(); // answers of this version, so that going back is at once
const MOST = 200;
const listeners = new Set<() => void>();
let version = 0;

/** Calls the listener where what was answered so far no longer holds: a new version, an edit, another key. */
export const onNews = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};
export function forget(): void {
  kept.clear();
  listeners.forEach((listener) => listener());
}

async function fetched(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Problem(0, "The service does not answer", "Check that `discover serve` is running, and try again.");
  }
  if (response.ok) return response;
  const told = await response.json().catch(() => ({}));
  throw new Problem(response.status, told.title ?? response.statusText, told.detail ?? "");
}

/** Shows the service a key. It answers with a cookie that no script can read; pictures and links are asked with it too. */
export async function enter(key: string): Promise<void> {
  const bytes = String.fromCharCode(...new TextEncoder().encode(key)); // a header holds bytes, and a key may hold é
  await fetched("/session", { method: "POST", headers: { "X-API-Key": bytes } });
}

export async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const answer = await (await fetched(path, init)).json();
  const theirs = answer?.version;
  if (typeof theirs === "number" && theirs !== version) {
    const news = version !== 0;
    version = theirs;
    if (news) forget(); // nothing of the old version is shown beside the new one
  }
  return answer;
}

export async function bytes(path: string, signal: AbortSignal): Promise<ArrayBuffer> {
  return (await fetched(path, { signal })).arrayBuffer();
}

export const json = (method: string, body: unknown): RequestInit => ({
  method,
  body: JSON.stringify(body),
  headers: { "Content-Type": "application/json" },
});

/** Saves what the service gives for this path as a file. */
export async function download(path: string, name: string, init: RequestInit = {}): Promise<void> {
  const url = URL.createObjectURL(await (await fetched(path, init)).blob());
  const anchor = Object.assign(document.createElement("a"), { href: url, download: name });
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export interface Question { key: string; load: (signal: AbortSignal) => Promise<unknown> }
export interface Answer<T> {
  data: T | null; // while another answer is on its way, the last one
  loading: boolean;
  problem: Problem | null;
  again: () => void;
}

/** All themes of a level, in as many pages as they come in. */
export const everyTheme = (level: number): Question => ({
  key: `themes ${level}`,
  load: async (signal) => {
    const path = `/v1/themes?limit=200&level=${level}`;
    const all = await ask<Themes>(path, { signal });
    for (let next = all.next; next; ) {
      const page = await ask<Themes>(`${path}&cursor=${encodeURIComponent(next)}`, { signal });
      all.themes.push(...page.themes);
      next = page.next;
    }
    return all;
  },
});

/** The answer to a question, or to a path; null asks nothing. */
export function useAnswer<T>(question: string | Question | null): Answer<T> {
  const asked = typeof question === "string" ? { key: question, load: (signal: AbortSignal) => ask(question, { signal }) } : question;
  const key = asked?.key ?? "";
  const [round, setRound] = useState(0);
  const [state, setState] = useState<{ key: string; data: T | null; problem: Problem | null }>(() => ({
    key: "",
    data: null,
    problem: null,
  }));
  const known = key && kept.has(key) ? (kept.get(key) as T) : null;
  useEffect(() => {
    if (!asked || kept.has(key)) {
      setState({ key, data: known, problem: null });
      return;
    }
    const stop = new AbortController();
    (asked.load(stop.signal) as Promise<T>).then(
      (data) => {
        if (stop.signal.aborted) return;
        if (kept.size >= MOST) kept.delete(kept.keys().next().value!);
        kept.set(key, data);
        setState({ key, data, problem: null });
      },
      (error) => {
        if (stop.signal.aborted) return;
        const problem = error instanceof Problem ? error : new Problem(0, "Something went wrong on this page", String(error));
        setState({ key, data: null, problem });
      },
    );
    return () => stop.abort();
  }, [key, round]);
  const current = state.key === key;
  return {
    data: known ?? (key ? state.data : null),
    loading: key !== "" && known === null && !current,
    problem: current ? state.problem : null,
    again: () => {
      kept.delete(key);
      setState({ key: "", data: state.data, problem: null });
      setRound(round + 1);
    },
  };
}
