// Where one is: all that a view shows is in the address, so that it can be shared, bookmarked and gone back to.

export type Address = URLSearchParams;
type Value = string | number | readonly string[] | null | undefined;

const listeners = new Set<() => void>();

export const address = (): Address => new URLSearchParams(location.search);

export function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** The address with these values instead; null, "" and [] take a value away. */
export function changed(from: Address, values: Record<string, Value>): string {
  const next = new URLSearchParams(from);
  for (const [name, value] of Object.entries(values)) {
    next.delete(name);
    const all = Array.isArray(value) ? value : value === null || value === undefined ? [] : [String(value)];
    for (const each of all) if (each !== "") next.append(name, each);
  }
  return "?" + next.toString();
}

export const link = (view: string, values: Record<string, Value> = {}): string =>
  changed(new URLSearchParams(), view === "find" ? values : { view, ...values });

/** `replace` is for what one drags: a slider's hundred positions are not a hundred steps back. */
export function go(to: string, how: "push" | "replace" = "push"): void {
  if (to === location.search) return;
  if (how === "push") {
    history.replaceState({ scroll: scrollY }, "");
    history.pushState(null, "", to);
  } else history.replaceState(history.state, "", to);
  for (const listener of listeners) listener();
}

/** Links of the page ("?view=...") change the address without loading the page anew. */
function follow(event: MouseEvent): void {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const anchor = (event.target as Element).closest?.('a[href^="?"]:not([download])');
  if (!anchor) return;
  event.preventDefault();
  go(anchor.getAttribute("href")!);
}

export function start(): void {
  history.scrollRestoration = "manual"; // answers come after the browser would have scrolled
  document.addEventListener("click", follow);
  addEventListener("popstate", () => listeners.forEach((listener) => listener()));
}
