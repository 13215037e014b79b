import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { address, changed, go, link } from "../address";
import type { Card, Match } from "../api";
import { listen, pinned, toggle } from "../pins";
import { Cover } from "./Cover";
import { Icon } from "./Icon";
import { Parts } from "./Parts";

export function usePinned(id: string): boolean {
  const [on, setOn] = useState(() => pinned(id));
  useEffect(() => {
    setOn(pinned(id));
    return listen(() => setOn(pinned(id)));
  }, [id]);
  return on;
}

/** The search as it stands, with this title liked or disliked as well; elsewhere a new search. */
export function refine(id: string, how: "like" | "unlike"): void {
  const here = address();
  const from = here.has("view") ? new URLSearchParams() : here;
  const other = how === "like" ? "unlike" : "like";
  const next = [...from.getAll(how).filter((each) => each !== id), id];
  go(changed(from, { [how]: next, [other]: from.getAll(other).filter((each) => each !== id), n: null }));
}

export function PinButton({ card, word }: { card: Pick<Card, "id" | "title">; word?: boolean }) {
  const on = usePinned(card.id);
  return (
    <button class="button" aria-pressed={on} aria-label={word ? undefined : `Pin ${card.title} to compare`} data-act="pin"
      title="Pin to compare" onClick={() => toggle(card)}>
      <Icon name="pin" />{word && (on ? "Pinned" : "Pin to compare")}
    </button>
  );
}

/** A title in a grid: its cover, what it shares with what was asked, and what can be done with it. */
export function Tile(props: { card: Card; match?: Match; beside?: string | null; foot?: ComponentChildren }) {
  const { card, match } = props;
  const chips = match?.why ? match.why.split(", ") : [];
  const bare = !card.image;
  return (
    <article class={bare ? "tile bare" : "tile"} data-id={card.id}>
      <a class="tile-link" href={link("item", { id: card.id })} aria-label={card.title}>
        <Cover card={card} />
      </a>
      <h3 class={bare ? "visually-hidden" : undefined} dir="auto">{card.title}</h3>
      {!bare && <p class="meta">{[card.year, card.genres[0]].filter(Boolean).join(" · ")}</p>}
      {bare && card.description && <p class="about" dir="auto">{card.description}</p>}
      {chips.length > 0 && (
        <ul class="chips why" aria-label="What it shares">{chips.map((chip) => <li key={chip} dir="auto">{chip}</li>)}</ul>
      )}
      {match && <Parts parts={match.parts} percentile={match.percentile} />}
      {props.foot}
      <div class="acts">
        <button class="button" data-act="more" aria-label={`More like ${card.title}`} title="More like this (+)"
          onClick={() => refine(card.id, "like")}><Icon name="more" />More</button>
        <button class="button" data-act="less" aria-label={`Less like ${card.title}`} title="Less like this (−)"
          onClick={() => refine(card.id, "unlike")}><Icon name="less" />Less</button>
        <PinButton card={card} />
        {props.beside && (
          <a class="button plain" href={link("compare", { id: [props.beside, card.id] })}
            aria-label={`Why is ${card.title} here?`}>Why?</a>
        )}
      </div>
    </article>
  );
}

export function Grid({ children, label }: { children: ComponentChildren; label: string }) {
  return <div class="grid" role="group" aria-label={label}>{children}</div>;
}
