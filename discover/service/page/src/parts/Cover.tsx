import { useState } from "preact/hooks";
import type { Card } from "../api";
import { colour } from "../words";

/** A title's poster; where there is none, the title set as a cover in its theme's colour. */
export function Cover({ card, large }: { card: Card; large?: boolean }) {
  const [broken, setBroken] = useState<string | null>(null);
  if (card.image && broken !== card.image) {
    const source = `${card.image}?width=${large ? 480 : 240}`;
    return (
      <span class="cover">
        <img src={source} alt="" loading="lazy" decoding="async" onError={() => setBroken(card.image)} />
      </span>
    );
  }
  return (
    <span class={`cover set ${colour(card.theme?.id)}`} aria-hidden="true">
      <span class="cover-title" dir="auto">{card.title}</span>
      <span class="cover-foot">{[card.year, card.genres[0]].filter(Boolean).join(" · ")}</span>
    </span>
  );
}
