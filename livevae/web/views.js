// On a small screen one thing at a time: what is chosen here has the place below the piano roll to itself.
// On a large one everything is there, and the style sheet hides these tabs.

import { el } from "./elements.js";

const VIEWS = [
  ["parts", "Parts"],
  ["pad", "Pad"],
  ["map", "Map"],
  ["status", "Status"],
];
const CHOSEN = "livevae view";

export class Views {
  constructor() {
    this.tabs = VIEWS.map(([view, text]) =>
      el(
        "button",
        {
          class: "button tab",
          type: "button",
          role: "tab",
          "data-view": view,
          "aria-controls": view,
          "aria-label": `Show ${text.toLowerCase()}`,
          onclick: () => this.choose(view),
        },
        text,
      ),
    );
    this.control = el("div", { class: "views", role: "tablist", "aria-label": "What is shown" }, ...this.tabs);
    this.control.addEventListener("keydown", (event) => this.step(event));
    const last = localStorage.getItem(CHOSEN);
    this.choose(VIEWS.some(([view]) => view === last) ? last : VIEWS[0][0]);
  }

  choose(view) {
    document.body.dataset.view = view;
    localStorage.setItem(CHOSEN, view);
    for (const tab of this.tabs) {
      const isChosen = tab.dataset.view === view;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
    }
  }

  step(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const next = this.tabs[(this.tabs.indexOf(document.activeElement) + by + this.tabs.length) % this.tabs.length];
    next.focus();
    this.choose(next.dataset.view);
  }
}
