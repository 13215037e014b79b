// Keys. Single letters can be switched off (WCAG 2.1.4), as speech input may type them.

import { useEffect, useRef, useState } from "preact/hooks";
import { go, link } from "../address";

const OFF = "discover-keys-off";
const HELP: [string, string][] = [
  ["/", "search"],
  ["arrows", "move from title to title, or on the map"],
  ["+ and −", "more or less like the title in focus, or zoom the map"],
  ["p", "pin the title in focus"],
  ["c", "compare pinned titles"],
  ["g then f, t, m, r", "find, themes, map, rising"],
  ["?", "show this list"],
];

function among(event: KeyboardEvent): void {
  const link = (event.target as Element).closest?.(".tile-link, .theme-head");
  const grid = link?.closest(".grid, .theme-grid");
  if (!link || !grid) return;
  const all = [...grid.querySelectorAll<HTMLElement>(".tile-link, .theme-head")];
  const top = (element: Element) => element.getBoundingClientRect().top;
  const across = Math.max(1, all.findIndex((each) => top(each) > top(all[0]!) + 40));
  const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across };
  const next = all[all.indexOf(link as HTMLElement) + steps[event.key]!];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

export function Keys({ pinned }: { pinned: () => string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [off, setOff] = useState(() => localStorage.getItem(OFF) !== null);
  useEffect(() => {
    let goes = false;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target as HTMLElement;
      if (target.closest("input, select, textarea, dialog, .plate")) return;
      if (event.key.startsWith("Arrow")) return among(event);
      if (off) return;
      const views: Record<string, string> = { f: "find", t: "themes", m: "map", r: "rising" };
      if (goes && views[event.key]) {
        goes = false;
        return go(link(views[event.key]!));
      }
      goes = event.key === "g";
      const acts: Record<string, string> = { "+": "more", "=": "more", "-": "less", p: "pin" };
      const act = acts[event.key];
      if (act) target.closest(".tile")?.querySelector<HTMLElement>(`[data-act="${act}"]`)?.click();
      else if (event.key === "/") {
        event.preventDefault();
        const field = document.getElementById("search");
        if (field) field.focus();
        else go("?");
      } else if (event.key === "c" && pinned()) go(pinned());
      else if (event.key === "?") dialog.current?.showModal();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [off]);
  return (
    <>
      <button class="button plain keys" onClick={() => dialog.current?.showModal()}>Keys</button>
      <dialog ref={dialog} aria-labelledby="keys-title">
        <h2 id="keys-title">Keys</h2>
        <dl>{HELP.map(([key, does]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{does}</dd></div>)}</dl>
        <label class="check"><input type="checkbox" checked={!off} onChange={(event) => {
          const on = event.currentTarget.checked;
          if (on) localStorage.removeItem(OFF);
          else localStorage.setItem(OFF, "1");
          setOff(!on);
        }} />Use single-letter keys</label>
        <form method="dialog"><button class="button strong">Close</button></form>
      </dialog>
    </>
  );
}
