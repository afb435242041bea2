// One strip for each part: mode, mute, freeze, re-roll, lamps, and a control for every other row of the table.
// What a hand is on while playing comes first, and what the present mode listens to; the rest is behind "more".

import { makeControl, words } from "./controls.js";
import { el, setPressed, setText } from "./elements.js";

const ON_THE_STRIP = new Set(["mode", "mute", "reroll"]); // drawn here by hand
const ON_THE_PAD = /^(pad_|corner_)/; // drawn beside the pad
const OF_THEIR_OWN = new Set(["character", "groove"]); // groups with a drawer each; the others share "more"

export class Parts {
  constructor(root, store, line) {
    this.root = root;
    this.store = store;
    this.line = line;
    this.controls = new Map(); // "part/name" -> everything that shows this parameter
    this.lamps = new Map();
    this.modesBefore = new Map(); // part -> what to go back to after freeze
    this.modal = new Map(); // part -> its controls that matter in some modes only: { row, control, rest }
    store.on("table", () => this.build());
    store.on("hello", () => this.showAll());
    store.on("value", ({ part, name, value }) => part !== null && this.show(part, name, value));
    store.on("now", (now) => this.showLamps(now));
  }

  build() {
    this.controls.clear();
    this.lamps.clear();
    this.modal.clear();
    this.root.replaceChildren(...this.store.parts.map((part, index) => this.strip(part, index)));
  }

  strip(part, index) {
    const rows = this.store.hello.table.part.filter(
      (row) =>
        !ON_THE_STRIP.has(row.name) &&
        !ON_THE_PAD.test(row.name) &&
        part.rows.includes(row.name),
    );
    const groups = new Map(); // group -> its place on the strip
    const faders = el("div", { class: "faders" });
    const forMode = el("div", { class: "faders for-mode" });
    const modal = [];
    for (const row of rows) {
      const control = this.remember(part.name, row.name, makeControl(this.store, this.line, part.name, row));
      const hasPlace = OF_THEIR_OWN.has(row.group);
      if (row.kind === "number" && !row.modes.length && !hasPlace) {
        faders.append(control); // continuous: what a hand is on while playing
        continue;
      }
      if (!groups.has(row.group)) groups.set(row.group, group(part.name, row.group));
      groups.get(row.group).append(control);
      if (row.modes.length && !hasPlace) modal.push({ row, control, forMode, rest: groups.get(row.group) });
    }
    this.modal.set(part.name, modal);
    const own = [...groups].filter(([name]) => OF_THEIR_OWN.has(name));
    const rest = [...groups].filter(([name]) => !OF_THEIR_OWN.has(name)).map(([, place]) => place);
    return el(
      "article",
      { class: "strip", "aria-label": part.name, "data-part": part.name, "--part": part.colour },
      el("header", {}, el("h2", {}, part.name), this.makeLamps(part), ...this.buttons(part, index)),
      this.modes(part),
      forMode,
      faders,
      ...own.map(([name, place]) => drawer(part.name, name, this.store.parts.length === 1, place)),
      drawer(part.name, "more", false, ...rest),
    );
  }

  // The faders that the present mode listens to stand under it; the others wait behind "more".
  showModal(part, mode) {
    for (const { row, control, forMode, rest } of this.modal.get(part) ?? []) {
      const home = row.modes.includes(mode) ? forMode : rest;
      if (control.parentElement === home) continue;
      const after = [...home.children].find((other) => other.dataset.place > control.dataset.place);
      home.insertBefore(control, after ?? null);
    }
  }

  makeLamps(part) {
    const lamp = (kind, title) => el("span", { class: `lamp ${kind}`, title, role: "img", "aria-label": title });
    const lamps = {
      listening: lamp("listening", "Listening: it is your turn"),
      heard: lamp("heard", "It has heard you"),
      missed: lamp("missed", "Bars for which the model was late"),
    };
    this.lamps.set(part.name, lamps);
    return el("span", { class: "lamps" }, ...Object.values(lamps));
  }

  buttons(part, index) {
    const { store, line } = this;
    const mute = el(
      "button",
      {
        class: "button small mute",
        type: "button",
        "aria-label": `${part.name} mute`,
        "aria-pressed": "false",
        title: `Mute (${index + 1})`,
        onclick: () => line.set(part.name, "mute", !store.value(part.name, "mute")),
      },
      "mute",
    );
    mute.show = (value) => setPressed(mute, value);
    const freeze = el(
      "button",
      {
        class: "button small freeze",
        type: "button",
        "aria-label": `${part.name} freeze`,
        "aria-pressed": "false",
        title: "Loop what sounds; again to go on",
        onclick: () => this.freeze(part.name),
      },
      "freeze",
    );
    freeze.show = (mode) => setPressed(freeze, mode === "freeze");
    const reroll = el(
      "button",
      {
        class: "button small",
        type: "button",
        "aria-label": `${part.name} re-roll`,
        title: `A new idea (Shift+${index + 1})`,
        "data-part": part.name,
        "data-name": "reroll",
        onclick: () => line.set(part.name, "reroll", true),
      },
      "re-roll",
    );
    this.remember(part.name, "mute", mute);
    this.remember(part.name, "mode", freeze);
    return [mute, freeze, reroll];
  }

  freeze(part) {
    const mode = this.store.value(part, "mode");
    if (mode === "freeze") {
      this.line.set(part, "mode", this.modesBefore.get(part) ?? this.store.row(part, "mode").default);
    } else {
      this.modesBefore.set(part, mode);
      this.line.set(part, "mode", "freeze");
    }
  }

  modes(part) {
    const row = this.store.row(part.name, "mode");
    const choose = (mode) => this.line.set(part.name, "mode", mode);
    const group = el("div", {
      class: "modes",
      role: "radiogroup",
      "aria-label": `${part.name} mode`,
      title: row.help,
    });
    for (const mode of row.choices.filter((mode) => part.modes.includes(mode))) {
      group.append(
        el(
          "button",
          {
            type: "button",
            role: "radio",
            "aria-checked": "false",
            "aria-label": `${part.name} mode ${mode}`,
            "data-mode": mode,
            onclick: () => choose(mode),
          },
          words(mode),
        ),
      );
    }
    group.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const buttons = [...group.children];
      const next = buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length];
      next.focus();
      choose(next.dataset.mode);
    });
    group.show = (value) => {
      for (const button of group.children) {
        const isChosen = button.dataset.mode === value;
        button.setAttribute("aria-checked", String(isChosen));
        button.tabIndex = isChosen ? 0 : -1;
      }
    };
    return this.remember(part.name, "mode", group);
  }

  remember(part, name, control) {
    const key = `${part}/${name}`;
    if (!this.controls.has(key)) this.controls.set(key, []);
    this.controls.get(key).push(control);
    const place = this.store.hello.table.part.findIndex((row) => row.name === name);
    Object.assign(control.dataset, { part, name, place: String(place).padStart(3, "0") });
    return control;
  }

  show(part, name, value) {
    for (const control of this.controls.get(`${part}/${name}`) ?? []) control.show(value);
    if (name === "mode") this.showModal(part, value);
    if (name === "mute") {
      this.root.querySelector(`[data-part="${CSS.escape(part)}"]`)?.classList.toggle("is-muted", value);
    }
  }

  showAll() {
    for (const [part, values] of Object.entries(this.store.values.parts)) {
      for (const [name, value] of Object.entries(values)) this.show(part, name, value);
    }
  }

  // sounding: names of the parts that sound now; called in every frame.
  showSounding(sounding) {
    for (const strip of this.root.children) {
      const isSounding = sounding.has(strip.dataset.part);
      if (isSounding !== strip.isSounding) {
        strip.isSounding = isSounding;
        strip.classList.toggle("is-sounding", isSounding);
      }
    }
  }

  showLamps(now) {
    for (const part of now.parts) {
      const lamps = this.lamps.get(part.name);
      if (!lamps) continue;
      light(lamps.listening, part.listening);
      light(lamps.heard, part.heard);
      light(lamps.missed, part.missed > 0, `${part.missed}`);
    }
  }
}

function group(part, name) {
  const title = el("h3", { "aria-hidden": "true" }, words(name));
  return el("div", { class: "controls", role: "group", "aria-label": `${part}: ${words(name)}` }, title);
}

// What is behind a word; left open or closed as it was last time.
function drawer(part, name, isOpen, ...content) {
  const key = `livevae open ${part} ${name}`;
  const drawer = el(
    "details",
    { class: `drawer ${name}`, open: (localStorage.getItem(key) ?? (isOpen ? "yes" : "no")) === "yes" },
    el("summary", { "aria-label": `${part}: ${words(name)}` }, words(name)),
    el("div", { class: "more" }, ...content),
  );
  drawer.addEventListener("toggle", () => localStorage.setItem(key, drawer.open ? "yes" : "no"));
  return drawer;
}

function light(lamp, isOn, text = "") {
  setText(lamp, text);
  lamp.hidden = !isOn;
}
