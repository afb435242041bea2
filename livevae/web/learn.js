// MIDI learn: press Learn, press what is to be turned, then touch the knob, fader or pad that is to turn it.
// Pressed again while it waits, it is to have no control any more.

import { el, setPressed } from "./elements.js";

const CAUGHT = ["pointerdown", "mousedown", "touchstart", "click", "keydown"];
const PRESSING_KEYS = new Set(["Enter", " "]);

export class Learn {
  constructor(store, line) {
    this.store = store;
    this.line = line;
    this.isOn = false;
    this.control = el(
      "button",
      {
        class: "button",
        type: "button",
        "aria-label": "MIDI learn",
        "aria-pressed": "false",
        title: "MIDI learn: press this, then what is to be turned, then touch your controller",
        onclick: () => this.toggle(),
      },
      "Learn",
    );
    this.listener = (event) => this.caught(event);
    for (const topic of ["hello", "binding", "learning"]) store.on(topic, () => this.show());
  }

  toggle() {
    this.isOn = !this.isOn;
    if (!this.isOn && this.store.learning !== null) this.line.ask({ do: "stop_learning" });
    // only while learning: a listener that may refuse touches makes every scroll wait for it
    const change = this.isOn ? addEventListener : removeEventListener;
    for (const kind of CAUGHT) change(kind, this.listener, { capture: true, passive: false });
    setPressed(this.control, this.isOn);
    document.body.classList.toggle("is-learning", this.isOn);
    this.show();
  }

  // A press on something that can be turned chooses it and does nothing else.
  caught(event) {
    const chosen = event.target.closest?.("[data-name]");
    if (!chosen) return;
    const isKey = event.type === "keydown";
    if (isKey && !PRESSING_KEYS.has(event.key)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.type === "click" || isKey) this.choose(chosen.dataset.part || null, chosen.dataset.name);
  }

  choose(part, name) {
    const isWaiting = this.store.learning === key(part, name);
    this.line.ask({ do: isWaiting ? "unlearn" : "learn", part, name });
  }

  show() {
    for (const element of document.querySelectorAll("[data-name]")) {
      const place = key(element.dataset.part || null, element.dataset.name);
      const isWaiting = this.isOn && this.store.learning === place;
      const control = this.store.bindings.get(place);
      element.classList.toggle("is-waiting", isWaiting);
      if (this.isOn && (control || isWaiting)) element.dataset.control = isWaiting ? "…" : short(control);
      else delete element.dataset.control;
    }
  }
}

function key(part, name) {
  return `${part ?? ""}/${name}`;
}

// "channel 1 cc 21" in as little room as there is
function short(control) {
  const [, channel, kind, number] = control.split(" ");
  return `${kind} ${number} ch ${channel}`;
}
