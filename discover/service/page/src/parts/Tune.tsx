// What counts in a search, and which titles may answer: both are part of the address.

import { changed, go, type Address } from "../address";
import type { About } from "../api";
import { count as number, plural, spaceName } from "../words";
import { Icon } from "./Icon";
import { byOrder } from "./Parts";

const STOPS = [0, 0.4, 1, 2.5, 6]; // times the usual weight
const STOP_WORDS = ["not at all", "less", "as usual", "more", "much more"];
const USUAL = 2;

/** The spaces that count: those that the service names and weighs. Each has a slider, also one that is new there. */
const sliders = (about: About): string[] => byOrder(about.spaces.filter((space) => about.weights[space]));
const parameter = (space: string): string => `weight-${space}`;

const stop = (at: Address, space: string): number => {
  const chosen = Number(at.get(parameter(space)) ?? USUAL);
  return chosen in STOPS ? chosen : USUAL;
};

/** The weights that the sliders stand for; undefined where all are as usual, or where nothing would count. */
export function weights(at: Address, about: About): Record<string, number> | undefined {
  const spaces = sliders(about);
  if (spaces.every((space) => stop(at, space) === USUAL)) return undefined;
  const chosen = Object.fromEntries(spaces.map((space) => [space, about.weights[space]! * STOPS[stop(at, space)]!]));
  return Object.values(chosen).some((weight) => weight > 0) ? chosen : undefined;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const either = (terms: string[]): string[] => (terms.length ? [`(${terms.join(" OR ")})`] : []);

/** The filters as the SQL that the service reads. */
export function where(at: Address): string | undefined {
  const year = (name: string) => (/^\d{1,4}$/.test(at.get(name) ?? "") ? at.get(name) : null);
  const terms = [
    ...(year("from") ? [`year >= ${year("from")}`] : []),
    ...(year("to") ? [`year <= ${year("to")}`] : []),
    ...at.getAll("genre").map((value) => `${quoted(value)} IN genres`),
    ...either(at.getAll("country").map((value) => `${quoted(value)} IN country`)),
    ...either(at.getAll("theme").map((value) => `theme = ${quoted(value)}`)),
  ];
  return terms.length ? terms.join(" AND ") : undefined;
}

export const filtered = (at: Address): number =>
  ["from", "to"].filter((name) => at.get(name)).length + ["genre", "country", "theme"].flatMap((name) => at.getAll(name)).length;

function Choice(props: { at: Address; name: string; label: string; all: string; options: { value: string; text: string }[] }) {
  const { at, name, options } = props;
  const chosen = at.getAll(name);
  if (!options.length) return null;
  const texts = new Map(options.map((each) => [each.value, each.text]));
  return (
    <div class="choice">
      <label>{props.label}
        <select value="" onChange={(event) => {
          const value = event.currentTarget.value;
          event.currentTarget.value = "";
          if (value) go(changed(at, { [name]: [...chosen, value] }));
        }}>
          <option value="">{chosen.length ? "and …" : props.all}</option>
          {options.filter((each) => !chosen.includes(each.value)).map((each) => (
            <option key={each.value} value={each.value}>{each.text}</option>
          ))}
        </select>
      </label>
      <ul class="chips">
        {chosen.map((value) => (
          <li key={value}>
            <button class="chip" aria-label={`Remove ${texts.get(value) ?? value}`}
              onClick={() => go(changed(at, { [name]: chosen.filter((each) => each !== value) }))}>
              <bdi>{(texts.get(value) ?? value).replace(/ \([\d,]+\)$/, "")}</bdi><Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function Tune({ at, about }: { at: Address; about: About }) {
  const { filters } = about;
  const spread = Number(at.get("spread") ?? 0);
  return (
    <div class="tune">
      <fieldset>
        <legend>What counts</legend>
        {sliders(about).map((space) => (
          <div class="slider" key={space} title={about.words.spaces[space]?.hint}>
            <label for={`tune-${space}`}>{spaceName(space)}</label><span class="meta">{STOP_WORDS[stop(at, space)]}</span>
            <input id={`tune-${space}`} type="range" min="0" max={STOPS.length - 1} step="1" value={stop(at, space)} aria-valuetext={STOP_WORDS[stop(at, space)]}
              onInput={(event) => {
                const value = Number(event.currentTarget.value);
                go(changed(at, { [parameter(space)]: value === USUAL ? null : value }), "replace");
              }} />
          </div>
        ))}
        <div class="slider" title="more variety, less similarity">
          <label for="tune-spread">Variety</label><span class="meta">{spread ? `${spread * 10}%` : "none"}</span>
          <input id="tune-spread" type="range" min="0" max="8" step="1" value={spread} aria-valuetext={spread ? `${spread * 10} percent` : "none"}
            onInput={(event) => go(changed(at, { spread: Number(event.currentTarget.value) || null }), "replace")} />
        </div>
        <label class="check">
          <input type="checkbox" checked={at.has("once")} onChange={(event) => go(changed(at, { once: event.currentTarget.checked ? 1 : null }))} />
          Only one of each group of near-duplicates
        </label>
      </fieldset>
      <fieldset>
        <legend>Only titles</legend>
        {filters.year && (
          <div class="years">
            {(["from", "to"] as const).map((name) => (
              <label key={name}>{name === "from" ? "From" : "To"}
                {/* Not `value`: what is being typed would be lost whenever answers come and the page is drawn anew. */}
                <input key={at.get(name) ?? ""} type="number" inputMode="numeric" min={filters.year!.min} max={filters.year!.max}
                  placeholder={String(name === "from" ? filters.year!.min : filters.year!.max)} defaultValue={at.get(name) ?? ""}
                  onChange={(event) => go(changed(at, { [name]: event.currentTarget.value || null }))} />
              </label>
            ))}
          </div>
        )}
        <Choice at={at} name="genre" label="Genre" all="any genre"
          options={filters.genres.map(({ value, count }) => ({ value, text: `${value} (${number(count)})` }))} />
        <Choice at={at} name="country" label="Country" all="any country"
          options={filters.countries.map(({ value, count }) => ({ value, text: `${value} (${number(count)})` }))} />
        <Choice at={at} name="theme" label="Theme" all="any theme"
          options={filters.themes.map(({ id, label, size }) => ({ value: id, text: `${label} (${number(size)})` }))} />
        {filtered(at) > 0 && (
          <button class="button" onClick={() => go(changed(at, { from: null, to: null, genre: null, country: null, theme: null }))}>
            Remove {plural(filtered(at), "filter")}
          </button>
        )}
      </fieldset>
    </div>
  );
}
