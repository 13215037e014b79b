import { select } from "d3-selection";
import { zoom as zooming, zoomIdentity, type ZoomBehavior } from "d3-zoom";
import KDBush from "kdbush";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { address, changed, go, link, type Address } from "../address";
import type { About, Card, MapItems, MapNames } from "../api";
import { Problem, ask, bytes, useAnswer } from "../api";
import { Cover } from "../parts/Cover";
import { Icon } from "../parts/Icon";
import { Empty, Failed, Skeleton } from "../parts/States";
import { PinButton } from "../parts/Tile";
import { ThemeLink } from "../parts/ThemeLink";
import { NONE, counts, dateOf, dayOf, middle, read, type Points } from "../map/points";
import { Renderer, pad, type View } from "../map/renderer";
import { overlap, placeNames, type Spot } from "../../../../report/sections/_names.js";
import { LEVELS, OUTLIER, count, day, hue, period, plural, shorten, unbroken } from "../words";


const FINER = 2.2; // times the first view, from which the finer level's names are shown, unless one is chosen
const DEEPEST = 80;
const MOST_HOME = 4; // zoom of the first view, where a few outlying items would make the rest small
const APART = { x: 8, y: 3 }; // px between names
const ROOM = 14_000; // px² of the plate for each name
const REACH = 12; // px from the pointer to a dot
const PLAY = 14_000; // ms from the first day to the last
const DRAWN = "map-drawn"; // mark of the first frame, for benchmarks/page.py

/** The first view: the map without the margin that a few outlying items take. */
function home(points: Points, width: number, height: number): View {
  const [left, bottom, right, top] = middle(points), edge = pad(width);
  const k = Math.min(MOST_HOME, 0.94 / Math.max(right - left, top - bottom, 0.01));
  if (k < 1.2) return zoomIdentity;
  const x = edge + ((left + right) / 2) * (width - 2 * edge), y = edge + (1 - (bottom + top) / 2) * (height - 2 * edge);
  const within = (shift: number, size: number) => Math.min(0, Math.max(size - size * k, shift));
  return { x: within(width / 2 - x * k, width), y: within(height / 2 - y * k, height), k };
}

/** The map, kept while what is known of the catalog holds: 100,000 items are 1 MB. */
let held: { about: About; points: Points } | null = null;

function usePoints(about: About): { points: Points | null; problem: Problem | null; again: () => void } {
  const [state, setState] = useState<{ points: Points | null; problem: Problem | null }>({ points: held?.about === about ? held.points : null, problem: null });
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (held?.about === about) return setState({ points: held.points, problem: null });
    const stop = new AbortController();
    bytes("/v1/map", stop.signal).then(
      (buffer) => {
        const points = read(buffer);
        held = { about, points };
        setState({ points, problem: null });
      },
    ).catch((error) => {
      if (!stop.signal.aborted) setState({ points: null, problem: error instanceof Problem ? error : new Problem(0, "The map cannot be drawn", String(error.message ?? error)) });
    });
    return () => stop.abort();
  }, [about, round]);
  return { ...state, again: () => { setState({ points: null, problem: null }); setRound(round + 1); } };
}

function colours(points: Points): Uint8Array {
  const broad = (points.header.themes[0] ?? []).map((theme) => hue(theme.id));
  return Uint8Array.from(points.themes[0] ?? new Uint16Array(points.count).fill(NONE), (number) => (number === NONE ? OUTLIER : broad[number]!));
}

const cards = new Map<number, Card>();
async function cardOf(row: number): Promise<Card | null> {
  if (!cards.has(row)) {
    const answer = await ask<MapItems>(`/v1/map/items?rows=${row}`);
    if (answer.items[0]) cards.set(row, answer.items[0]);
  }
  return cards.get(row) ?? null;
}

export function Plate({ at, about, points }: { at: Address; about: About; points: Points }) {
  const plate = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const view = useRef<View>(zoomIdentity);
  const behaviour = useRef<ZoomBehavior<HTMLDivElement, unknown> | null>(null);
  const renderer = useRef<Renderer | null>(null);
  const first = useRef(1); // zoom of the first view
  const [k, setK] = useState(1);
  const [failed, setFailed] = useState("");
  const [hover, setHover] = useState<{ row: number; x: number; y: number; card: Card | null } | null>(null);
  const [chosen, setChosen] = useState<Card | null>(null);
  const [playing, setPlaying] = useState(false);
  const levels = points.themes.length;
  const dated = points.header.dates !== null && points.lastDay > 0;
  const [until, setUntil] = useState<number | null>(() => (dated && at.get("until") ? dayOf(points, at.get("until")!) : null));
  const fixed = at.has("level") ? Math.min(Number(at.get("level")) || 0, levels - 1) : null;
  const level = Math.max(0, fixed ?? (k >= FINER * first.current ? levels - 1 : 0));
  const names = useAnswer<MapNames>(levels ? `/v1/map/names?level=${level}` : null);
  const tree = useMemo(() => {
    const made = new KDBush(points.count, 64, Uint16Array);
    for (let row = 0; row < points.count; row++) made.add(points.x[row]!, points.y[row]!);
    return made.finish();
  }, [points]);
  const tally = useMemo(() => counts(points, level, until ?? points.lastDay), [points, level, until]);

  // the theme that is pointed out, by id: its level and number
  const wanted = at.get("theme");
  const focus = useMemo(() => {
    for (let each = 0; each < levels; each++) {
      const number = points.header.themes[each]!.findIndex((theme) => theme.id === wanted);
      if (number >= 0) return { level: each, number };
    }
    return null;
  }, [wanted, points]);

  const shown = useMemo(() => {
    const numbers = new Map((points.header.themes[level] ?? []).map((theme, number) => [theme.id, number]));
    return (names.data?.names ?? []).filter((name) => name.level === level && Number.isFinite(name.x))
      .map((name) => ({ ...name, now: tally[numbers.get(name.id) ?? -1] ?? 0 })).filter((name) => name.now > 0)
      .sort((a, b) => b.now - a.now);
  }, [names.data, level, tally]);

  const toPlate = (x: number, y: number): [number, number] => {
    const { clientWidth: w, clientHeight: h } = plate.current!, edge = pad(w);
    const [x0, x1] = points.header.x, [y0, y1] = points.header.y;
    return [edge + ((x - x0) / (x1 - x0 || 1)) * (w - 2 * edge), edge + (1 - (y - y0) / (y1 - y0 || 1)) * (h - 2 * edge)];
  };

  const ties = useRef<SVGPathElement>(null);
  const sizes = useRef(new WeakMap<Element, { w: number; h: number }>());
  const spots = useRef(new Map<string, Spot>()); // by theme, as seen from its place
  const settled = useRef(""); // for which names
  const place = () => {
    const { x, y, k } = view.current;
    const elements = [...plate.current!.querySelectorAll<HTMLElement>(".name")];
    const measured = elements.map((element) => {
      let size = sizes.current.get(element);
      if (!size) sizes.current.set(element, (size = { w: element.offsetWidth + 2 * APART.x, h: element.offsetHeight + 2 * APART.y }));
      return size;
    });
    const at = shown.map((name) => {
      const [px, py] = toPlate(name.x, name.y);
      return { x: px * k + x, y: py * k + y };
    });
    const ids = shown.map((name) => name.id).join(" ");
    if (!moving.current && (!playing || settled.current !== ids)) settle(elements, measured, at);
    if (!moving.current) settled.current = ids;
    const lines: string[] = [], taken: Spot[] = [];
    elements.forEach((element, i) => {
      const found = shown[i] && spots.current.get(shown[i].id);
      const spot = found && { ...found, x: at[i]!.x + found.x, y: at[i]!.y + found.y };
      const free = spot && !taken.some((other) => overlap(spot, other)); // while one zooms out, names come together
      element.classList.toggle("placed", Boolean(free));
      if (!free) return;
      taken.push(spot);
      element.style.transform = `translate(${Math.round(spot.x + APART.x)}px, ${Math.round(spot.y + APART.y)}px)`;
      if (spot.tie) lines.push(`M${at[i]!.x + spot.tie[0]!} ${at[i]!.y + spot.tie[1]!}L${at[i]!.x} ${at[i]!.y}`);
    });
    ties.current?.setAttribute("d", lines.join(""));
  };

  /** Finds each name its spot anew, once the map has come to rest; while it moves, names stay as they are to their places. */
  const settle = (elements: HTMLElement[], sizes: { w: number; h: number }[], at: { x: number; y: number }[]) => {
    const { clientWidth: width, clientHeight: height } = plate.current!, { x, y, k } = view.current, edge = pad(width);
    const xs = new Float32Array(points.count), ys = new Float32Array(points.count), themes = new Int32Array(points.count);
    const numbers = new Map((points.header.themes[level] ?? []).map((theme, number) => [theme.id, number]));
    for (let row = 0; row < points.count; row++) {
      const nowhere = !points.x[row] && !points.y[row]; // what comes later counts, so that names stay while themes grow
      xs[row] = nowhere ? NaN : (edge + (points.x[row]! / NONE) * (width - 2 * edge)) * k + x;
      ys[row] = (edge + (1 - points.y[row]! / NONE) * (height - 2 * edge)) * k + y;
      themes[row] = points.themes[level]?.[row] ?? NONE;
    }
    const inside = elements.flatMap((_, i) => {
      const { x, y } = at[i] ?? { x: -99, y: -99 };
      return x > -20 && y > -20 && x < width + 20 && y < height + 20 ? [i] : [];
    }).slice(0, Math.ceil((width * height) / ROOM));
    const wanted = inside.map((i) => ({ ...at[i]!, ...sizes[i]!, theme: numbers.get(shown[i]!.id) ?? NONE }));
    spots.current.clear();
    placeNames(wanted, { xs, ys, themes }, width, height, width < 600 ? 60 : 96).forEach((spot, n) => {
      const i = inside[n]!, { x, y } = at[i]!;
      if (spot) spots.current.set(shown[i]!.id, { ...spot, x: spot.x - x, y: spot.y - y, tie: spot.tie && [spot.tie[0]! - x, spot.tie[1]! - y] });
    });
  };

  const frame = useRef(0);
  const moving = useRef(false);
  const look = useRef({ until, focus, playing });
  look.current = { until, focus, playing };
  const placing = useRef(place);
  placing.current = place;
  const redraw = () => {
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => {
      renderer.current?.draw({
        view: view.current,
        until: look.current.until !== null && look.current.until < points.lastDay ? look.current.until : null,
        focus: look.current.focus?.number ?? null,
        moving: moving.current || look.current.playing,
      });
      placing.current();
      if (!performance.getEntriesByName(DRAWN).length) performance.mark(DRAWN);
    });
  };

  // the renderer lives as long as the plate
  useEffect(() => {
    const make = () => {
      try {
        renderer.current = new Renderer(canvas.current!, points, colours(points));
        renderer.current.colours();
        if (look.current.focus) renderer.current.level(look.current.focus.level);
        redraw();
      } catch (error) {
        setFailed(String((error as Error).message));
      }
    };
    make();
    const lost = (event: Event) => event.preventDefault();
    canvas.current!.addEventListener("webglcontextlost", lost);
    canvas.current!.addEventListener("webglcontextrestored", make);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const repaint = () => { renderer.current?.colours(); redraw(); };
    scheme.addEventListener("change", repaint);
    const watch = new ResizeObserver(() => redraw());
    watch.observe(plate.current!);
    return () => {
      scheme.removeEventListener("change", repaint);
      watch.disconnect();
      cancelAnimationFrame(frame.current);
    };
  }, [points]);

  useEffect(() => {
    if (focus) renderer.current?.level(focus.level);
    redraw();
  }, [focus, until, playing]);
  useLayoutEffect(() => { sizes.current = new WeakMap(); redraw(); }, [shown]);

  // panning and zooming; the address follows when it has come to rest
  useEffect(() => {
    const { clientWidth: w, clientHeight: h } = plate.current!;
    const zoom = zooming<HTMLDivElement, unknown>().scaleExtent([1, DEEPEST]).translateExtent([[0, 0], [w, h]]).extent([[0, 0], [w, h]])
      .on("start", () => { moving.current = true; })
      .on("zoom", (event) => {
        view.current = event.transform;
        setK(event.transform.k);
        setHover(null);
        redraw();
      })
      .on("end", () => {
        moving.current = false;
        redraw();
        const { x, y, k } = view.current, { clientWidth, clientHeight } = plate.current!, here = home(points, clientWidth, clientHeight);
        const moved = Math.abs(k / here.k - 1) > 0.01 || Math.hypot(x - here.x, y - here.y) > 2;
        const centre = [(clientWidth / 2 - x) / k / clientWidth, (clientHeight / 2 - y) / k / clientHeight, k];
        if (address().get("view") === "map") go(changed(address(), { at: moved ? centre.map((each) => each.toFixed(4)).join(",") : null }), "replace");
      });
    behaviour.current = zoom;
    const selection = select(plate.current!);
    selection.call(zoom).on("dblclick.zoom", null);
    const start = home(points, w, h), [mx, my, mk] = (at.get("at") ?? "").split(",").map(Number);
    first.current = start.k;
    if (mx && my && mk && mk >= 1) {
      const there = Math.min(mk, DEEPEST);
      selection.call(zoom.transform, zoomIdentity.translate(w / 2 - mx * w * there, h / 2 - my * h * there).scale(there));
    } else selection.call(zoom.transform, zoomIdentity.translate(start.x, start.y).scale(start.k));
    const resized = new ResizeObserver(() => {
      const { clientWidth, clientHeight } = plate.current!;
      zoom.translateExtent([[0, 0], [clientWidth, clientHeight]]).extent([[0, 0], [clientWidth, clientHeight]]);
    });
    resized.observe(plate.current!);
    return () => {
      resized.disconnect();
      selection.on(".zoom", null);
    };
  }, [points]);

  useEffect(() => {
    if (!playing) return;
    let last = performance.now(), position = until === null || until >= points.lastDay ? 0 : until, request = 0;
    const step = (now: number) => {
      position += ((now - last) / PLAY) * points.lastDay;
      last = now;
      if (position >= points.lastDay) {
        setUntil(null);
        setPlaying(false);
        return;
      }
      setUntil(Math.round(position));
      request = requestAnimationFrame(step);
    };
    request = requestAnimationFrame(step);
    return () => cancelAnimationFrame(request);
  }, [playing]);

  const rest = (position: number | null) =>
    go(changed(address(), { until: position === null || position >= points.lastDay ? null : dateOf(points, position) }), "replace");

  const nearest = (event: PointerEvent | MouseEvent): { row: number; x: number; y: number } | null => {
    const { clientWidth: w, clientHeight: h, clientLeft, clientTop } = plate.current!, bounds = plate.current!.getBoundingClientRect();
    const { x, y, k } = view.current, edge = pad(w), mx = event.clientX - bounds.left - clientLeft, my = event.clientY - bounds.top - clientTop;
    const ux = ((mx - x) / k - edge) / (w - 2 * edge), uy = 1 - ((my - y) / k - edge) / (h - 2 * edge);
    const rx = REACH / k / (w - 2 * edge), ry = REACH / k / (h - 2 * edge);
    const found = tree.range((ux - rx) * NONE, (uy - ry) * NONE, (ux + rx) * NONE, (uy + ry) * NONE);
    let best = -1, least = 1;
    for (const row of found) {
      if (until !== null && until < points.lastDay && points.days[row]! > until) continue;
      const far = ((points.x[row]! / NONE - ux) / rx) ** 2 + ((points.y[row]! / NONE - uy) / ry) ** 2;
      if (far < least) [best, least] = [row, far];
    }
    if (best < 0) return null;
    return { row: best, x: (edge + (points.x[best]! / NONE) * (w - 2 * edge)) * k + x, y: (edge + (1 - points.y[best]! / NONE) * (h - 2 * edge)) * k + y };
  };

  const pointed = useRef(-1);
  const point = (event: PointerEvent) => {
    if (event.buttons || (event.target as Element).closest(".name")) return;
    const found = nearest(event);
    if ((found?.row ?? -1) === pointed.current) return;
    pointed.current = found?.row ?? -1;
    if (!found) return setHover(null);
    setHover({ ...found, card: cards.get(found.row) ?? null });
    setTimeout(() => {
      if (pointed.current !== found.row) return; // moved on meanwhile
      void cardOf(found.row).then((card) => pointed.current === found.row && setHover({ ...found, card }), () => setHover(null));
    }, 60);
  };
  const pick = (event: MouseEvent) => {
    if (event.defaultPrevented || (event.target as Element).closest(".name")) return; // d3-zoom prevents the click that ends a drag
    const found = nearest(event);
    if (!found) return setChosen(null);
    void cardOf(found.row).then(setChosen, () => setChosen(null));
  };
  const move = (event: KeyboardEvent) => {
    const selection = select(plate.current!), zoom = behaviour.current!;
    const steps: Record<string, () => void> = {
      ArrowLeft: () => zoom.translateBy(selection, 60 / view.current.k, 0),
      ArrowRight: () => zoom.translateBy(selection, -60 / view.current.k, 0),
      ArrowUp: () => zoom.translateBy(selection, 0, 60 / view.current.k),
      ArrowDown: () => zoom.translateBy(selection, 0, -60 / view.current.k),
      "+": () => zoom.scaleBy(selection, 1.5),
      "=": () => zoom.scaleBy(selection, 1.5),
      "-": () => zoom.scaleBy(selection, 1 / 1.5),
      "0": () => zoom.transform(selection, zoomIdentity),
      Escape: () => setChosen(null),
    };
    const step = steps[event.key];
    if (!step || event.target !== plate.current || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    step();
  };

  if (failed) return <Empty title="The map cannot be drawn here"><p>{failed}. The themes are also listed as text.</p><a class="button" href={link("themes")}>All themes</a></Empty>;
  const step = Math.max(1, Math.round(points.lastDay / 400));
  const reached = (slider: HTMLInputElement) => (Number(slider.value) > points.lastDay - step ? null : Number(slider.value));
  const total = tally[tally.length - 1]!;
  const position = until ?? points.lastDay;
  const broad = (points.header.themes[0] ?? []).map((theme) => hue(theme.id)), repeats = new Set(broad).size < broad.length;
  return (
    <>
      <div class="bar map-bar">
        {levels > 1 && (
          <div class="tabs" role="group" aria-label="Names">
            <a class="button" href={changed(at, { level: null })} aria-current={fixed === null ? "true" : undefined}>By zoom</a>
            {Array.from({ length: levels }, (_, i) => (
              <a key={i} class="button" href={changed(at, { level: i })} aria-current={fixed === i ? "true" : undefined}>{LEVELS[i] ?? i}</a>
            ))}
          </div>
        )}
        {levels > 0 && (
          <label class="inline">Highlight <select value={wanted ?? ""} onChange={(event) => go(changed(at, { theme: event.currentTarget.value }), "replace")}>
            <option value="">all themes</option>
            {points.header.themes.map((themes, i) => (
              <optgroup key={i} label={LEVELS[i] ?? `Level ${i}`}>{themes.filter((theme) => theme.id === wanted || !(i && points.header.themes[0]!.some((each) => each.id === theme.id)))
                .map((theme) => <option key={theme.id} value={theme.id}>{shorten(theme.label, 60)}</option>)}</optgroup>
            ))}
          </select></label>
        )}
        {focus && <a class="button" href={link("theme", { id: wanted })}>Open the theme</a>}
        <span class="spread" />
        <button class="button" aria-label="Zoom in" onClick={() => behaviour.current!.scaleBy(select(plate.current!), 1.6)}><Icon name="more" /></button>
        <button class="button" aria-label="Zoom out" onClick={() => behaviour.current!.scaleBy(select(plate.current!), 1 / 1.6)}><Icon name="less" /></button>
        <button class="button" onClick={() => behaviour.current!.transform(select(plate.current!), zoomIdentity)}>Whole map</button>
      </div>
      <div class="plate" ref={plate} tabIndex={0} role="application" aria-label="Map of the catalog. Arrow keys move it, plus and minus zoom."
        onPointerMove={point} onPointerLeave={() => { pointed.current = -1; setHover(null); }} onClick={pick} onKeyDown={move}>
        <canvas ref={canvas} role="img" aria-label={`Map of ${plural(total, "title")}. Similar titles lie close together. The themes are listed under Themes.`} />
        <svg class="ties" aria-hidden="true"><path ref={ties} /></svg>
        {shown.map((name) => (
          <a key={name.id} class={`name${name.now >= (shown[0]?.now ?? 0) / 3 ? " major" : ""}${name.id === wanted ? " on" : ""}`} href={link("theme", { id: name.id })} dir="auto">
            {unbroken(shorten(name.label, 60))}{until !== null && <small> {count(name.now)}</small>}
          </a>
        ))}
        {hover && <span class="ring" style={{ transform: `translate(${hover.x}px, ${hover.y}px)` }} />}
        {hover?.card && hover.card.id !== chosen?.id && (
          <div class={`tip${hover.x > (plate.current?.clientWidth ?? 0) / 2 ? " left" : ""}${hover.y > (plate.current?.clientHeight ?? 0) / 2 ? " up" : ""}`} style={{ transform: `translate(${hover.x}px, ${hover.y}px)` }}>
            <div>{hover.card.image && <img src={`${hover.card.image}?width=240`} alt="" />}<b dir="auto">{shorten(hover.card.title, 80)}</b>
              <span>{[hover.card.year, hover.card.theme && shorten(hover.card.theme.label, 60)].filter(Boolean).join(" · ")}</span></div>
          </div>
        )}
        {chosen && (
          <aside class="chosen" aria-label="Chosen title" onPointerDown={(event) => event.stopPropagation()} onClick={(event) => event.stopPropagation()}
            onMouseDown={(event) => event.stopPropagation()} onWheel={(event) => event.stopPropagation()}>
            <Cover card={chosen} />
            <div>
              <h2 dir="auto">{shorten(chosen.title, 100)}</h2>
              <p class="meta">{[chosen.year, ...chosen.genres.slice(0, 2)].filter(Boolean).join(" · ")}</p>
              {chosen.theme && <ThemeLink id={chosen.theme.id} label={chosen.theme.label} />}
              <p class="about" dir="auto">{chosen.description}</p>
              <div class="row">
                <button class="button strong" onClick={() => go(link("item", { id: chosen.id }))}>Open</button>
                <button class="button" onClick={() => go(link("find", { like: chosen.id }))}>Similar</button>
                <PinButton card={chosen} />
                <button class="button plain" aria-label="Close" onClick={() => setChosen(null)}><Icon name="close" /></button>
              </div>
            </div>
          </aside>
        )}
      </div>
      {dated && (
        <div class="time">
          <button class="button" aria-label={playing ? "Pause" : "Play: watch the themes grow"} onClick={() => { if (playing) rest(until); setPlaying(!playing); }}>
            <Icon name={playing ? "pause" : "play"} /></button>
          <label><span class="visually-hidden">Titles up to</span>
            <input type="range" min="0" max={points.lastDay} step={step} value={position}
              aria-valuetext={day(dateOf(points, position))}
              onInput={(event) => { setPlaying(false); setUntil(reached(event.currentTarget)); }}
              onChange={(event) => rest(reached(event.currentTarget))} /></label>
          <output>{until === null ? "" : "until "}{period(dateOf(points, position).slice(0, 7))} · {plural(total, "title")}</output>
        </div>
      )}
      <p class="note">Each dot is a title. Similar titles lie close together.
        Colours are broad themes{repeats ? " and repeat" : ""}. Grey dots are outliers.
        {points.count < about.items && ` ${plural(about.items - points.count, "title")} cannot be placed.`}</p>
    </>
  );
}

export function MapView({ at, about }: { at: Address; about: About }) {
  const { points, problem, again } = usePoints(about);
  return (
    <>
      <h1 tabIndex={-1}>The map</h1>
      {problem ? <Failed problem={problem} again={again} /> : !points ? <Skeleton kind="map" count={1} /> : points.count === 0
        ? <Empty title="No title could be placed" /> : <Plate at={at} about={about} points={points} />}
    </>
  );
}
