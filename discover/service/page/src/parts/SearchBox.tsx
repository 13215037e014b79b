import { useEffect, useId, useRef, useState } from "preact/hooks";
import { address, changed, go, link } from "../address";
import type { Suggestion, Suggestions } from "../api";
import { ask } from "../api";
import { take } from "../picture";
import { Icon } from "./Icon";

const WAIT = 120; // ms without a key before titles are asked for

/** A combobox (ARIA APG): free text with Enter, a title from the list, or a picture. */
export function SearchBox({ text, large }: { text: string; large?: boolean }) {
  const [value, setValue] = useState(text);
  const [found, setFound] = useState<Suggestion[]>([]);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const list = useId();
  const file = useRef<HTMLInputElement>(null);
  const typed = useRef(false);

  useEffect(() => setValue(text), [text]);
  useEffect(() => {
    if (!typed.current || value.trim().length < 2) {
      setFound([]);
      return;
    }
    const stop = new AbortController();
    const timer = setTimeout(() => {
      ask<Suggestions>(`/v1/suggest?k=7&text=${encodeURIComponent(value.trim())}`, { signal: stop.signal })
        .then((answer) => setFound(answer.suggestions), () => setFound([]));
    }, WAIT);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [value]);

  const close = () => {
    setOpen(false);
    setActive(-1);
    typed.current = false;
  };
  const search = () => {
    close();
    const here = address();
    const from = here.has("view") ? new URLSearchParams() : here;
    go(changed(from, { q: value.trim() || null, n: null, ignore: null }));
  };
  const choose = (one: Suggestion) => {
    close();
    go(link("find", { like: one.id }));
  };
  const keys = (event: KeyboardEvent) => {
    const last = found.length - 1;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!found.length) return;
      event.preventDefault();
      setOpen(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      setActive(active + step > last ? -1 : active + step < -1 ? last : active + step);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      close();
    } else if (event.key === "Enter") {
      event.preventDefault();
      const one = open ? found[active] : undefined;
      if (one) choose(one);
      else search();
    }
  };
  const shown = open && found.length > 0;
  return (
    <form class={large ? "search large" : "search"} role="search" onSubmit={(event) => { event.preventDefault(); search(); }}>
      <div class="search-field">
        <Icon name="search" />
        <input id="search" type="text" autocomplete="off" spellcheck={false} enterkeyhint="search" maxLength={2000}
          role="combobox" aria-expanded={shown} aria-controls={list} aria-autocomplete="list" dir="auto"
          aria-activedescendant={shown && active >= 0 ? `${list}-${active}` : undefined}
          aria-label="A title, or what it should be like" placeholder="A title, or what it should be like"
          value={value} onKeyDown={keys} onFocus={() => setOpen(true)} onBlur={() => setTimeout(close, 100)}
          onInput={(event) => {
            typed.current = true;
            setOpen(true);
            setActive(-1);
            setValue(event.currentTarget.value);
          }} />
        <button type="button" class="button plain" aria-label="Search by a picture" title="Search by a picture (or drop or paste one anywhere)"
          onClick={() => file.current?.click()}><Icon name="picture" /></button>
        <button class="button strong">Search</button>
      </div>
      <input ref={file} class="visually-hidden" type="file" accept="image/*" tabIndex={-1} aria-label="Picture to search by"
        onChange={(event) => { take(event.currentTarget.files?.[0]); event.currentTarget.value = ""; }} />
      <ul class="suggestions" id={list} role="listbox" aria-label="Titles" hidden={!shown}>
        {found.map((one, i) => (
          <li key={one.id} id={`${list}-${i}`} role="option" aria-selected={i === active}
            onMouseDown={(event) => { event.preventDefault(); choose(one); }}>
            <bdi>{one.title}</bdi> {one.year && <small>{one.year}</small>}
          </li>
        ))}
      </ul>
    </form>
  );
}
