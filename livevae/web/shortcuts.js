// Keys that do something anywhere on the page. Letters are left free: they play notes.

import { el } from "./elements.js";

// not those of the list of keys: when it has just been closed, the focus may still be on its way back
const PRESSED_BY_SPACE = ":is(main, header) :is(button, summary, [type=checkbox])";
const TYPING = "input:not([type=range]):not([type=checkbox]), select, textarea";

export class Shortcuts {
  constructor(dialog, list, { store, line, transport, player, sound }) {
    this.dialog = dialog;
    this.player = player;
    const part = (number) => store.parts[number - 1];
    const mute = (number) => {
      const chosen = part(number);
      if (chosen) line.set(chosen.name, "mute", !store.value(chosen.name, "mute"));
    };
    const reroll = (number) => part(number) && line.set(part(number).name, "reroll", true);
    this.keys = [
      ["Space", "play, stop", (e) => e.code === "Space", () => transport.toggle()],
      ["Esc", "panic: silence every note", (e) => e.key === "Escape", () => line.ask({ do: "panic" })],
      [".", "tap the tempo", (e) => e.key === ".", () => line.ask({ do: "tap" })],
      ["1 … 9", "mute a part", (e) => /^Digit[1-9]$/.test(e.code) && !e.shiftKey, (e) => mute(+e.code.at(-1))],
      [
        "Shift+1 … 9",
        "a new idea for a part",
        (e) => /^Digit[1-9]$/.test(e.code) && e.shiftKey,
        (e) => reroll(+e.code.at(-1)),
      ],
      ["Ctrl+Z", "undo", (e) => (e.ctrlKey || e.metaKey) && e.code === "KeyZ", () => line.ask({ do: "undo" })],
      [",", "sound in the browser on, off", (e) => e.key === ",", () => sound.toggle()],
      ["/", "play notes with the letters on, off", (e) => e.key === "/", () => player.toggle()],
      [
        "- +",
        "letters an octave down, up",
        (e) => "-+=".includes(e.key),
        (e) => player.moveOctave(e.key === "-" ? -1 : 1),
      ],
      ["?", "this list", (e) => e.key === "?", () => this.showHelp()],
    ];
    list.replaceChildren(...this.keys.flatMap(([keys, does]) => [el("dt", {}, keys), el("dd", {}, does)]));
    addEventListener("keydown", (event) => this.down(event));
    // after a click the keys are for the music again; whoever goes by Tab keeps the focus
    addEventListener(
      "click",
      (event) => event.detail > 0 && event.target.closest?.("button, summary, [type=checkbox]")?.blur(),
    );
    addEventListener("change", (event) => event.target.matches?.("select") && event.target.blur());
    addEventListener("keyup", (event) => player.keyUp(event.code) && event.preventDefault());
  }

  showHelp() {
    if (!this.dialog.open) this.dialog.showModal();
  }

  down(event) {
    if (this.dialog.open || event.altKey || event.target.matches?.(TYPING)) return;
    const isPlain = !event.ctrlKey && !event.metaKey;
    if (isPlain && !event.shiftKey && this.player.keyDown(event.code)) {
      event.preventDefault();
      return;
    }
    // space presses the focused button; everything else works wherever the focus is
    if (event.repeat || (event.code === "Space" && event.target.matches?.(PRESSED_BY_SPACE))) return;
    const found = this.keys.find(([, , matches]) => matches(event));
    if (!found || (!isPlain && found[0] !== "Ctrl+Z")) return;
    event.preventDefault();
    found[3](event);
  }
}
