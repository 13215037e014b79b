// What the service answers, with the types that schema.d.ts has from it, and the one way in which it is asked.

import { useEffect, useState } from "preact/hooks";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type About = Schemas["About"];
export type Card = Schemas["Card"];
export type Comparison = Schemas["Comparison"];
export type Edited = Schemas["Edited"];
export type Edits = Schemas["Edits"];
export type Events = Schemas["Events"];
export type Explanation = Schemas["Explanation"];
export type ItemThemes = Schemas["ItemThemes"];
export type MapItems = Schemas["MapItems"];
export type MapNames = Schemas["MapNames"];
export type Match = Schemas["Match"];
export type Matches = Schemas["Matches"];
export type NewEdit = Schemas["NewEdit"];
export type Search = Partial<Schemas["Question"]>; // with the options that discover/core/types/options.py declares
export type Profile = Schemas["Profile"];
export type Suggestion = Schemas["Suggestion"];
export type Suggestions = Schemas["Suggestions"];
export type Theme = Schemas["Theme"];
export type ThemePage = Schemas["ThemePage"];
export type Themes = Schemas["Themes"];
export type Trend = Schemas["Trend"];
export type Trends = Schemas["Trends"];
export type WhiteSpaces = Schemas["WhiteSpaces"];

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
