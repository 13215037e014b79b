import { changed, go, type Address } from "../address";
import type { Theme, Themes as Answered } from "../api";
import { download, everyTheme, useAnswer } from "../api";
import { Icon } from "../parts/Icon";
import { Empty, Shown } from "../parts/States";
import { ThemeTile } from "../parts/ThemeTile";
import { LEVELS } from "../words";

const PAGE = 60;
const ORDERS: Record<string, { text: string; by: (a: Theme, b: Theme) => number }> = {
  size: { text: "largest first", by: (a, b) => b.size - a.size },
  lift: { text: "rising first", by: (a, b) => (b.lift ?? 0) - (a.lift ?? 0) },
  name: { text: "by name", by: (a, b) => a.label.localeCompare(b.label) },
};

export function Levels({ at, levels }: { at: Address; levels: number }) {
  const level = Number(at.get("level") ?? 0);
  if (levels < 2) return null;
  return (
    <div class="tabs" role="group" aria-label="Level">
      {Array.from({ length: levels }, (_, i) => (
        <a key={i} class="button" href={changed(at, { level: i || null, n: null })} aria-current={i === level ? "true" : undefined}>{LEVELS[i] ?? `Level ${i}`}</a>
      ))}
    </div>
  );
}

export function Themes({ at }: { at: Address }) {
  const level = Number(at.get("level") ?? 0);
  const order = ORDERS[at.get("order") ?? "size"] ?? ORDERS.size!;
  const named = (at.get("named") ?? "").toLowerCase();
  const shown = Number(at.get("n")) || PAGE;
  const answer = useAnswer<Answered>(everyTheme(level));
  return (
    <>
      <h1 tabIndex={-1}>Themes</h1>
      <Shown answer={answer}>
        {(data) => {
          const fits = data.themes
            .filter((theme) => [theme.label, ...theme.keywords].some((each) => each.toLowerCase().includes(named)))
            .sort(order.by);
          return (
            <>
              <div class="bar">
                <Levels at={at} levels={data.levels} />
                <label class="inline">Named <input type="text" value={at.get("named") ?? ""} size={14}
                  onInput={(event) => go(changed(at, { named: event.currentTarget.value }), "replace")} /></label>
                <label class="inline">Order <select value={at.get("order") ?? "size"} onChange={(event) => go(changed(at, { order: event.currentTarget.value }))}>
                  {Object.entries(ORDERS).map(([name, { text }]) => <option key={name} value={name}>{text}</option>)}
                </select></label>
                <button class="button" onClick={() => download(`/v1/themes?level=${level}&format=csv`, "themes.csv")}><Icon name="download" />CSV</button>
              </div>
              {data.themes.length === 0 && <Empty title="No themes were found"><p>{data.why || "The titles do not form groups beyond chance."}</p></Empty>}
              {data.themes.length > 0 && fits.length === 0 && <Empty title="No theme has this name"><a class="button" href={changed(at, { named: null })}>Show all</a></Empty>}
              <div class="theme-grid">{fits.slice(0, shown).map((theme) => <ThemeTile key={theme.id} theme={theme} />)}</div>
              {fits.length > shown && <p class="further"><button class="button" onClick={() => go(changed(at, { n: shown + PAGE }), "replace")}>Show more</button></p>}
            </>
          );
        }}
      </Shown>
    </>
  );
}
