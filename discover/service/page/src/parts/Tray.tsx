import { useEffect, useState } from "preact/hooks";
import { link } from "../address";
import { clear, listen, pins, toggle } from "../pins";
import { shorten } from "../words";
import { Icon } from "./Icon";

/** What is pinned, wherever one is, until it is compared. */
export function Tray({ hidden }: { hidden: boolean }) {
  const [shown, setShown] = useState(pins);
  useEffect(() => listen(() => setShown(pins())), []);
  if (!shown.length || hidden) return null;
  return (
    <aside class="tray" aria-label="Pinned titles">
      <ul class="chips">
        {shown.map((pin) => (
          <li key={pin.id}><button class="chip" aria-label={`Unpin ${pin.title}`} onClick={() => toggle(pin)}>
            <bdi>{shorten(pin.title, 24)}</bdi><Icon name="close" /></button></li>
        ))}
      </ul>
      {shown.length > 1 ? <a class="button strong" href={link("compare", { id: shown.map((pin) => pin.id) })}>Compare {shown.length}</a>
        : <span class="meta">pin one more to compare</span>}
      <button class="button plain" aria-label="Unpin all" onClick={clear}><Icon name="close" /></button>
    </aside>
  );
}
