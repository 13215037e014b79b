// What is drawn where there is nothing to see yet, nothing at all, or something went wrong.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Answer } from "../api";
import { Problem, enter, forget } from "../api";

export function Skeleton({ kind = "grid", count = 12 }: { kind?: "grid" | "lines" | "map"; count?: number }) {
  return (
    <div class={`skeleton ${kind}`} role="status" aria-label="Loading">
      {Array.from({ length: count }, (_, i) => <span key={i} />)}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="state">
      <svg viewBox="0 0 120 60" aria-hidden="true">
        <circle cx="22" cy="38" r="5" /><circle cx="44" cy="20" r="3" /><circle cx="60" cy="44" r="4" />
        <circle cx="98" cy="30" r="9" class="hollow" /><circle cx="78" cy="16" r="2" />
      </svg>
      <p class="state-title">{title}</p>
      {children}
    </div>
  );
}

function KeyForm({ again }: { again: () => void }) {
  const [key, setKey] = useState("");
  const [refused, setRefused] = useState("");
  const send = async (event: Event) => {
    event.preventDefault();
    try {
      await enter(key.trim());
    } catch (error) {
      const told = error instanceof Problem && error.status !== 401 ? error.message : "This key is not valid for this service.";
      return setRefused(told);
    }
    forget();
    again();
  };
  return (
    <form class="row" onSubmit={send}>
      <label>API key <input type="password" autocomplete="off" value={key} onInput={(e) => setKey(e.currentTarget.value)} /></label>
      <button class="button strong">Use it</button>
      {refused && <span>{refused}</span>}
    </form>
  );
}

const TITLES: Record<number, string> = { 401: "This service needs a key", 404: "Not found" };

export function Failed({ problem, again }: { problem: Problem; again: () => void }) {
  return (
    <div class="state failed" role="alert">
      <p class="state-title">{TITLES[problem.status] ?? problem.title}</p>
      {problem.detail && problem.detail !== problem.title && <p dir="auto">{problem.detail}</p>}
      {problem.status === 401 ? <KeyForm again={again} /> : problem.status === 404 ? <a class="button" href="?">To the search</a>
        : <button class="button" onClick={again}>Try again</button>}
    </div>
  );
}

/** One of the states of an answer, or what to show of it. */
export function Shown<T>(props: {
  answer: Answer<T>;
  loading?: ComponentChildren;
  children: (data: T) => ComponentChildren;
}) {
  const { answer } = props;
  if (answer.problem) return <Failed problem={answer.problem} again={answer.again} />;
  if (answer.data === null) return <>{props.loading ?? <Skeleton />}</>;
  return (
    <div class={answer.loading ? "waiting" : undefined} aria-busy={answer.loading}>{props.children(answer.data)}</div>
  );
}
