import { link } from "../address";
import { capital, colour, rises, shorten } from "../words";

const LONGEST = 80;

export function ThemeLink({ id, label }: { id: string; label: string }) {
  return (
    <a class="theme-link" href={link("theme", { id })} title={label}>
      <i class={`dot ${colour(id)}`} /><bdi>{shorten(label, LONGEST)}</bdi>
    </a>
  );
}

export function Status({ status }: { status: string | null }) {
  if (!status || status === "steady") return null;
  return <span class={`status ${rises(status) ? "up" : "down"}`}>{capital(status)}</span>;
}
