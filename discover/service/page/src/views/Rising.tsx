import { changed, link, type Address } from "../address";
import type { About, Events, Trend, Trends, WhiteSpaces } from "../api";
import { download, useAnswer } from "../api";
import { Curve, judged, lift } from "../parts/Curve";
import { Icon } from "../parts/Icon";
import { Empty, Shown, Skeleton } from "../parts/States";
import { Status, ThemeLink } from "../parts/ThemeLink";
import { colour, day, eventName, fades, plural, rises, share, times } from "../words";
import { Levels } from "./Themes";

function Board({ title, trends, empty }: { title: string; trends: Trend[]; empty: string }) {
  return (
    <section>
      <h2>{title}{trends.length > 0 && <small> {trends.length}</small>}</h2>
      {trends.length === 0 ? <p class="quiet">{empty}</p> : (
        <Curves trends={trends} />
      )}
    </section>
  );
}

function Curves({ trends }: { trends: Trend[] }) {
  return (
    <div class="board">
      {trends.map((trend) => (
        <article key={trend.theme + trend.measure} class={`trend ${colour(trend.theme)}`}>
          <h3><a href={link("theme", { id: trend.theme })} dir="auto">{trend.label}</a></h3>
          <p class="meta"><Status status={trend.status} /> {trend.measure === "audience" ? "by audience" : "by titles"}</p>
          <Curve trend={trend} />
          <p class="meta">{lift(trend)}</p>
        </article>
      ))}
    </div>
  );
}

export function Rising({ at, about }: { at: Address; about: About }) {
  const level = Number(at.get("level") ?? 0);
  const trends = useAnswer<Trends>(`/v1/trends?level=${level}`);
  const spaces = useAnswer<WhiteSpaces>(`/v1/white-space?level=${level}`);
  const events = useAnswer<Events>("/v1/events");
  return (
    <>
      <h1 tabIndex={-1}>What is rising, what is fading</h1>
      <div class="bar"><Levels at={at} levels={about.levels} />
        <button class="button" onClick={() => download(`/v1/trends?level=${level}&format=csv`, "trends.csv")}><Icon name="download" />CSV</button></div>
      <Shown answer={trends} loading={<Skeleton kind="lines" count={8} />}>
        {(data) => {
          if (data.trends.length === 0)
            return <Empty title="No trends"><p dir="auto">{data.why || "There are too few dated titles, or the dates span too short a time."}</p></Empty>;
          const by = (wanted: (trend: Trend) => boolean) => data.trends.filter(wanted);
          const rising = by((trend) => rises(trend.status)), fading = by((trend) => fades(trend.status));
          const steady = by((trend) => trend.status === "steady");
          return (
            <>
              <p class="note">{judged(data.trends[0]!)}</p>
              {rising.length + fading.length === 0 ? <p class="quiet">No theme rises or fades beyond chance.</p> : (
                <>
                  <Board title="Rising" trends={rising} empty="No theme rises beyond chance." />
                  <Board title="Fading" trends={fading} empty="No theme fades beyond chance." />
                </>
              )}
              {steady.length > 0 && (
                <details class="steady" open={steady.length === data.trends.length}><summary>{plural(steady.length, "curve")} within chance, the largest changes first</summary>
                  <Curves trends={at.has("all") ? steady : steady.slice(0, 8)} />
                  {steady.length > 8 && !at.has("all") && <a class="button" href={changed(at, { all: 1 })}>Show all</a>}
                </details>
              )}
              {data.notes?.length > 0 && <ul class="notes">{data.notes.map((note) => <li key={note} dir="auto">{note}</li>)}</ul>}
            </>
          );
        }}
      </Shown>
      <div class="two">
        <section>
          <h2>White space</h2>
          <p class="meta">Share of the audience over share of the titles, by theme. Coloured if beyond chance.</p>
          <Shown answer={spaces} loading={<Skeleton kind="lines" count={4} />}>
            {(data) => data.white_space.length === 0 ? <p class="quiet">{about.audience ? "There is none at this level." : "Demand is unknown, as neither the catalog nor the run has audience figures."}</p> : (
              <table class="lean">
                <thead><tr><th scope="col">Theme</th><th scope="col" class="number">Titles</th><th scope="col" class="number">Audience</th><th scope="col" class="number">Ratio</th></tr></thead>
                <tbody>{data.white_space.slice(0, 12).map((each) => (
                  <tr key={each.theme}><th scope="row"><ThemeLink id={each.theme} label={each.label} /></th>
                    <td class="number">{share(each.titles)}</td><td class="number">{share(each.audience)}</td>
                    <td class={each.low !== null && each.low > 1 ? "number beyond" : "number"}><b>{times(each.ratio)}</b><small>{times(each.low)} to {times(each.high)}</small></td></tr>
                ))}</tbody>
              </table>
            )}
          </Shown>
        </section>
        <section>
          <h2>What happened to themes</h2>
          <Shown answer={events} loading={<Skeleton kind="lines" count={4} />}>
            {(data) => {
              const news = data.events.filter((event) => event.kind !== "continued");
              return news.length === 0 ? <p class="quiet">All themes continue unchanged.</p> : (
                <ol class="history">{news.slice(0, 40).map((event, i) => (
                  <li key={i}><time dateTime={event.created}>{day(event.created)}</time><span><b>{eventName(event.kind)}</b>{" "}
                    <ThemeLink id={event.theme} label={data.labels[event.theme] ?? event.theme} />
                    {event.others.map((other) => <span key={other}> <ThemeLink id={other} label={data.labels[other] ?? other} /></span>)}</span></li>
                ))}</ol>
              );
            }}
          </Shown>
        </section>
      </div>
    </>
  );
}
