import { link, type Address } from "../address";
import type { About, ItemThemes, Matches } from "../api";
import { useAnswer } from "../api";
import { Cover } from "../parts/Cover";
import { Icon } from "../parts/Icon";
import { PartsLegend } from "../parts/Parts";
import { Empty, Shown, Skeleton } from "../parts/States";
import { Grid, PinButton, Tile, refine } from "../parts/Tile";
import { ThemeLink } from "../parts/ThemeLink";
import { day } from "../words";

const SHOWN = new Set(["id", "title", "description", "image", "theme", "genres", "released", "added"]); // elsewhere on the page

function text(value: unknown): string {
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "number" ? value.toLocaleString("en") : String(value ?? "");
}

export function Item({ at, about }: { at: Address; about: About }) {
  const id = at.get("id") ?? "";
  const path = `/v1/items/${encodeURIComponent(id)}`;
  const answer = useAnswer<ItemThemes>(path);
  const alike = useAnswer<Matches>(`${path}/similar?k=12&why=true`);
  return (
    <>
      <Shown answer={answer} loading={<Skeleton kind="lines" count={8} />}>
        {({ item, themes, values }) => (
          <article class="item">
            <Cover card={item} large />
            <div>
              <h1 tabIndex={-1} dir="auto">{item.title}</h1>
              <p class="meta">{[item.released && day(item.released), ...item.genres, item.added && item.added !== item.released && `added ${day(item.added)}`].filter(Boolean).join(" · ")}</p>
              <div class="row">
                <button class="button strong" onClick={() => refine(item.id, "like")}><Icon name="more" />Find more like this</button>
                <PinButton card={item} word />
              </div>
              <p class="prose" dir="auto">{text(values.description) || item.description}</p>
              {themes.length > 0 && (
                <ul class="theme-list inline" aria-label="Themes">
                  {themes.map((theme) => <li key={theme.id}><ThemeLink id={theme.id} label={theme.label} /></li>)}
                </ul>
              )}
              <dl class="facts">
                {Object.entries(values).filter(([name, value]) => !SHOWN.has(name) && text(value)).map(([name, value]) => (
                  <div key={name}><dt>{name}</dt><dd dir="auto">{text(value)}</dd></div>
                ))}
              </dl>
            </div>
          </article>
        )}
      </Shown>
      <section>
        <div class="bar"><h2>Most similar</h2>
          <PartsLegend spaces={about.spaces.filter((space) => about.weights[space])} />
          <a class="button" href={link("find", { like: id })}>Tune this search</a></div>
        <Shown answer={alike}>
          {(data) => data.matches.length ? (
            <Grid label="Similar titles">{data.matches.map((match) => <Tile key={match.id} card={match.card} match={match} beside={id} />)}</Grid>
          ) : <Empty title="No similar titles">{data.note && <p>{data.note}</p>}</Empty>}
        </Shown>
      </section>
    </>
  );
}
