// The bar at the top: play, tempo, where the song is, whose clock leads; and what is for the whole performance.

import { makeControl } from "./controls.js";
import { el, setPressed, setText } from "./elements.js";

const BY_HAND = new Set(["tempo", "play", "tap", "panic"]); // of the global table
const LEADERS = { midi: "your clock", internal: "own clock" };

export class TransportBar {
  // sound, keys, midi, learn, views: controls made elsewhere. onHelp: opens the list of keys.
  constructor(root, store, line, { sound, keys, midi, learn, views, onHelp }) {
    this.store = store;
    this.line = line;
    this.controls = new Map();
    const button = (text, label, act, properties = {}) =>
      el("button", { class: "button", type: "button", "aria-label": label, onclick: act, ...properties }, text);
    this.play = button("Play", "Play", () => this.toggle(), {
      class: "button main",
      title: "Play or stop (space)",
      "data-name": "play",
    });
    this.position = el("span", { class: "position", role: "timer", "aria-label": "Position: bar and beat" }, "1.1");
    this.beats = [0, 1, 2, 3].map(() => el("i"));
    this.tempo = el("input", {
      type: "number",
      min: 20,
      max: 400,
      step: 1,
      "aria-label": "Tempo in beats a minute",
      inputmode: "decimal",
      "data-name": "tempo",
    });
    this.tempo.addEventListener("change", () => this.changeTempo());
    this.leader = el("span", { class: "quiet leader" });
    this.chord = el("span", { class: "chord", title: "The chord that sounds", "data-name": "chord" });
    this.lamp = el("span", { class: "line-lamp", role: "status" });
    this.more = el("div", { class: "more popover" });
    root.replaceChildren(
      el(
        "span",
        { class: "brand" },
        el("img", { src: "icon.svg", alt: "", width: 22, height: 22 }),
        el("span", {}, "livevae"),
      ),
      el(
        "span",
        { class: "group" },
        this.play,
        button("Panic", "Panic: silence every note", () => line.ask({ do: "panic" }), {
          title: "Silence every note (Esc)",
          "data-name": "panic",
        }),
      ),
      el(
        "span",
        { class: "group clock" },
        this.position,
        el("span", { class: "beats", "aria-hidden": "true" }, ...this.beats),
      ),
      el(
        "span",
        { class: "group tempo-group" },
        el("label", { class: "tempo" }, this.tempo, el("span", { class: "quiet" }, "BPM")),
        button("Tap", "Tap the tempo", () => line.ask({ do: "tap" }), {
          title: "Tap the tempo (.)",
          "data-name": "tap",
        }),
      ),
      this.leader,
      this.chord,
      el(
        "details",
        { class: "global" },
        el("summary", { class: "button", "aria-label": "Settings of the whole performance" }, "More"),
        this.more,
      ),
      el("span", { class: "spring" }),
      this.lamp,
      sound,
      el("span", { class: "break" }),
      views,
      el(
        "span",
        { class: "group tools" },
        keys,
        midi,
        learn,
        button("Undo", "Undo the last change", () => line.ask({ do: "undo" }), {
          title: "Take back the last change (Ctrl+Z)",
        }),
        button("?", "Keyboard shortcuts", onHelp, { class: "button help", title: "Keys (?)" }),
      ),
    );
    const more = root.querySelector("details");
    addEventListener("pointerdown", (event) => more.contains(event.target) || more.removeAttribute("open"));
    store.on("table", () => this.build());
    store.on("hello", () => this.showAll());
    store.on("value", ({ part, name, value }) => part === null && this.show(name, value));
    store.on("now", (now) => this.showNow(now));
    store.on("line", (isUp) => this.showLine(isUp));
    this.showLine(false);
  }

  get isPlaying() {
    return this.store.now?.state === "playing";
  }

  toggle() {
    this.line.ask({ do: this.isPlaying ? "stop" : "play" });
  }

  changeTempo() {
    const value = this.tempo.valueAsNumber;
    const { low, high } = this.store.row(null, "tempo");
    if (value >= low && value <= high) this.line.set(null, "tempo", value);
    else this.tempo.value = this.store.value(null, "tempo");
  }

  build() {
    const tempo = this.store.row(null, "tempo");
    Object.assign(this.tempo, { min: tempo.low, max: tempo.high });
    const rows = this.store.hello.table.global.filter((row) => !BY_HAND.has(row.name));
    this.controls = new Map(rows.map((row) => [row.name, makeControl(this.store, this.line, null, row)]));
    this.more.replaceChildren(...this.controls.values());
    document.title = `livevae: ${this.store.hello.preset}`;
  }

  showAll() {
    for (const [name, value] of Object.entries(this.store.values.global)) this.show(name, value);
  }

  show(name, value) {
    this.controls.get(name)?.show(value);
    if (name === "tempo" && document.activeElement !== this.tempo) this.tempo.value = Math.round(value * 10) / 10;
  }

  showNow(now) {
    const label = this.isPlaying ? "Stop" : now.state === "armed" ? "Armed" : "Play";
    setText(this.play, label);
    this.play.setAttribute("aria-label", label);
    setPressed(this.play, this.isPlaying);
    const isFollowing = now.leader === "midi";
    this.tempo.readOnly = isFollowing;
    if (isFollowing && document.activeElement !== this.tempo) this.tempo.value = now.bpm.toFixed(1);
    setText(this.leader, LEADERS[now.leader] ?? now.leader);
    setText(this.chord, now.chord);
    this.leader.classList.toggle("is-following", isFollowing);
  }

  // beat: the song's position that is seen and heard now.
  showPosition(beat) {
    const whole = Math.floor(beat + 1e-6);
    const inBar = ((whole % 4) + 4) % 4;
    setText(this.position, `${Math.floor(whole / 4) + 1}.${inBar + 1}`);
    this.beats.forEach((lamp, index) => lamp.classList.toggle("is-on", this.isPlaying && index === inBar));
  }

  showLine(isUp) {
    setText(this.lamp, isUp ? "" : "looking for livevae …");
    this.lamp.setAttribute("aria-label", isUp ? "connected" : "looking for livevae");
    this.lamp.classList.toggle("is-up", isUp);
    document.body.classList.toggle("is-apart", !isUp);
  }
}
