// Draws the map: dots on a canvas, names over them where they do not overlap, the title of the dot under the pointer.
(() => {
  "use strict";
  const plate = document.getElementById("plate");
  if (!plate) return;
  const data = JSON.parse(document.getElementById("map-data").textContent);
  const canvas = plate.querySelector("canvas");
  const names = [...plate.querySelectorAll(".name")];
  const legend = [...document.querySelectorAll(".legend li")];
  const tip = document.getElementById("map-tip");
  const packed = Uint8Array.from(atob(data.dots), (c) => c.charCodeAt(0));
  const view = new DataView(packed.buffer);
  const count = packed.length / 6;
  const xs = new Float32Array(count), ys = new Float32Array(count), themes = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    xs[i] = view.getUint16(6 * i, true) / 65535;
    ys[i] = view.getUint16(6 * i + 2, true) / 65535;
    themes[i] = view.getUint16(6 * i + 4, true);
    if (themes[i] === 65535) themes[i] = -1;
  }
  const cells = new Map(data.sheet ? data.sheet.dots.map((dot, place) => [dot, place]) : []);
  let active = -1; // the theme that is pointed at, by its name or in the legend
  let printing = false;

  const pad = () => Math.max(14, 0.035 * plate.clientWidth);
  const toX = (x) => pad() + x * (plate.clientWidth - 2 * pad());
  const toY = (y) => pad() + y * (plate.clientHeight - 2 * pad());
  const token = (name) => getComputedStyle(plate).getPropertyValue((printing ? "--print-" : "--") + name).trim();

  // Names by the page's size and theirs; gives the lines that tie those far from their places to them.
  function place() {
    const width = plate.clientWidth, height = plate.clientHeight;
    const dots = { xs: Float32Array.from(xs, toX), ys: Float32Array.from(ys, toY), themes };
    const wanted = names.map((name, theme) => {
      const [, x, y] = data.themes[theme];
      return { x: toX(x), y: toY(y), w: name.offsetWidth + 8, h: name.offsetHeight + 2, theme };
    });
    const spots = placeNames(wanted, dots, width, height, width < 600 ? 60 : 96);
    spots.forEach((spot, i) => {
      names[i].classList.toggle("placed", spot !== null);
      if (!spot) return;
      names[i].style.left = `${((spot.x + spot.w / 2) / width) * 100}%`;
      names[i].style.top = `${((spot.y + spot.h / 2) / height) * 100}%`;
    });
    return spots.flatMap((spot) => (spot?.tie ? [spot.tie] : []));
  }

  function draw() {
    const ratio = printing ? 3 : Math.min(window.devicePixelRatio || 1, 2);
    const width = plate.clientWidth, height = plate.clientHeight;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const ink = canvas.getContext("2d");
    ink.scale(ratio, ratio);
    const radius = Math.min(4.2, Math.max(1.05, 0.2 * Math.sqrt((width * height) / count)));
    const edge = pad(), w = width - 2 * edge, h = height - 2 * edge;
    const lonely = data.themes.length === 0;
    const grey = token(lonely ? "muted" : "outlier"), colours = data.themes.map(([colour]) => token(`c${colour}`));
    for (const outliers of [true, false]) {
      for (let i = 0; i < count; i++) {
        const theme = themes[i];
        if (theme < 0 !== outliers) continue;
        ink.fillStyle = theme < 0 ? grey : colours[theme];
        ink.globalAlpha = active >= 0 && theme !== active ? 0.1 : theme < 0 && !lonely ? 0.75 : 0.8;
        ink.beginPath();
        ink.arc(edge + xs[i] * w, edge + ys[i] * h, theme < 0 && !lonely ? radius * 0.8 : radius, 0, 6.2832);
        ink.fill();
      }
    }
    ink.globalAlpha = 1;
    ink.strokeStyle = token("muted");
    ink.lineWidth = 1;
    for (const [fromX, fromY, x, y] of place()) {
      ink.beginPath();
      ink.moveTo(fromX, fromY);
      ink.lineTo(x, y);
      ink.stroke();
    }
  }

  function point(event) {
    const box = plate.getBoundingClientRect();
    const px = event.clientX - box.left, py = event.clientY - box.top;
    let best = -1, least = event.pointerType === "touch" ? 400 : 100;
    const edge = pad(), w = plate.clientWidth - 2 * edge, h = plate.clientHeight - 2 * edge;
    for (let i = 0; i < count; i++) {
      const dx = edge + xs[i] * w - px, dy = edge + ys[i] * h - py, far = dx * dx + dy * dy;
      if (far < least) { least = far; best = i; }
    }
    const theme = best < 0 ? null : themes[best] < 0 ? "Outlier" : data.themes[themes[best]][3];
    const title = best < 0 ? null : data.titles ? data.titles[best] : theme;
    tip.hidden = best < 0 || (!data.titles && data.themes.length === 0);
    if (tip.hidden) return;
    tip.querySelector("b").textContent = title;
    tip.querySelector("span").textContent = data.titles && data.themes.length ? theme : "";
    poster(best);
    const x = edge + xs[best] * w, y = edge + ys[best] * h;
    tip.style.left = `${Math.min(Math.max(0, x - tip.offsetWidth / 2), plate.clientWidth - tip.offsetWidth)}px`;
    tip.style.top = `${y > tip.offsetHeight + 14 ? y - tip.offsetHeight - 10 : y + 12}px`;
  }

  // The dot's picture, cut out of the sheet; none where the sheet does not hold it.
  function poster(dot) {
    const frame = tip.querySelector("i"), cell = cells.get(dot);
    frame.hidden = cell === undefined;
    if (frame.hidden) return;
    const [width, height] = data.sheet.cell;
    frame.style.cssText = `width:${width}px;height:${height}px;background-image:url(${data.sheet.uri});` +
      `background-position:${-width * (cell % data.sheet.columns)}px ${-height * Math.floor(cell / data.sheet.columns)}px`;
  }

  function emphasise(theme) {
    active = theme;
    draw();
  }

  for (const list of [names, legend]) {
    list.forEach((element, i) => {
      element.addEventListener("pointerenter", (event) => { if (event.pointerType === "mouse") emphasise(i); });
      element.addEventListener("pointerleave", () => { if (active >= 0) emphasise(-1); });
      element.addEventListener("focusin", () => { if (element.matches(":focus-visible, :has(:focus-visible)")) emphasise(i); });
      element.addEventListener("focusout", () => { if (active >= 0) emphasise(-1); });
    });
  }
  plate.addEventListener("pointermove", point);
  plate.addEventListener("pointerdown", point);
  plate.addEventListener("pointerleave", () => { tip.hidden = true; });
  new ResizeObserver(() => { if (!printing) draw(); }).observe(plate);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  addEventListener("beforeprint", () => {
    printing = true;
    tip.hidden = true;
    plate.style.width = "680px"; // the text width of a page: names are placed for it
    draw();
  });
  addEventListener("afterprint", () => {
    printing = false;
    plate.style.width = "";
    draw();
  });
  draw();
})();
