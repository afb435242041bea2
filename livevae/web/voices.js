// The instruments. Each is synthesised once into buffers when sound is turned on, so that a note costs next to
// nothing while the music plays, on a tablet too, and leaves nothing behind.

import { renderKit } from "./kit.js";

const RATE = 32000;
const ROUND_OFF_S = 0.02; // of an open hi-hat that is closed

// An electric piano of sorts: two sines, the one bending the other less and less.
export function melodyVoice(Tone, outputs) {
  const make = (destination, hertz) =>
    new Tone.FMSynth({
      harmonicity: 2,
      modulationIndex: 3.2,
      envelope: { attack: 0.004, decay: 3.6, sustain: 0, release: 0.1 },
      modulationEnvelope: { attack: 0.002, decay: 0.9, sustain: 0.06, release: 0.1 },
      volume: -11,
    })
      .connect(destination)
      .triggerAttackRelease(hertz, 3.6, 0);
  return keyed(Tone, outputs, { pitches: range(36, 96, 6), seconds: 3.7, release: 0.3, make });
}

// A round bass: a few harmonics, and a filter that closes.
export function bassVoice(Tone, outputs) {
  const make = (destination, hertz) =>
    new Tone.MonoSynth({
      oscillator: { type: "custom", partials: [1, 0.6, 0.35, 0.2, 0.12, 0.07] },
      envelope: { attack: 0.006, decay: 3, sustain: 0, release: 0.1 },
      filter: { type: "lowpass", rolloff: -24, Q: 0.8 },
      filterEnvelope: { attack: 0.004, decay: 0.4, sustain: 0.3, release: 0.1, baseFrequency: 160, octaves: 2.4 },
      volume: -4,
    })
      .connect(destination)
      .triggerAttackRelease(hertz, 3, 0);
  return keyed(Tone, outputs, { pitches: range(24, 60, 6), seconds: 3.1, release: 0.08, make });
}

export async function drumVoice(Tone, outputs) {
  const kit = await renderKit(Tone);
  const bus = connected(new Tone.Gain(0.9), outputs);
  let openHat = null;
  return {
    on(pitch, velocity, time) {
      const sound = kit.of(pitch);
      const gain = new Tone.Gain(0.15 + 0.85 * velocity * velocity).connect(bus);
      const leave = () => [source, gain].forEach((node) => node.dispose());
      const source = new Tone.ToneBufferSource({ url: sound.buffer, onended: leave }).connect(gain);
      if (sound.chokes && openHat && !openHat.disposed) openHat.stop(time, ROUND_OFF_S);
      if (sound.isOpen || sound.chokes) openHat = sound.isOpen ? source : null;
      source.start(time);
    },
    off() {}, // a drum rings as long as it rings
    silence() {},
  };
}

// An instrument of keys, from one buffer every few semitones.
async function keyed(Tone, outputs, { pitches, seconds, release, make }) {
  const urls = {};
  for (const pitch of pitches) {
    // one after the other: while it renders, Tone makes every node in that sound's own context
    urls[pitch] = await Tone.Offline(({ destination }) => make(destination, frequency(pitch)), seconds, 1, RATE);
  }
  const sampler = connected(new Tone.Sampler({ urls, release, curve: "exponential" }), outputs);
  return {
    on: (pitch, velocity, time) => sampler.triggerAttack(frequency(pitch), time, velocity),
    off: (pitch, time) => sampler.triggerRelease(frequency(pitch), time),
    silence: () => sampler.releaseAll(),
  };
}

function connected(node, outputs) {
  for (const output of outputs) node.connect(output);
  return node;
}

function frequency(pitch) {
  return 440 * 2 ** ((pitch - 69) / 12);
}

function range(from, to, step) {
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
}
