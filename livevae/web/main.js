// livevae's page: everything that is shown comes from livevae, everything that is touched goes to it.

import { ReportClock, Song } from "./clock.js";
import { Connection } from "./connection.js";
import { Learn } from "./learn.js";
import { Log } from "./log.js";
import { LatentMap } from "./map.js";
import { Meters } from "./meters.js";
import { Pad } from "./pad.js";
import { Palette } from "./palette.js";
import { Parts } from "./parts.js";
import { Player } from "./playing.js";
import { Roll } from "./roll.js";
import { Shortcuts } from "./shortcuts.js";
import { Sound } from "./sound.js";
import { Store } from "./store.js";
import { TransportBar } from "./transport.js";
import { Views } from "./views.js";

const byId = (id) => document.getElementById(id);
const store = new Store();
const clock = new ReportClock();
const song = new Song();

let arrivedMs = 0;
store.on("hello", () => {
  clock.reset(); // it may be another livevae, with another clock
  song.reset();
});
store.on("now", (now) => {
  clock.heard(now.at, arrivedMs);
  song.heard(now);
});

const line = new Connection(
  (messages, atMs) => {
    arrivedMs = atMs;
    store.receive(messages);
  },
  (isUp) => store.lineChanged(isUp),
);

const sound = new Sound(store, clock);
const player = new Player(store, line, sound);
const learn = new Learn(store, line);
const transport = new TransportBar(byId("transport"), store, line, {
  sound: sound.control,
  keys: player.control,
  midi: player.midi,
  learn: learn.control,
  views: new Views().control,
  onHelp: () => shortcuts.showHelp(),
});
const parts = new Parts(byId("parts"), store, line);
const palette = new Palette(byId("palette"), store, line);
const pad = new Pad(byId("pad"), store, line, palette);
palette.onChosen = () => pad.showCorners();
const map = new LatentMap(byId("map"), store, line, palette);
const rebuildPad = palette.onModel;
palette.onModel = () => {
  rebuildPad();
  map.draw();
};
new Meters(byId("meters"), store);
new Log(byId("log-lines"), store);
const roll = new Roll(byId("roll-canvas"), store, clock, song, (beat, sounding) => {
  transport.showPosition(beat);
  parts.showSounding(sounding);
});
const shortcuts = new Shortcuts(byId("help"), byId("help-keys"), { store, line, transport, player, sound });

window.livevae = { store, clock, song, line, sound, player, roll, map }; // for whoever opens the console, and for the tests
