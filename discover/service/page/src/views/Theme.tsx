import { useState } from "preact/hooks";
import { go, link, type Address } from "../address";
import type { About, Edited, Edits, NewEdit, Theme as Base, ThemePage, Themes } from "../api";
import { Problem, ask, download, everyTheme, forget, json, useAnswer } from "../api";
import { Curve, judged, lift } from "../parts/Curve";
import { Icon } from "../parts/Icon";
import { Empty, Shown, Skeleton } from "../parts/States";
import { Grid, Tile } from "../parts/Tile";
import { Status, ThemeLink } from "../parts/ThemeLink";
import { LEVELS, colour, count, day, eventPast, plural, share } from "../words";

type Member = ThemePage["members"][number];

function Editor({ theme, done }: { theme: Base; done: () => void }) {
  const [renaming, setRenaming] = useState<string | null>(null);
  const [merging, setMerging] = useState(false);
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState<{ text: string; bad: boolean } | null>(null);
  const [round, setRound] = useState(0);
  const others = useAnswer<Themes>(merging ? everyTheme(theme.level) : null);
  const edits = useAnswer<Edits>({ key: `edits ${round}`, load: (signal) => ask("/v1/edits", { signal }) });
  const mine = edits.data?.edits.filter((edit) => edit.stands && edit.themes.includes(theme.id)) ?? [];

  const send = async (path: string, init: RequestInit, words: string) => {
    setBusy(true);
    setMessage(null);
    try {
      const answer = await ask<Edited>(path, init);
      setMessage({ text: answer.note ? `Saved. It ${answer.note}.` : words, bad: false });
      setRenaming(null);
      setMerging(false);
      forget();
      setRound(round + 1);
      done();
    } catch (error) {
      setMessage({ text: error instanceof Problem ? error.message : String(error), bad: true });
    } finally {
      setBusy(false);
    }
  };
  const edit = (kind: NewEdit["kind"], more: Partial<NewEdit> = {}) =>
    send("/v1/edits", json("POST", { kind, themes: [theme.id], ...more }), "Done.");
  return (
    <div class="editor">
      <div class="row">
        <button class="button" disabled={busy} onClick={() => setRenaming(renaming === null ? theme.label : null)} aria-expanded={renaming !== null}>Rename</button>
        <button class="button" disabled={busy} title="Keep this theme even if its items change" onClick={() => edit("pin")}>Keep (pin)</button>
        <button class="button" disabled={busy} onClick={() => setMerging(!merging)} aria-expanded={merging}>Merge with …</button>
        <button class="button" disabled={busy} title="Leave it out of all lists" onClick={() => edit("hide")}>Hide</button>
      </div>
      {renaming !== null && (
        <form class="row" onSubmit={(event) => { event.preventDefault(); if (renaming.trim()) void edit("rename", { text: renaming.trim() }); }}>
          <label>New name <input type="text" value={renaming} maxLength={200} dir="auto" ref={(input) => { if (input && renaming === theme.label) input.focus(); }}
            onInput={(event) => setRenaming(event.currentTarget.value)} /></label>
          <button class="button strong" disabled={busy || !renaming.trim()}>Save the name</button>
        </form>
      )}
      {merging && (
        <form class="row" onSubmit={(event) => {
          event.preventDefault();
          const other = new FormData(event.currentTarget).get("other");
          if (other) void edit("merge", { themes: [theme.id, String(other)] });
        }}>
          <label>Merge with <select name="other">
            {(others.data?.themes ?? []).filter((each) => each.id !== theme.id).map((each) => <option key={each.id} value={each.id}>{each.label}</option>)}
          </select></label>
          <button class="button strong" disabled={busy || !others.data}>Merge</button>
        </form>
      )}
      <p role="status" class={message?.bad ? "said bad" : "said"} dir="auto">{message?.text}</p>
      {mine.length > 0 && (
        <ul class="edits" aria-label="Edits of this theme">
          {mine.map((each) => (
            <li key={each.number}><span dir="auto">{each.kind}{each.text && `: ${each.text}`}</span> <small>{day(each.created)}</small>
              <button class="button plain" disabled={busy} aria-label={`Undo ${each.kind} ${each.text}`}
                onClick={() => send(`/v1/edits/${each.number}`, { method: "DELETE" }, "Undone.")}>Undo</button></li>
          ))}
        </ul>
      )}
    </div>
  );
}

function History({ events, id }: { events: ThemePage["events"]; id: string }) {
  const news = events.filter((event) => event.kind !== "continued");
  if (!news.length) return <p class="meta">It has continued unchanged from run to run.</p>;
  return (
    <ol class="history">
      {news.toReversed().map((event, i) => (
        <li key={i}><time dateTime={event.created}>{day(event.created)}</time>
          <span>{event.theme === id ? "" : <><ThemeLink id={event.theme} label={event.theme} /> </>}{eventPast(event.kind)}
            {event.others.map((other) => <span key={other}> <ThemeLink id={other} label={other} /></span>)}
            {event.confidence !== null && event.confidence < 1 && <small> confidence {event.confidence.toFixed(2)}</small>}</span></li>
      ))}
    </ol>
  );
}

export function Theme({ at, about }: { at: Address; about: About }) {
  const id = at.get("id") ?? "";
  const path = `/v1/themes/${encodeURIComponent(id)}`;
  const [round, setRound] = useState(0);
  const [further, setFurther] = useState<{ of: string; members: Member[]; next: string | null } | null>(null);
  const answer = useAnswer<ThemePage>({ key: `${path} ${round}`, load: (signal) => ask(path, { signal }) });
  const more = async (cursor: string, before: Member[]) => {
    const page = await ask<ThemePage>(`${path}?cursor=${encodeURIComponent(cursor)}`);
    setFurther({ of: id, members: [...before, ...page.members], next: page.next });
  };
  return (
    <Shown answer={answer} loading={<Skeleton />}>
      {({ theme, trends, events, names, members: first, next }) => {
        const mine = further?.of === id ? further : { members: [], next };
        const members = [...first, ...mine.members];
        return (
          <>
            <header class={`theme-title ${colour(theme.id)}`}>
              <p class="kicker"><span>{LEVELS[theme.level] ?? ""} theme <span class="id">{theme.id}</span></span>
                {theme.parent && <> in <ThemeLink id={theme.parent} label={about.filters.themes.find((each) => each.id === theme.parent)?.label ?? theme.parent} /></>}</p>
              <h1 tabIndex={-1} dir="auto">{theme.label}</h1>
              <p class="meta"><b>{plural(theme.size, "title")}</b>, {share(theme.share)} of the catalog
                {theme.attached > 0 && <>, {count(theme.attached)} of them attached</>} <Status status={theme.status} /></p>
              <p class="keywords" dir="auto">{theme.keywords.join(" · ")}</p>
            </header>
            {about.editable && <Editor theme={theme} done={() => setRound(round + 1)} />}
            <div class="two">
              <section>
                <h2>Over time</h2>
                {trends.length === 0 && <p class="meta">No trend: there are too few dated titles, or the dates span too short a time.</p>}
                {trends.map((trend) => (
                  <figure key={trend.measure}>
                    <figcaption><b>{trend.measure === "audience" ? "Share of the audience" : "Share of new titles"}</b> <Status status={trend.status} /></figcaption>
                    <Curve trend={trend} tall />
                    <p class="meta">{lift(trend)}</p>
                    <p class="meta">{judged(trend)}</p>
                  </figure>
                ))}
              </section>
              <section>
                <h2>History</h2>
                <History events={events} id={theme.id} />
                {names.length > 0 && <p class="meta">Formerly: <bdi>{names.join(" · ")}</bdi></p>}
                {theme.children.length > 0 && (
                  <>
                    <h2 class="further-down">Finer themes in it</h2>
                    <Children ids={theme.children} level={theme.level + 1} />
                  </>
                )}
                <p class="row"><a class="button" href={link("map", { theme: theme.id, level: theme.level || null })}>See it on the map</a>
                  {theme.level === 0 && <button class="button" onClick={() => go(link("find", { q: theme.keywords.slice(0, 3).join(" "), theme: theme.id }))}>Search within it</button>}</p>
              </section>
            </div>
            <section>
              <div class="bar"><h2>Titles</h2>
                <button class="button" onClick={() => download(`${path}?format=csv`, `${theme.id}.csv`)}><Icon name="download" />CSV</button></div>
              {members.length === 0 ? <Empty title="No titles" /> : (
                <Grid label="Titles of the theme">
                  {members.map(({ card, attached, strength }) => (
                    <Tile key={card.id} card={card} foot={<small class="strength">{attached || strength === null ? "attached" : `strength ${strength.toFixed(2)}`}</small>} />
                  ))}
                </Grid>
              )}
              {mine.next && <p class="further"><button class="button" onClick={() => more(mine.next!, mine.members)}>Show more</button></p>}
            </section>
          </>
        );
      }}
    </Shown>
  );
}

function Children({ ids, level }: { ids: string[]; level: number }) {
  const answer = useAnswer<Themes>(everyTheme(level));
  return (
    <Shown answer={answer} loading={<Skeleton kind="lines" count={3} />}>
      {(data) => (
        <ul class="theme-list">
          {data.themes.filter((theme) => ids.includes(theme.id)).map((theme) => (
            <li key={theme.id}><ThemeLink id={theme.id} label={theme.label} /><Status status={theme.status} /><small>{plural(theme.size, "title")}</small></li>
          ))}
        </ul>
      )}
    </Shown>
  );
}
