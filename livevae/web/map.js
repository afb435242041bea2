// The map: kept ideas where they lie in the latent space, the way each part came, and a finger that wanders there.
// Wherever it goes, the four ideas around it come to the corners of the pad, and the pad moves to the same place.

import { el } from "./elements.js";

const STEP = 0.03; // an arrow key's
const NEAREST = 4;
const SOFT = 0.02; // so that an idea is heard as it is when the finger is on it, but not at its very edge

export class LatentMap {
  // palette: knows which model's ideas are shown.
  constructor(root, store, line, palette) {
    Object.assign(this, { store, line, palette });
    this.at = null; // where the finger was last
    this.corners = "";
    this.canvas = el("canvas", { "aria-hidden": "true" });
    this.area = el(
      "div",
      {
        class: "map",
        role: "group",
        tabindex: 0,
        "aria-label": "Map of the latent space: press where you want to go, or use the arrow keys",
        title: "Kept ideas, and the way each part came. Press to go there: it sounds from the next bar on.",
      },
      this.canvas,
    );
    root.replaceChildren(el("header", {}, el("h2", {}, "Map")), this.area);
    this.area.addEventListener("pointerdown", (event) => {
      this.area.setPointerCapture(event.pointerId);
      this.start();
      this.touch(event);
    });
    this.area.addEventListener("pointermove", (event) => event.buttons && this.touch(event));
    this.area.addEventListener("keydown", (event) => this.step(event));
    store.on("hello", () => this.draw());
    store.on("table", () => this.draw());
    store.on("map", () => this.draw());
    store.on("slot", () => this.draw());
    new ResizeObserver(() => this.draw()).observe(this.area);
  }

  get map() {
    return this.store.maps.get(this.palette.model);
  }

  get parts() {
    return this.store.parts.filter((part) => part.model === this.palette.model);
  }

  touch(event) {
    const box = this.area.getBoundingClientRect();
    const inside = (share) => Math.min(1, Math.max(0, share));
    this.go(inside((event.clientX - box.left) / box.width), inside(1 - (event.clientY - box.top) / box.height));
  }

  step(event) {
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }[event.key] ?? [
      0, 0,
    ];
    if (!dx && !dy) return;
    event.preventDefault();
    const { x, y } = this.at ?? { x: 0.5, y: 0.5 };
    this.start();
    this.go(Math.min(1, Math.max(0, x + dx * STEP)), Math.min(1, Math.max(0, y + dy * STEP)));
  }

  start() {
    for (const part of this.parts)
      if (this.store.value(part.name, "mode") !== "pad") this.line.set(part.name, "mode", "pad");
  }

  go(x, y) {
    if (!this.map?.slots.length) return;
    this.at = { x, y };
    const { corners, padX, padY } = place(this.map.slots, x, y);
    const wanted = corners.join();
    for (const part of this.parts) {
      if (wanted !== this.corners)
        corners.forEach((slot, index) => this.line.set(part.name, `corner_${index + 1}`, slot));
      this.line.set(part.name, "pad_x", padX);
      this.line.set(part.name, "pad_y", padY);
    }
    this.corners = wanted;
    this.draw();
  }

  draw() {
    const { width, height } = this.area.getBoundingClientRect();
    const scale = devicePixelRatio || 1;
    Object.assign(this.canvas, { width: Math.round(width * scale), height: Math.round(height * scale) });
    const pen = this.canvas.getContext("2d");
    pen.scale(scale, scale);
    const onto = ([x, y]) => [x * width, (1 - y) * height];
    for (const part of this.parts) this.drawTrail(pen, part, (this.map?.trails[part.name] ?? []).map(onto));
    pen.font = "12px system-ui, sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    for (const [slot, ...point] of this.map?.slots ?? []) this.drawSlot(pen, slot, onto(point));
    if (this.at) drawRing(pen, onto([this.at.x, this.at.y]));
    if (!this.map?.slots.length) {
      pen.fillStyle = "#98a1b2";
      pen.fillText("keep some ideas, and they appear here", width / 2, height / 2);
    }
  }

  drawTrail(pen, part, points) {
    pen.strokeStyle = pen.fillStyle = part.colour;
    points.forEach((point, index) => {
      pen.globalAlpha = 0.15 + (0.75 * (index + 1)) / points.length;
      if (index > 0) {
        pen.beginPath();
        pen.moveTo(...points[index - 1]);
        pen.lineTo(...point);
        pen.stroke();
      }
      pen.beginPath();
      pen.arc(...point, index === points.length - 1 ? 5 : 2.5, 0, 2 * Math.PI);
      pen.fill();
    });
    pen.globalAlpha = 1;
  }

  drawSlot(pen, slot, [x, y]) {
    const name = this.store.slot(this.palette.model, slot)?.name;
    pen.fillStyle = "#1f232c";
    pen.strokeStyle = "#6b7588";
    pen.beginPath();
    pen.arc(x, y, 11, 0, 2 * Math.PI);
    pen.fill();
    pen.stroke();
    pen.fillStyle = "#dde1ea";
    pen.fillText(slot, x, y);
    if (name) pen.fillText(name.slice(0, 12), x, y + (y > 40 ? -19 : 19));
  }
}

function drawRing(pen, [x, y]) {
  pen.strokeStyle = "#dde1ea";
  pen.lineWidth = 2;
  pen.beginPath();
  pen.arc(x, y, 16, 0, 2 * Math.PI);
  pen.stroke();
  pen.lineWidth = 1;
}

// slots: [[number, x, y]]. The slots for the four corners of the pad, and where on the pad (x, y) of the map is:
// each of the nearest slots pulls by the square of its nearness.
export function place(slots, x, y) {
  const near = slots
    .map(([slot, sx, sy]) => ({ slot, sx, sy, pull: 1 / ((sx - x) ** 2 + (sy - y) ** 2 + SOFT ** 2) }))
    .sort((a, b) => b.pull - a.pull)
    .slice(0, NEAREST);
  while (near.length < NEAREST) near.push({ ...near[0], pull: 0 });
  const byHeight = [...near].sort((a, b) => a.sy - b.sy);
  const byWidth = (row) => row.sort((a, b) => a.sx - b.sx);
  const around = [...byWidth(byHeight.slice(0, 2)), ...byWidth(byHeight.slice(2))];
  const whole = around.reduce((sum, { pull }) => sum + pull, 0);
  const share = (...places) => places.reduce((sum, index) => sum + around[index].pull, 0) / whole;
  return { corners: around.map(({ slot }) => slot), padX: share(1, 3), padY: share(2, 3) };
}
