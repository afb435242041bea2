// Playing along: the computer's keyboard and Web MIDI become notes for livevae, heard here at once.

import { el, setPressed } from "./elements.js";

const FROM_C = {
  KeyA: 0,
  KeyW: 1,
  KeyS: 2,
  KeyE: 3,
  KeyD: 4,
  KeyF: 5,
  KeyT: 6,
  KeyG: 7,
  KeyY: 8,
  KeyH: 9,
  KeyU: 10,
  KeyJ: 11,
  KeyK: 12,
  KeyO: 13,
  KeyL: 14,
  KeyP: 15,
  Semicolon: 16,
};
const DRUMS = { KeyA: 36, KeyS: 38, KeyD: 42, KeyF: 46, KeyG: 45, KeyH: 48, KeyJ: 50, KeyK: 49, KeyL: 51 };
const VELOCITY = 96;

export class Player {
  constructor(store, line, sound) {
    this.store = store;
    this.line = line;
    this.sound = sound;
    this.octave = 4; // the one of middle C, as most call it
    this.held = new Map(); // key -> [channel, pitch]
    this.isOn = false;
    this.channel = el("select", { "aria-label": "What the keys play", hidden: true });
    this.button = el(
      "button",
      {
        class: "button",
        type: "button",
        "aria-pressed": "false",
        "aria-label": "Keys: play notes on the computer's keyboard",
        title: "Play on the computer's keyboard (/)",
        onclick: () => this.toggle(),
      },
      "Keys",
    );
    this.control = el("span", { class: "group keys" }, this.button, this.channel);
    this.midi = el(
      "button",
      {
        class: "button",
        type: "button",
        "aria-pressed": "false",
        "aria-label": "MIDI: play on a controller connected to this device",
        title: "Play on a controller connected to this device",
        hidden: !navigator.requestMIDIAccess,
        onclick: () => this.openMidi(),
      },
      "MIDI",
    );
    store.on("table", () => this.build());
    store.on("line", () => this.letGo());
    addEventListener("blur", () => this.letGo());
  }

  build() {
    this.channel.replaceChildren(...this.store.parts.map((part) => el("option", { value: part.name }, part.name)));
  }

  toggle() {
    this.isOn = !this.isOn;
    setPressed(this.button, this.isOn);
    this.channel.hidden = !this.isOn;
    if (!this.isOn) this.letGo();
  }

  get part() {
    return this.store.part(this.channel.value) ?? this.store.parts[0];
  }

  get channelPlayed() {
    const name = this.part.name;
    return this.store.value(name, "in_channel") || this.store.value(name, "channel");
  }

  // Both return whether the key was one of ours.
  keyDown(code) {
    if (!this.isOn || !this.part) return false;
    const pitch = this.part.isDrums
      ? DRUMS[code]
      : code in FROM_C
        ? 12 * (this.octave + 1) + FROM_C[code]
        : undefined;
    if (pitch === undefined || pitch > 127) return false;
    if (!this.held.has(code)) {
      this.held.set(code, [this.channelPlayed, pitch]);
      this.play(this.channelPlayed, pitch, VELOCITY);
    }
    return true;
  }

  keyUp(code) {
    const note = this.held.get(code);
    if (!note) return false;
    this.held.delete(code);
    this.play(...note, 0);
    return true;
  }

  moveOctave(by) {
    this.letGo();
    this.octave = Math.min(8, Math.max(0, this.octave + by));
  }

  letGo() {
    for (const note of this.held.values()) this.play(...note, 0);
    this.held.clear();
  }

  play(channel, pitch, velocity) {
    this.line.ask({ do: "note", channel, pitch, velocity });
    this.sound.playNow(channel, pitch, velocity);
  }

  async openMidi() {
    try {
      this.access ??= await navigator.requestMIDIAccess();
    } catch {
      this.midi.title = "The browser does not allow it";
      return;
    }
    const listen = () => {
      for (const input of this.access.inputs.values()) input.onmidimessage = ({ data }) => this.heardMidi(data);
      setPressed(this.midi, this.access.inputs.size > 0);
      this.midi.title =
        [...this.access.inputs.values()].map((input) => input.name).join(", ") || "No controller is connected";
    };
    this.access.onstatechange = listen;
    listen();
  }

  heardMidi([status, pitch, velocity]) {
    const kind = status & 0xf0;
    if (kind === 0xb0 && pitch < 120)
      this.line.ask({ do: "control", channel: (status & 0x0f) + 1, control: pitch, value: velocity });
    if ((kind === 0x90 || kind === 0x80) && this.part)
      this.play(this.channelPlayed, pitch, kind === 0x90 ? velocity : 0);
  }
}
