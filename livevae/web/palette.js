// The palette: slots that keep ideas, from what was played, what sounds, or thin air.

import { el, setText } from "./elements.js";

export class Palette {
  constructor(root, store, line) {
    this.root = root;
    this.store = store;
    this.line = line;
    this.chosen = 1;
    this.onModel = () => {};
    this.onChosen = () => {};
    this.model = null;
    store.on("table", () => this.build());
    store.on("hello", () => this.showAll());
    store.on("slot", () => this.showAll());
    store.on("line", () => this.showAll());
  }

  // A part to speak for the model: its parts share the palette.
  get part() {
    return this.store.parts.find((part) => part.model === this.model);
  }

  build() {
    const models = [...new Set(this.store.parts.map((part) => part.model))];
    if (!models.includes(this.model)) this.model = models[0] ?? null;
    this.slots = Array.from({ length: this.store.hello.slots }, (_, index) =>
      el("button", {
        class: "slot",
        type: "button",
        onclick: () => this.choose(index + 1),
        ondragover: (event) => event.preventDefault(),
        ondrop: (event) => {
          event.preventDefault();
          this.choose(index + 1);
          if (event.dataTransfer.files.length) this.keepFile(index + 1, event.dataTransfer.files[0]);
        },
      }),
    );
    const keep = (source, text, title) =>
      el(
        "button",
        {
          class: "button small",
          type: "button",
          title,
          "aria-label": `Keep ${title}`,
          onclick: () => this.keep(source),
        },
        text,
      );
    this.name = el("input", {
      type: "text",
      maxlength: 32,
      placeholder: "name",
      "aria-label": "Name of what is kept",
      autocomplete: "off",
      spellcheck: "false",
    });
    const choice = el(
      "select",
      { "aria-label": "Model whose ideas are shown", onchange: () => this.showModel(choice.value) },
      ...models.map((value) => el("option", { value }, value)),
    );
    choice.hidden = models.length < 2;
    choice.value = this.model;
    this.root.replaceChildren(
      el("header", {}, el("h2", {}, "Palette"), choice, this.name),
      el("div", { class: "slots", role: "radiogroup", "aria-label": "Slots" }, ...this.slots),
      el(
        "div",
        { class: "keep" },
        el("span", { class: "quiet" }, "keep"),
        keep("played", "played", "what was just played"),
        keep("sounding", "sounding", "what sounds now"),
        keep("sample", "sample", "a new idea"),
        this.fileButton(),
        el("span", { class: "spring" }),
        el(
          "button",
          {
            class: "button small",
            type: "button",
            title: "Call what is in the chosen slot by the name above",
            "aria-label": "Name: call the chosen slot by the name written above",
            onclick: () => this.rename(),
          },
          "name",
        ),
        el(
          "button",
          {
            class: "button small",
            type: "button",
            "aria-label": "Drop: empty the chosen slot",
            onclick: () => this.drop(),
          },
          "drop",
        ),
      ),
    );
    this.showAll();
    this.onModel();
  }

  // A MIDI file comes by the button, or dropped on a slot.
  fileButton() {
    const chooser = el("input", { type: "file", accept: ".mid,.midi,audio/midi", hidden: true, "aria-hidden": "true" });
    chooser.addEventListener("change", () => {
      if (chooser.files.length) this.keepFile(this.chosen, chooser.files[0]);
      chooser.value = "";
    });
    const press = el(
      "button",
      {
        class: "button small",
        type: "button",
        title: "the first bars of a MIDI file (or drop one on a slot)",
        "aria-label": "Keep the first bars of a MIDI file",
        onclick: () => chooser.click(),
      },
      "file",
    );
    return el("span", {}, press, chooser);
  }

  async keepFile(slot, file) {
    const name = (this.name.value.trim() || file.name.replace(/\.midi?$/i, "")).slice(0, 32);
    const where = new URLSearchParams({ part: this.part.name, slot, name });
    this.name.value = "";
    try {
      const answer = await fetch(`slot?${where}`, { method: "POST", body: file });
      if (!answer.ok) this.store.say("warning", answer.status === 413 ? `${file.name} is too large.` : await answer.text());
    } catch {
      this.store.say("warning", `${file.name} did not reach livevae.`);
    }
  }

  rename() {
    const name = this.name.value.trim();
    if (!name) {
      this.name.focus();
      return;
    }
    this.line.ask({ do: "rename", part: this.part.name, slot: this.chosen, name });
    this.name.value = "";
  }

  showModel(model) {
    this.model = model;
    this.showAll();
    this.onModel();
  }

  choose(slot) {
    this.chosen = slot;
    this.showAll();
    this.onChosen();
  }

  keep(source) {
    this.line.ask({ do: "keep", part: this.part.name, slot: this.chosen, source, name: this.name.value.trim() });
    this.name.value = "";
  }

  drop() {
    this.line.ask({ do: "drop", part: this.part.name, slot: this.chosen });
  }

  showAll() {
    this.slots?.forEach((button, index) => {
      const number = index + 1;
      const kept = this.store.slot(this.model, number);
      setText(button, kept?.name || String(number));
      button.dataset.kind = kept?.kind ?? "";
      const content = kept ? `${kept.kind}${kept.name ? ` "${kept.name}"` : ""}` : "empty";
      button.setAttribute("aria-label", `Slot ${number}: ${content}`);
      button.setAttribute("role", "radio");
      button.setAttribute("aria-checked", String(number === this.chosen));
    });
  }
}
