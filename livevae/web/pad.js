// The XY pad: four kept ideas at its corners, a puck for each part, and as many fingers as there are.

import { el, setText } from "./elements.js";

const CORNERS = [
  { number: 1, where: "near left", side: "left bottom" },
  { number: 2, where: "near right", side: "right bottom" },
  { number: 3, where: "far left", side: "left top" },
  { number: 4, where: "far right", side: "right top" },
];
const STEP = 0.02; // an arrow key's
const BIG_STEP = 0.1; // with Shift

export class Pad {
  // palette: knows which slot is chosen and which model's ideas are shown.
  constructor(root, store, line, palette) {
    this.store = store;
    this.line = line;
    this.palette = palette;
    this.fingers = new Map(); // pointer -> part
    this.pucks = new Map();
    this.together = el("input", {
      type: "checkbox",
      checked: true,
      "aria-label": "Move all parts of the pad together",
    });
    this.together.checked = true;
    this.together.addEventListener("change", () => this.build());
    this.play = el(
      "button",
      {
        class: "button small",
        type: "button",
        "aria-label": "Play the pad: put its parts into mode pad",
        onclick: () => this.playPad(),
      },
      "play the pad",
    );
    this.area = el("div", { class: "area", role: "group", "aria-label": "XY pad" });
    this.corners = CORNERS.map((corner) =>
      el("button", {
        class: `corner ${corner.side}`,
        type: "button",
        title: "Put the chosen slot into this corner",
        onclick: () => this.fillCorner(corner.number),
      }),
    );
    root.replaceChildren(
      el("header", {}, el("h2", {}, "Pad"), el("label", { class: "check" }, this.together, "together"), this.play),
      el("div", { class: "pad" }, this.area, ...this.corners),
    );
    this.area.addEventListener("pointerdown", (event) => this.touch(event));
    this.area.addEventListener("pointermove", (event) => this.drag(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      this.area.addEventListener(end, (event) => this.fingers.delete(event.pointerId));
    }
    store.on("table", () => this.build());
    store.on("hello", () => this.showAll());
    store.on("slot", () => this.showCorners());
    store.on("value", ({ part, name }) => part !== null && /^(pad_|corner_|mode$)/.test(name) && this.showAll());
    palette.onModel = () => this.build();
  }

  get parts() {
    return this.store.parts.filter((part) => part.model === this.palette.model && part.modes.includes("pad"));
  }

  build() {
    this.pucks.clear();
    const parts = this.together.checked ? this.parts.slice(0, 1) : this.parts;
    for (const part of parts) {
      const name = this.together.checked ? "all parts" : part.name;
      const puck = el("div", {
        class: "puck",
        role: "slider",
        tabindex: 0,
        "aria-label": `Pad position of ${name}`,
        "aria-valuemin": 0,
        "aria-valuemax": 1,
        "--part": this.together.checked ? "#e8ebf2" : part.colour,
        title: name,
        onkeydown: (event) => this.nudge(event, part),
      });
      this.pucks.set(part.name, puck);
    }
    this.area.replaceChildren(...this.pucks.values());
    this.showAll();
  }

  // --- moving -------------------------------------------------------------------------------------------------

  touch(event) {
    if (!this.pucks.size) return;
    event.preventDefault();
    this.area.setPointerCapture(event.pointerId);
    const taken = new Set(this.fingers.values());
    const { x, y } = this.place(event);
    const nearest = [...this.pucks.keys()]
      .filter((part) => !taken.has(part))
      .sort((a, b) => this.distance(a, x, y) - this.distance(b, x, y))[0];
    if (nearest === undefined) return;
    this.fingers.set(event.pointerId, nearest);
    this.move(nearest, x, y);
  }

  drag(event) {
    const part = this.fingers.get(event.pointerId);
    if (part === undefined) return;
    const { x, y } = this.place(event);
    this.move(part, x, y);
  }

  nudge(event, part) {
    const [dx, dy] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [
      0, 0,
    ];
    if (!dx && !dy) return;
    event.preventDefault();
    const step = event.shiftKey ? BIG_STEP : STEP;
    this.move(
      part.name,
      this.store.value(part.name, "pad_x") + dx * step,
      this.store.value(part.name, "pad_y") + dy * step,
    );
  }

  move(part, x, y) {
    x = Math.min(1, Math.max(0, x));
    y = Math.min(1, Math.max(0, y));
    const moved = this.together.checked ? this.parts.map(({ name }) => name) : [part];
    for (const name of moved) {
      this.line.set(name, "pad_x", x);
      this.line.set(name, "pad_y", y);
    }
    this.put(part, x, y); // under the finger at once; the echo says the same
  }

  place(event) {
    const box = this.area.getBoundingClientRect();
    return { x: (event.clientX - box.left) / box.width, y: 1 - (event.clientY - box.top) / box.height };
  }

  distance(part, x, y) {
    return Math.hypot(this.store.value(part, "pad_x") - x, this.store.value(part, "pad_y") - y);
  }

  // --- corners ------------------------------------------------------------------------------------------------

  fillCorner(corner) {
    for (const { name } of this.parts) this.line.set(name, `corner_${corner}`, this.palette.chosen);
  }

  playPad() {
    const isOn = this.parts.every(({ name }) => this.store.value(name, "mode") === "pad");
    for (const { name } of this.parts)
      this.line.set(name, "mode", isOn ? this.store.row(name, "mode").default : "pad");
  }

  // --- showing ------------------------------------------------------------------------------------------------

  showAll() {
    const held = new Set(this.fingers.values());
    for (const part of this.pucks.keys()) {
      if (!held.has(part)) this.put(part, this.store.value(part, "pad_x"), this.store.value(part, "pad_y"));
    }
    const isOn = this.parts.length > 0 && this.parts.every(({ name }) => this.store.value(name, "mode") === "pad");
    this.play.setAttribute("aria-pressed", String(isOn));
    this.area.classList.toggle(
      "is-on",
      this.parts.some(({ name }) => this.store.value(name, "mode") === "pad"),
    );
    this.showCorners();
  }

  put(part, x, y) {
    const puck = this.pucks.get(part);
    puck.style.left = `${100 * x}%`;
    puck.style.top = `${100 * (1 - y)}%`;
    puck.setAttribute("aria-valuenow", x.toFixed(2));
    puck.setAttribute("aria-valuetext", `${x.toFixed(2)} to the right, ${y.toFixed(2)} far`);
  }

  showCorners() {
    const part = this.parts[0];
    if (!part) return;
    CORNERS.forEach(({ number, where }, index) => {
      const slot = this.store.value(part.name, `corner_${number}`);
      const kept = this.store.slot(part.model, slot);
      const text = kept?.name || `${slot}`;
      setText(this.corners[index], text);
      this.corners[index].classList.toggle("is-filled", Boolean(kept));
      this.corners[index].setAttribute(
        "aria-label",
        `Corner ${where}: slot ${slot}${kept ? "" : ", empty"}. Press for slot ${this.palette.chosen}`,
      );
    });
  }
}
