// Sound in the browser, by Tone.js: a voice for each kind of part, each note at its ideal time plus the delay
// that the piano roll has too.

import { el, setPressed, setText } from "./elements.js";
import { drumVoice, bassVoice, melodyVoice } from "./voices.js";

const KNOWN = "livevae sound";
const TONE = "vendor/tone/Tone.js"; // loaded when sound is first wanted
const LOOK_AHEAD_S = 0.5; // Tone hands notes to the browser at once if they are due within this
const LONGEST_LATE_S = 0.25; // a note that arrives later than this is better left out
const ROOM_S = 1.1;
const CLOCK_SLEW = 0.02;
const CLOCK_JUMP_S = 0.05;

export class Sound {
  constructor(store, clock) {
    this.store = store;
    this.clock = clock;
    this.isOn = false;
    this.played = 0;
    this.late = 0;
    this.button = el(
      "button",
      {
        class: "button sound",
        type: "button",
        "aria-pressed": "false",
        "aria-label": "Sound in the browser",
        title: "Sound in this browser (,)",
        onclick: () => this.toggle(),
      },
      "Sound",
    );
    this.volume = el("input", {
      type: "range",
      min: 0,
      max: 1,
      step: 0.01,
      value: 0.8,
      class: "volume",
      "aria-label": "Volume in the browser",
      hidden: true,
    });
    this.volume.addEventListener("input", () => this.setVolume());
    this.control = el("span", { class: "group sounding" }, this.button, this.volume);
    store.on("hello", () => this.show());
    store.on("notes", ({ notes }) => this.take(notes));
    store.on("now", (now) => this.watchTransport(now));
    store.on("line", (isUp) => isUp || this.silence());
  }

  async toggle() {
    if (this.isStarting) return;
    localStorage.setItem(KNOWN, "yes");
    this.isStarting = true;
    try {
      if (this.isOn) this.turnOff();
      else await this.turnOn();
    } finally {
      this.isStarting = false;
    }
  }

  async turnOn() {
    setText(this.button, "Sound …");
    if (!this.voices) await this.build();
    await this.context.resume();
    this.apart = undefined;
    this.isOn = true;
    this.show();
  }

  turnOff() {
    this.isOn = false;
    this.silence();
    this.show();
  }

  show() {
    setText(this.button, "Sound");
    setPressed(this.button, this.isOn);
    // large where nothing else sounds, and for whoever has never pressed it
    this.button.classList.toggle("is-wanted", !this.isOn && !(this.store.hello?.midi && localStorage.getItem(KNOWN)));
    this.volume.hidden = !this.isOn;
  }

  async build() {
    const Tone = await loadTone();
    Tone.setContext(new Tone.Context({ latencyHint: "interactive", lookAhead: LOOK_AHEAD_S, updateInterval: 0.05 }));
    this.context = Tone.getContext();
    this.master = new Tone.Gain(1).connect(new Tone.Limiter(-2).toDestination());
    const room = new Tone.Convolver({ url: smallRoom(Tone), normalize: true });
    room.connect(new Tone.Gain(0.5).connect(this.master));
    this.voices = {
      melody: await melodyVoice(Tone, [this.master, room]),
      bass: await bassVoice(Tone, [this.master]),
      drums: await drumVoice(Tone, [this.master]),
    };
    this.setVolume();
  }

  setVolume() {
    const level = Number(this.volume.value);
    this.master?.gain.rampTo(level * level * 0.95, 0.03);
  }

  voiceOf(part) {
    return this.voices[part?.plays] ?? this.voices.melody;
  }

  // Where on the audio clock something is heard at performance.now() == atMs.
  audioTime(atMs) {
    const raw = this.context.rawContext;
    const { contextTime, performanceTime } = raw.getOutputTimestamp?.() ?? {};
    const isKnown = contextTime > 0 && performanceTime > 0;
    const apart = isKnown ? contextTime - performanceTime / 1000 : raw.currentTime - performance.now() / 1000;
    const isFar = this.apart === undefined || Math.abs(apart - this.apart) > CLOCK_JUMP_S;
    this.apart = isFar ? apart : this.apart + CLOCK_SLEW * (apart - this.apart);
    return this.apart + atMs / 1000;
  }

  take(notes) {
    if (!this.isOn || !this.clock.isKnown || this.context.state !== "running") return;
    for (const [at, isHeard, channel, pitch, velocity] of notes) {
      if (isHeard) continue;
      const due = this.audioTime(this.clock.dueMs(at));
      const now = this.context.rawContext.currentTime;
      if (due < now) this.late += 1;
      if (due < now - LONGEST_LATE_S && velocity) continue;
      this.strike(this.store.partOnChannel(channel), pitch, velocity, Math.max(now, due));
    }
  }

  // What is played here is heard here at once.
  playNow(channel, pitch, velocity) {
    if (!this.isOn) return;
    this.strike(this.store.partListeningTo(channel), pitch, velocity, this.context.rawContext.currentTime);
  }

  strike(part, pitch, velocity, time) {
    const voice = this.voiceOf(part);
    if (velocity) {
      voice.on(pitch, velocity / 127, time);
      this.played += 1;
    } else voice.off(pitch, time);
  }

  watchTransport(now) {
    const latency = this.context ? (this.context.rawContext.outputLatency || 0) * 1000 : 0;
    this.clock.delayMs = Math.max(100, latency + 70); // loudspeakers by radio need longer; the roll waits with them
    if (this.wasPlaying && now.state !== "playing") this.silence();
    this.wasPlaying = now.state === "playing";
  }

  silence() {
    for (const voice of Object.values(this.voices ?? {})) voice.silence();
  }
}

function loadTone() {
  if (window.Tone) return Promise.resolve(window.Tone);
  return new Promise((resolve, reject) => {
    const script = el("script", { src: TONE });
    script.onload = () => resolve(window.Tone);
    script.onerror = () => reject(new Error("Tone.js did not load"));
    document.head.append(script);
  });
}

// What a small room answers to a clap: noise that dies away, the highs first.
function smallRoom(Tone) {
  const { sampleRate } = Tone.getContext();
  const buffer = Tone.getContext().createBuffer(2, ROOM_S * sampleRate, sampleRate);
  for (let channel = 0; channel < 2; channel += 1) {
    const samples = buffer.getChannelData(channel);
    let dull = 0;
    for (let i = 0; i < samples.length; i += 1) {
      const at = i / samples.length;
      dull += (0.55 - 0.4 * at) * (Math.random() * 2 - 1 - dull);
      samples[i] = dull * (1 - at) ** 3;
    }
  }
  return new Tone.ToneAudioBuffer(buffer);
}
