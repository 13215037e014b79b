// The picture that is searched by. A file cannot be part of an address; a reload asks for it again.

import { address, changed, go } from "./address";

export interface Picture { file: File; url: string; number: number }

let current: Picture | null = null;
let taken = 0;

export const picture = (): Picture | null => current;

export function take(file: File | null | undefined): void {
  if (!file || !file.type.startsWith("image/")) return;
  if (current) URL.revokeObjectURL(current.url);
  taken += 1;
  current = { file, url: URL.createObjectURL(file), number: taken };
  const here = address();
  go(changed(here.has("view") ? new URLSearchParams() : here, { picture: taken, n: null }));
}

/** A picture dropped or pasted anywhere on the page is a search by it. */
export function start(): void {
  const over = (on: boolean) => document.documentElement.classList.toggle("dropping", on);
  const carries = (event: DragEvent) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    over(true);
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) over(false);
  });
  addEventListener("drop", (event) => {
    over(false);
    if (!carries(event)) return;
    event.preventDefault();
    take(event.dataTransfer?.files[0]);
  });
  addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length) take(event.clipboardData.files[0]);
  });
}
