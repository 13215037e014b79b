import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { address, link, listen, start as startAddress, type Address } from "./address";
import type { About } from "./api";
import { ask, onNews, useAnswer } from "./api";
import { pins } from "./pins";
import { start as startPicture } from "./picture";
import { Keys } from "./parts/Keys";
import { Empty, Shown } from "./parts/States";
import { Tray } from "./parts/Tray";
import { Compare } from "./views/Compare";
import { Find } from "./views/Find";
import { Item } from "./views/Item";
import { MapView } from "./views/Map";
import { Rising } from "./views/Rising";
import { Theme } from "./views/Theme";
import { Themes } from "./views/Themes";
import { day, learn, paint } from "./words";

const VIEWS = { find: Find, item: Item, compare: Compare, themes: Themes, theme: Theme, map: MapView, rising: Rising };
const TABS: [string, string][] = [["find", "Find"], ["themes", "Themes"], ["map", "Map"], ["rising", "Rising"]];
const ABOVE: Record<string, string> = { item: "find", compare: "find", theme: "themes" };
const isView = (name: string): name is keyof typeof VIEWS => Object.hasOwn(VIEWS, name);

/** What a page is, as far as focus, scrolling and the title go: a slider does not make another one. */
const place = (at: Address): string => [at.get("view") ?? "find", at.get("view") ? at.get("id") : at.size > 0].join(" ");

function Shell({ at, about }: { at: Address; about: About }) {
  const name = at.get("view") ?? "find";
  const View = isView(name) ? VIEWS[name] : null;
  const main = useRef<HTMLElement>(null);
  const was = useRef(place(at));
  const here = place(at);
  useEffect(() => {
    const kept = history.state?.scroll;
    if (was.current !== here) main.current?.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
    if (was.current !== here || kept !== undefined) scrollTo(0, kept ?? 0);
    was.current = here;
  }, [at]);
  useEffect(() => {
    // the heading names the page, and may come with the answer
    const titled = () => {
      const heading = main.current?.querySelector("h1")?.textContent;
      document.title = [heading, "discover"].filter(Boolean).join(" · ");
    };
    titled();
    const watch = new MutationObserver(titled);
    watch.observe(main.current!, { childList: true, subtree: true });
    return () => watch.disconnect();
  }, [here]);
  return (
    <>
      <a class="skip" href="#main">To the content</a>
      <header class="top">
        <a class="brand" href="?">discover</a>
        <nav aria-label="Views">
          {TABS.map(([view, label]) => (
            <a key={view} href={view === "find" ? "?" : link(view)} aria-current={view === (ABOVE[name] ?? name) ? "page" : undefined}>{label}</a>
          ))}
          <a href="/v1/report">Report</a>
        </nav>
        <span class="edition"><span class="id">version {about.version}</span> {day(about.created)}</span>
        <Keys pinned={() => (pins().length > 1 ? link("compare", { id: pins().map((pin) => pin.id) }) : "")} />
      </header>
      <main id="main" ref={main} class={`view-${name}`}>
        {View ? <View at={at} about={about} /> : (
          <Empty title="This page does not exist"><a class="button" href="?">To the search</a></Empty>
        )}
      </main>
      <Tray hidden={name === "compare"} />
      <p class="drop" aria-hidden="true">Drop the picture to search by it</p>
    </>
  );
}

function App() {
  const [at, setAt] = useState(address);
  const [round, setRound] = useState(0);
  useEffect(() => listen(() => setAt(address())), []);
  useEffect(() => onNews(() => setRound((before) => before + 1)), []);
  const about = useAnswer<About>({ key: `about ${round}`, load: (signal) => ask("/v1/about", { signal }) });
  if (!about.data || about.problem)
    return (
      <>
        <header class="top"><a class="brand" href="?">discover</a></header>
        <main><Shown answer={about}>{() => null}</Shown></main>
      </>
    );
  paint(about.data.colours);
  learn(about.data.words);
  return <Shell at={at} about={about.data} />;
}

startAddress();
startPicture();
render(<App />, document.body);
