import { link } from "../address";
import type { Theme } from "../api";
import { colour, plural, share, times } from "../words";
import { Cover } from "./Cover";
import { Status } from "./ThemeLink";

export function ThemeTile({ theme }: { theme: Theme }) {
  return (
    <article class={`theme-tile ${colour(theme.id)}`}>
      <a class="theme-head" href={link("theme", { id: theme.id })}><h3 dir="auto">{theme.label}</h3></a>
      <p class="meta"><b>{plural(theme.size, "title")}</b> · {share(theme.share)}
        <Status status={theme.status} />{theme.lift !== null && theme.status !== "steady" && <span> {times(theme.lift)} ×</span>}</p>
      <div class="covers">{theme.exemplars.slice(0, 4).map((card) => (
        <a key={card.id} href={link("item", { id: card.id })} aria-label={card.title}><Cover card={card} /></a>
      ))}</div>
      <p class="keywords" dir="auto">{theme.keywords.slice(0, 8).join(" · ")}</p>
    </article>
  );
}
