// Two clocks and a song. livevae stamps what it reports with the timekeeper's milliseconds; the browser has
// its own. The quickest of the last reports tells how far they are apart: slower ones were only held up on
// their way. Everything is then shown and heard a constant delay after its ideal time.

const WINDOW = 12; // reports, a good second: an audio server that loses periods falls behind within seconds
const FORGIVEN_MS = 30; // more than this is another clock altogether: a restart, a woken computer
const SLEW = 0.05;

export class ReportClock {
  constructor() {
    this.delayMs = 100; // from ideal time to eye and ear
    this.reset();
  }

  reset() {
    this.apart = [];
    this.offsetMs = null;
  }

  // A report stamped stampMs arrived at arrivedMs of the browser's clock.
  heard(stampMs, arrivedMs) {
    this.apart.push(arrivedMs - stampMs);
    if (this.apart.length > WINDOW) this.apart.shift();
    let best = Math.min(...this.apart);
    if (this.offsetMs !== null && arrivedMs - stampMs - best > 2000) {
      this.apart = [arrivedMs - stampMs]; // not late by seconds: the other clock was set back
      best = this.apart[0];
    }
    const error = this.offsetMs === null ? Infinity : best - this.offsetMs;
    this.offsetMs = Math.abs(error) > FORGIVEN_MS ? best : this.offsetMs + SLEW * error;
  }

  get isKnown() {
    return this.offsetMs !== null;
  }

  // When something stamped stampMs is to be seen and heard, by performance.now().
  dueMs(stampMs) {
    return stampMs + this.offsetMs + this.delayMs;
  }

  // The stamp of what is to be seen and heard at performance.now() == atMs.
  stampMs(atMs) {
    return atMs - this.offsetMs - this.delayMs;
  }
}

const JUMP_BEATS = 0.4; // between two reports; an outside clock's unsteadiness is far less
const ANCHORS_KEPT = 24;

// The song's position at any stamp. It is given unwrapped: where a DAW loops back or the song starts again,
// the line of time goes on, so that what was drawn stays where it is. A segment says which bars it shows.
export class Song {
  constructor() {
    this.reset();
  }

  reset() {
    this.anchors = [];
    this.segments = [{ from: -Infinity, shift: 0 }];
  }

  heard({ at, beat, bpm, state }) {
    const isPlaying = state === "playing";
    const last = this.anchors.at(-1);
    let shift = last?.shift ?? 0;
    if (last) {
      const expected = this.unwrapped(at);
      if (Math.abs(beat + shift - expected) > JUMP_BEATS) {
        shift = expected - beat;
        this.segments.push({ from: expected - 1e-3, shift });
        if (this.segments.length > 12) this.segments.shift();
        this.jumpedMs = at;
      }
    }
    this.anchors.push({ at, beat, shift, perMs: isPlaying ? bpm / 60000 : 0, bpm });
    if (this.anchors.length > ANCHORS_KEPT) this.anchors.shift();
  }

  get isKnown() {
    return this.anchors.length > 0;
  }

  anchorAt(stampMs) {
    for (let i = this.anchors.length - 1; i > 0; i--) if (this.anchors[i].at <= stampMs) return this.anchors[i];
    return this.anchors[0];
  }

  unwrapped(stampMs) {
    const anchor = this.anchorAt(stampMs);
    return anchor.beat + anchor.shift + (stampMs - anchor.at) * anchor.perMs;
  }

  // The song's own position, as people count it.
  beat(stampMs) {
    return this.unwrapped(stampMs) - this.anchorAt(stampMs).shift;
  }

  get shift() {
    return this.anchors.at(-1)?.shift ?? 0;
  }

  // The pieces of the line between two places, each with the shift from song positions to the line.
  pieces(from, to) {
    const found = [];
    this.segments.forEach((segment, index) => {
      const end = this.segments[index + 1]?.from ?? Infinity;
      const start = Math.max(from, segment.from);
      const stop = Math.min(to, end);
      if (start < stop) found.push({ start, stop, shift: segment.shift });
    });
    return found;
  }
}
