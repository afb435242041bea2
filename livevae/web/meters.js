// How punctual livevae is, and how busy.

import { el, setText } from "./elements.js";

// Each meter: its value, its text, and where on the scale it is calm, and where it is not.
const METERS = [
  {
    name: "late, median",
    title: "How long after its ideal time a note leaves: half of them are earlier",
    value: (now) => (now.late_notes ? Math.max(0, now.late_p50_us) : null),
    text: microseconds,
    calm: 500,
    full: 5000,
  },
  {
    name: "late, 99 %",
    title: "How long after its ideal time a note leaves: 99 of 100 are earlier",
    value: (now) => (now.late_notes ? Math.max(0, now.late_p99_us) : null),
    text: microseconds,
    calm: 2000,
    full: 10000,
  },
  {
    name: "thinking",
    title: "How long the model takes for a bar: the median of the last",
    value: (now) => now.inference_ms || null,
    text: (value) => `${value.toFixed(1)} ms`,
    calm: 25,
    full: 100,
  },
  {
    name: "missed bars",
    title: "Bars for which the model was late",
    value: (now) => now.missed,
    text: (value) => String(value),
    calm: 0,
    full: 8,
  },
  {
    name: "clock jitter",
    title: "How unsteadily your MIDI clock arrives",
    value: (now) => (now.leader === "midi" ? now.jitter_us : null),
    text: microseconds,
    calm: 1500,
    full: 8000,
  },
];

export class Meters {
  constructor(root, store) {
    this.meters = METERS.map((meter) => {
      const figure = el("b", {}, "–");
      const fill = el("i");
      const element = el(
        "div",
        { class: "meter", title: meter.title, "data-meter": meter.name },
        el("span", { class: "name" }, meter.name),
        figure,
        el("span", { class: "gauge", "aria-hidden": "true" }, fill),
      );
      return { ...meter, element, figure, fill };
    });
    this.ports = el("p", { class: "quiet ports" });
    root.replaceChildren(...this.meters.map((meter) => meter.element), this.ports);
    store.on("now", (now) => this.show(now));
  }

  show(now) {
    for (const { value, text, calm, full, element, figure, fill } of this.meters) {
      const present = value(now);
      setText(figure, present === null ? "–" : text(present));
      const share = present === null ? 0 : Math.min(1, present / full);
      fill.style.transform = `scaleX(${share.toFixed(3)})`;
      element.classList.toggle("is-high", present !== null && present > calm);
    }
    const dropouts = now.dropouts ? `, ${now.dropouts} dropouts` : "";
    const ports = [...now.inputs.map((name) => `in ${name}`), ...now.outputs.map((name) => `out ${name}`)].join(", ");
    setText(
      this.ports,
      now.lost ? "The MIDI system went away." : `${now.midi}${ports ? ": " : ""}${ports}${dropouts}`,
    );
  }
}

function microseconds(value) {
  return value < 1000 ? `${value.toFixed(0)} µs` : `${(value / 1000).toFixed(1)} ms`;
}
