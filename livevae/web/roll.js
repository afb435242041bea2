// The piano roll: what came in, what sounds, and the bars already decided, on one line of time.

const BEATS_SHOWN = 20;
const BEATS_SHOWN_NARROW = 11;
const NARROW_PX = 700;
const NOW_AT = 0.58; // of the width: to the left what was, to the right what comes
const NOTES_KEPT = 4000;
const SEMITONES_SHOWN = 26; // at least
const DRUM_ROWS = [
  [35, 36],
  [37, 38, 39, 40],
  [42, 44],
  [46],
  [41, 43, 45],
  [47, 48],
  [50],
  [49, 52, 55, 57],
  [51, 53, 59],
];
const DRUM_BEATS = 0.14; // a drum has no length; this is how long one is drawn
const HEARD_COLOUR = "#d5f5a6";

export class Roll {
  // onFrame(beat, sounding): the position shown and the names of the parts that sound, in every frame.
  constructor(canvas, store, clock, song, onFrame) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false });
    this.store = store;
    this.clock = clock;
    this.song = song;
    this.onFrame = onFrame;
    this.notes = []; // { from, to (null while it sounds), pitch, part, heard, velocity }
    this.open = new Map();
    this.missed = [];
    this.low = 48;
    this.high = 76;
    this.frames = { count: 0, perSecond: 0, longestMs: 0, since: performance.now() };
    store.on("notes", ({ notes }) => this.take(notes));
    store.on("missed", ({ part, bar }) => this.missed.push({ part, at: bar * 4 + this.song.shift }));
    store.on("hello", () => this.forget());
    new ResizeObserver(() => this.fit()).observe(canvas);
    this.fit();
    requestAnimationFrame((atMs) => this.frame(atMs));
  }

  forget() {
    this.notes = [];
    this.open.clear();
    this.missed = [];
  }

  fit() {
    const ratio = Math.min(2, devicePixelRatio || 1);
    const { width, height } = this.canvas.getBoundingClientRect();
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
    this.canvas.width = Math.round(this.width * ratio);
    this.canvas.height = Math.round(this.height * ratio);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  take(notes) {
    if (!this.song.isKnown) return;
    for (const [at, isHeard, channel, pitch, velocity] of notes) {
      const beat = this.song.unwrapped(at);
      const key = `${isHeard}/${channel}/${pitch}`;
      const sounding = this.open.get(key);
      if (sounding) {
        sounding.to = Math.max(beat, sounding.from + 0.02);
        this.open.delete(key);
      }
      if (velocity === 0) continue;
      const part = isHeard ? this.store.partListeningTo(channel) : this.store.partOnChannel(channel);
      const note = { from: beat, to: null, pitch, part: part ?? this.store.parts[0], heard: isHeard === 1, velocity };
      this.open.set(key, note);
      this.notes.push(note);
    }
    if (this.notes.length > NOTES_KEPT) this.notes.splice(0, this.notes.length - NOTES_KEPT);
  }

  frame(atMs) {
    requestAnimationFrame((next) => this.frame(next));
    this.countFrame(atMs);
    if (!this.store.hello || !this.song.isKnown || !this.clock.isKnown) return;
    const stampMs = this.clock.stampMs(performance.now());
    const here = this.song.unwrapped(stampMs);
    const shown = this.width < NARROW_PX ? BEATS_SHOWN_NARROW : BEATS_SHOWN;
    const scale = this.width / shown;
    const from = here - NOW_AT * shown;
    this.forgetBefore(from - 4);
    const view = { here, from, to: from + shown, x: (beat) => (beat - from) * scale, scale };
    const coming = this.coming(view);
    this.settleRange(coming);
    this.lay();
    this.drawGround(view);
    this.drawComing(coming, view);
    const sounding = this.drawNotes(view);
    this.drawNow(view);
    this.onFrame(this.song.beat(stampMs), sounding);
  }

  countFrame(atMs) {
    const frames = this.frames;
    if (frames.lastMs !== undefined) frames.longestMs = Math.max(frames.longestMs, atMs - frames.lastMs);
    frames.lastMs = atMs;
    frames.count += 1;
    if (atMs - frames.since >= 1000) {
      frames.perSecond = ((frames.count - (frames.countThen ?? 0)) * 1000) / (atMs - frames.since);
      frames.countThen = frames.count;
      frames.since = atMs;
    }
  }

  forgetBefore(beat) {
    let old = 0;
    while (old < this.notes.length && this.notes[old].to !== null && this.notes[old].to < beat) old += 1;
    if (old > 64) this.notes.splice(0, old);
    while (this.missed.length && this.missed[0].at < beat) this.missed.shift();
  }

  // The decided notes that have yet to sound, on the line of time.
  coming(view) {
    const shift = this.song.shift;
    const found = [];
    let until = view.here;
    for (const part of this.store.parts) {
      for (const [bar, notes] of this.store.bars.get(part.name) ?? []) {
        const start = bar * 4 + shift;
        if (start + 4 <= view.here || start > view.to) continue;
        until = Math.max(until, start + 4);
        for (const [onset, length, pitch, velocity] of notes) {
          const at = start + onset;
          if (at > view.here && at < view.to) found.push({ from: at, to: at + length, pitch, part, velocity });
        }
      }
    }
    found.until = until;
    return found;
  }

  settleRange(coming) {
    let low = 128;
    let high = -1;
    const consider = ({ pitch, part }) => {
      if (part.isDrums) return;
      low = Math.min(low, pitch);
      high = Math.max(high, pitch);
    };
    this.notes.forEach(consider);
    coming.forEach(consider);
    if (high < 0) return;
    const middle = (low + high) / 2;
    const half = Math.max(SEMITONES_SHOWN, high - low + 4) / 2;
    this.low += (middle - half - this.low) * 0.06;
    this.high += (middle + half - this.high) * 0.06;
  }

  lay() {
    const hasDrums = this.store.parts.some((part) => part.isDrums);
    const hasPitches = this.store.parts.some((part) => !part.isDrums);
    const top = 20;
    const inside = this.height - top - 6;
    const drums = hasDrums ? (hasPitches ? inside * 0.36 : inside) : 0;
    this.pitched = { top, height: inside - drums - (hasDrums && hasPitches ? 8 : 0) };
    this.drums = { top: this.height - 6 - drums, height: drums };
    this.rowHeight = drums / DRUM_ROWS.length;
    this.semitone = this.pitched.height / Math.max(1, this.high - this.low);
  }

  y(pitch) {
    return this.pitched.top + (this.high - pitch) * this.semitone;
  }

  drumY(pitch) {
    let row = DRUM_ROWS.findIndex((pitches) => pitches.includes(pitch));
    if (row < 0) row = pitch % DRUM_ROWS.length;
    return this.drums.top + (DRUM_ROWS.length - 1 - row) * this.rowHeight;
  }

  drawGround(view) {
    const { context: c, width, height } = this;
    c.fillStyle = "#0b0d11";
    c.fillRect(0, 0, width, height);
    if (this.pitched.height > 1) {
      c.fillStyle = "#14171d";
      for (let pitch = Math.ceil(this.low / 12) * 12; pitch < this.high; pitch += 12) {
        c.fillRect(0, this.y(pitch) + this.semitone, width, 1); // under each C
      }
    }
    if (this.drums.height > 1) {
      c.fillStyle = "#101319";
      c.fillRect(0, this.drums.top, width, this.drums.height);
    }
    c.font = "11px system-ui, sans-serif";
    c.textBaseline = "middle";
    for (const { start, stop, shift } of this.song.pieces(view.from, view.to)) {
      for (let beat = Math.ceil(start - shift); beat < stop - shift; beat += 1) {
        const x = Math.round(view.x(beat + shift));
        const isBar = beat % 4 === 0;
        c.fillStyle = isBar ? "#262b35" : "#151920";
        c.fillRect(x, isBar ? 0 : 18, 1, height);
        if (isBar) {
          c.fillStyle = "#667085";
          c.fillText(String(beat / 4 + 1), x + 6, 10);
        }
      }
    }
    c.fillStyle = "#f0716c";
    for (const { at } of this.missed) c.fillRect(view.x(at), 0, view.scale * 4, 2);
  }

  drawComing(coming, view) {
    const c = this.context;
    for (const part of this.store.parts) {
      const isMuted = this.store.value(part.name, "mute");
      c.globalAlpha = isMuted ? 0.1 : 0.34;
      c.fillStyle = part.colour;
      for (const note of coming) if (note.part === part) this.drawNote(note, note.to, view);
    }
    c.globalAlpha = 1;
    const x = view.x(coming.until);
    if (x < this.width) {
      c.fillStyle = "rgba(4, 5, 7, 0.55)"; // open: not decided yet
      c.fillRect(x, 0, this.width - x, this.height);
    }
  }

  drawNotes(view) {
    const c = this.context;
    const sounding = new Set();
    for (const note of this.notes) {
      if (note.from > view.here) continue; // heard and seen a little after it was sent
      const end = Math.min(note.to ?? view.here, view.here);
      if (end < view.from) continue;
      const isSounding = note.part.isDrums ? view.here - note.from < DRUM_BEATS : (note.to ?? Infinity) > view.here;
      c.fillStyle = note.heard ? HEARD_COLOUR : note.part.colour;
      c.globalAlpha = isSounding ? 1 : note.heard ? 0.5 : 0.45 + (0.3 * note.velocity) / 127;
      if (isSounding && !note.heard) sounding.add(note.part.name);
      this.drawNote(note, end, view);
    }
    c.globalAlpha = 1;
    return sounding;
  }

  drawNote(note, end, view) {
    const c = this.context;
    const x = view.x(note.from);
    if (note.part.isDrums) {
      const height = Math.max(3, this.rowHeight - 2);
      const width = Math.max(4, Math.min(view.scale * DRUM_BEATS, 12) * (0.5 + note.velocity / 254));
      if (note.heard) c.fillRect(x, this.drumY(note.pitch) + height / 3, width, height / 3);
      else c.fillRect(x, this.drumY(note.pitch) + 1, width, height);
      return;
    }
    const height = Math.max(5, Math.min(this.semitone, 12) - 1);
    const width = Math.max(3, view.x(end) - x - 1);
    c.beginPath();
    if (note.heard) c.roundRect(x, this.y(note.pitch) + height / 3, width, Math.max(2, height / 3), 2);
    else c.roundRect(x, this.y(note.pitch), width, height, 2.5);
    c.fill();
  }

  drawNow(view) {
    const c = this.context;
    const x = Math.round(view.x(view.here));
    c.fillStyle = this.store.now?.state === "playing" ? "#f4f6fa" : "#667085";
    c.fillRect(x, 0, 1, this.height);
  }
}
