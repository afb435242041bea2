// One strip for each part: mode, mute, freeze, re-roll, lamps, and a control for every other row of the table.

import { makeControl, words } from "./controls.js";
import { el, setPressed, setText } from "./elements.js";

const ON_THE_STRIP = new Set(["mode", "mute", "reroll"]); // drawn here by hand
const ON_THE_PAD = /^(pad_|corner_)/; // drawn beside the pad
const ATTRIBUTE = /^attr_/; // shown where the part's model knows it

export class Parts {
  constructor(root, store, line) {
    this.root = root;
    this.store = store;
    this.line = line;
    this.controls = new Map(); // "part/name" -> everything that shows this parameter
    this.lamps = new Map();
    this.modesBefore = new Map(); // part -> what to go back to after freeze
    store.on("table", () => this.build());
    store.on("hello", () => this.showAll());
    store.on("value", ({ part, name, value }) => part !== null && this.show(part, name, value));
    store.on("now", (now) => this.showLamps(now));
  }

  build() {
    this.controls.clear();
    this.lamps.clear();
    this.root.replaceChildren(...this.store.parts.map((part, index) => this.strip(part, index)));
  }

  strip(part, index) {
    const rows = this.store.hello.table.part.filter(
      (row) =>
        !ON_THE_STRIP.has(row.name) &&
        !ON_THE_PAD.test(row.name) &&
        (!ATTRIBUTE.test(row.name) || part.faders.includes(row.name)),
    );
    const isMain = (row) => row.kind === "number"; // continuous: what a hand is on while playing
    const control = (row) => this.remember(part.name, row.name, makeControl(this.store, this.line, part.name, row));
    const heading = el("h2", {}, part.name);
    const lamps = this.makeLamps(part);
    return el(
      "article",
      { class: "strip", "aria-label": part.name, "data-part": part.name, "--part": part.colour },
      el("header", {}, heading, lamps, ...this.buttons(part, index)),
      this.modes(part),
      el("div", { class: "faders" }, ...rows.filter(isMain).map(control)),
      el(
        "details",
        {},
        el("summary", { "aria-label": `${part.name}: more` }, "more"),
        el("div", { class: "more" }, ...rows.filter((row) => !isMain(row)).map(control)),
      ),
    );
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
    for (const mode of row.choices) {
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
    Object.assign(control.dataset, { part, name });
    return control;
  }

  show(part, name, value) {
    for (const control of this.controls.get(`${part}/${name}`) ?? []) control.show(value);
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

function light(lamp, isOn, text = "") {
  setText(lamp, text);
  lamp.hidden = !isOn;
}
