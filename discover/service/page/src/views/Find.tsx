import { useEffect, useMemo, useState } from "preact/hooks";
import { changed, go, link, type Address } from "../address";
import type { About, ItemThemes, Matches, Question, Search, Themes } from "../api";
import { ask, download, useAnswer } from "../api";
import { picture } from "../picture";
import { Grid, Tile } from "../parts/Tile";
import { Icon } from "../parts/Icon";
import { PartsLegend } from "../parts/Parts";
import { SearchBox } from "../parts/SearchBox";
import { Empty, Shown, Skeleton } from "../parts/States";
import { ThemeTile } from "../parts/ThemeTile";
import { Tune, filtered, weights, where } from "../parts/Tune";
import { day, plural } from "../words";

const PAGE = 24;
const MAX_ANSWERS = 200;

/** What the address asks for, as the service takes it; null where it asks for nothing. */
function read(at: Address, about: About): Search | null {
  const text = at.get("q")?.trim();
  const like = at.getAll("like"), unlike = at.getAll("unlike");
  if (!text && !like.length && !unlike.length && !(at.has("picture") && picture())) return null;
  const search: Search = { k: count(at), why: true };
  if (text) search.text = text;
  if (like.length) search.like = like;
  if (unlike.length) search.unlike = unlike;
  if (at.has("anyway")) search.anyway = true;
  if (at.get("ignore")) search.ignore = at.get("ignore");
  if (at.has("once")) search.dedupe = true;
  if (at.get("spread")) search.diversity = Number(at.get("spread")) / 10;
  const filter = where(at), counts = weights(at, about);
  if (filter) search.where = filter;
  if (counts) search.weights = counts;
  return search;
}

const count = (at: Address): number => Math.min(MAX_ANSWERS, Number(at.get("n")) || PAGE);

function path(search: Search): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value === null) continue;
    if (Array.isArray(value)) value.forEach((each) => query.append(name, each));
    else if (typeof value === "object") query.set(name, Object.entries(value).map((pair) => pair.join("=")).join(","));
    else query.set(name, String(value));
  }
  return `/v1/search?${query}`;
}

function question(search: Search, at: Address): Question | string {
  const shown = at.has("picture") ? picture() : null;
  if (!shown) return path(search);
  const form = new FormData();
  form.append("query", JSON.stringify(search));
  form.append("image", shown.file);
  return { key: `picture ${shown.number} ${path(search)}`, load: (signal) => ask("/v1/search", { method: "POST", body: form, signal }) };
}

// Titles by id: of what was shown, else asked for.
const titles = new Map<string, string>();

/** Learns the titles of what is liked and disliked, one after the other. */
function useTitles(at: Address): void {
  const unknown = [...at.getAll("like"), ...at.getAll("unlike")].find((id) => !titles.has(id));
  const [, learnt] = useState(0);
  useEffect(() => {
    if (unknown === undefined) return;
    const stop = new AbortController();
    ask<ItemThemes>(`/v1/items/${encodeURIComponent(unknown)}`, { signal: stop.signal }).then(
      (answer) => titles.set(unknown, answer.item.title),
      () => titles.set(unknown, unknown), // the search itself says that there is no such title
    ).then(() => !stop.signal.aborted && learnt(titles.size));
    return () => stop.abort();
  }, [unknown]);
}

function Basket({ at }: { at: Address }) {
  const shown = picture();
  const without = (name: string, id: string) => changed(at, { [name]: at.getAll(name).filter((each) => each !== id) });
  const text = at.get("q");
  return (
    <ul class="chips basket" aria-label="Your query">
      {text && (
        <li><button class="chip" aria-label={`Remove the words ${text}`} onClick={() => go(changed(at, { q: null, anyway: null, ignore: null }))}>
          <bdi>“{text}”</bdi><Icon name="close" /></button></li>
      )}
      {at.has("picture") && (
        <li><button class="chip" aria-label="Remove the picture" onClick={() => go(changed(at, { picture: null }))}>
          {shown ? <img src={shown.url} alt="" /> : null}{shown ? "picture" : "picture (choose it again)"}<Icon name="close" /></button></li>
      )}
      {(["like", "unlike"] as const).flatMap((name) => at.getAll(name).map((id) => (
        <li key={name + id}>
          <button class={`chip ${name}`} aria-label={`Remove ${name} ${titles.get(id) ?? id}`} onClick={() => go(without(name, id))}>
            <Icon name={name === "like" ? "more" : "less"} /><span class="visually-hidden">{name}</span>
            <bdi>{titles.get(id) ?? id}</bdi><Icon name="close" />
          </button>
        </li>
      )))}
    </ul>
  );
}

/** What the words were taken to ask for. Without a chip its words are words like others. */
function Understood({ at, chips }: { at: Address; chips: Matches["understood"] }) {
  const ignored = (at.get("ignore") ?? "").split(",").filter(Boolean);
  if (!chips.length && !ignored.length) return null;
  return (
    <ul class="chips understood" aria-label="Understood as">
      {chips.map((chip) => (
        <li key={chip.words}>
          <button class={`chip ${chip.wanted ? "" : "unlike"}`} aria-label={`Take ${chip.words} for words, not for ${chip.label}`}
            onClick={() => go(changed(at, { ignore: [...ignored, chip.words].join(",") }))}>
            <bdi>{chip.label}</bdi><Icon name="close" /></button>
        </li>
      ))}
      {ignored.length > 0 && <li><a class="chip" href={changed(at, { ignore: null })}>Understand all words again</a></li>}
    </ul>
  );
}

function Results({ at, about }: { at: Address; about: About }) {
  const search = read(at, about);
  const answer = useAnswer<Matches>(search && question(search, at));
  for (const match of answer.data?.matches ?? []) titles.set(match.id, match.title);
  const like = at.getAll("like");
  const single = like.length === 1 && !at.get("q") && !at.getAll("unlike").length && !at.has("picture") ? like[0]! : null;
  const wanted = count(at);
  if (!search)
    return (
      <Empty title={at.has("picture") ? "The picture is gone" : "Start a search"}>
        <p>{at.has("picture") ? "A link cannot contain a picture. Drop it again, or choose it again." : "Type a title, or describe what you look for."}</p>
      </Empty>
    );
  return (
    <Shown answer={answer} loading={<><p class="meta late">Still searching. The first search in words, or by picture, loads a model. Later ones are quick.</p><Skeleton count={PAGE / 2} /></>}>
      {(data) =>
        data.matches.length === 0 ? (
          <Empty title={data.note ? "No match" : "No title passes these filters"}>
            {data.note && <p dir="auto">{data.note}</p>}
            <div class="row">
              {data.note && <a class="button" href={changed(at, { anyway: 1 })}>Show the nearest titles anyway</a>}
              {filtered(at) > 0 && <a class="button" href={changed(at, { from: null, to: null, genre: null, country: null, theme: null })}>Remove the filters</a>}
            </div>
          </Empty>
        ) : (
          <>
            <div class="bar">
              <p aria-live="polite">{single ? <>Most like <bdi>{titles.get(single) ?? single}</bdi></> : plural(data.matches.length, "title")}
                {data.note && <small dir="auto"> · {data.note}</small>}</p>
              <PartsLegend spaces={Object.keys(data.matches[0]!.parts)} />
              {!at.has("picture") && (
                <button class="button" onClick={() => download(`${path(search)}&format=csv`, "search.csv")}><Icon name="download" />CSV</button>
              )}
            </div>
            <Understood at={at} chips={data.understood} />
            <Grid label="Matches">
              {data.matches.map((match) => <Tile key={match.id} card={match.card} match={match} beside={single} />)}
            </Grid>
            {data.matches.length >= wanted && wanted < MAX_ANSWERS && (
              <p class="further"><button class="button" onClick={() => go(changed(at, { n: Math.min(MAX_ANSWERS, wanted + PAGE) }), "replace")}>Show more</button></p>
            )}
          </>
        )
      }
    </Shown>
  );
}

function Start({ about }: { about: About }) {
  const answer = useAnswer<Themes>("/v1/themes?limit=12");
  const source = about.source.split(/[/\\]/).pop();
  return (
    <>
      <section class="hero">
        <h1 tabIndex={-1}>What is like this, and in what ways?</h1>
        <SearchBox text="" large />
        <p class="lede">Type a title, describe what you look for, or drop a picture.
          {" "}{plural(about.items, "title")} of <b>{source}</b>, as of {day(about.created)}.</p>
      </section>
      <section>
        <div class="bar"><h2>What it is about</h2><a class="button" href={link("themes")}>All themes</a></div>
        <Shown answer={answer} loading={<Skeleton count={8} />}>
          {(data) => data.themes.length === 0 ? (
            <Empty title="No themes were found"><p>{data.why || "The titles do not form groups beyond chance."}</p></Empty>
          ) : (
            <div class="theme-grid">{data.themes.map((theme) => <ThemeTile key={theme.id} theme={theme} />)}</div>
          )}
        </Shown>
      </section>
    </>
  );
}

export function Find({ at, about }: { at: Address; about: About }) {
  const asks = ["q", "like", "unlike", "picture"].some((name) => at.has(name));
  const wide = useMemo(() => matchMedia("(min-width: 60rem)").matches, []);
  useTitles(at);
  if (!asks) return <Start about={about} />;
  return (
    <>
      <h1 class="visually-hidden" tabIndex={-1}>Search</h1>
      <SearchBox text={at.get("q") ?? ""} />
      <Basket at={at} />
      <div class="split">
        <details class="side" open={wide}>
          <summary>Tune and filter{filtered(at) ? ` (${filtered(at)})` : ""}</summary>
          <Tune at={at} about={about} />
        </details>
        <section aria-label="Results"><Results at={at} about={about} /></section>
      </div>
    </>
  );
}
