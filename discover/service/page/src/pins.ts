// Titles pinned for a comparison. They stay for the tab's life; the comparison itself has an address.

export interface Pin { id: string; title: string }

const STORE = "discover-pins";
export const MOST = 6;
const listeners = new Set<() => void>();

export function pins(): Pin[] {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(STORE) ?? "[]");
    return Array.isArray(found) ? (found as Pin[]) : [];
  } catch {
    return []; // not written by this page
  }
}

function keep(next: Pin[]): void {
  sessionStorage.setItem(STORE, JSON.stringify(next));
  listeners.forEach((listener) => listener());
}

export const pinned = (id: string): boolean => pins().some((pin) => pin.id === id);
export const clear = (): void => keep([]);
export function toggle(pin: Pin): void {
  const now = pins();
  keep(pinned(pin.id) ? now.filter((each) => each.id !== pin.id) : [...now, { id: pin.id, title: pin.title }].slice(-MOST));
}
export function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
