// A drum kit, synthesised once into short buffers: playing one is then as cheap as sound gets.

const RATE = 44100;

// name -> seconds, the MIDI notes that strike it, and how it is made at time 0 of an offline context.
const SOUNDS = {
  kick: {
    seconds: 0.5,
    notes: [35, 36],
    make: (T, out) => membrane(T, out, 48, { pitchDecay: 0.045, octaves: 5, decay: 0.42, volume: 2 }),
  },
  snare: {
    seconds: 0.35,
    notes: [37, 38, 39, 40],
    make: (T, out) => {
      membrane(T, out, 185, { pitchDecay: 0.02, octaves: 1.2, decay: 0.14, volume: -10 });
      noise(T, out, { type: "highpass", frequency: 1600, decay: 0.17, volume: -9 });
    },
  },
  closedHat: {
    seconds: 0.12,
    notes: [42, 44],
    chokes: true,
    make: (T, out) => noise(T, out, { type: "highpass", frequency: 8200, decay: 0.045, volume: -15 }),
  },
  openHat: {
    seconds: 0.6,
    notes: [46],
    isOpen: true,
    make: (T, out) => noise(T, out, { type: "highpass", frequency: 7400, decay: 0.36, volume: -17 }),
  },
  lowTom: { seconds: 0.6, notes: [41, 43, 45], make: (T, out) => tom(T, out, 92) },
  midTom: { seconds: 0.55, notes: [47, 48], make: (T, out) => tom(T, out, 128) },
  highTom: { seconds: 0.5, notes: [50], make: (T, out) => tom(T, out, 172) },
  crash: {
    seconds: 1.8,
    notes: [49, 52, 55, 57],
    make: (T, out) => {
      noise(T, out, { type: "highpass", frequency: 5200, decay: 1.3, volume: -19 });
      cymbal(T, out, 340, { decay: 1.1, volume: -33 });
    },
  },
  ride: {
    seconds: 1.0,
    notes: [51, 53, 59],
    make: (T, out) => {
      noise(T, out, { type: "bandpass", frequency: 9000, decay: 0.5, volume: -21 });
      cymbal(T, out, 520, { decay: 0.6, volume: -31 });
    },
  },
};

// A kit whose `of(pitch)` gives { buffer, chokes, isOpen } for any MIDI note.
export async function renderKit(Tone) {
  const rendered = [];
  for (const sound of Object.values(SOUNDS)) {
    // one after the other: while it renders, Tone makes every node in that sound's own context
    const buffer = await Tone.Offline(({ destination }) => sound.make(Tone, destination), sound.seconds, 1, RATE);
    rendered.push({ ...sound, buffer });
  }
  const byNote = new Map(rendered.flatMap((sound) => sound.notes.map((note) => [note, sound])));
  return { of: (pitch) => byNote.get(pitch) ?? rendered[pitch % rendered.length] };
}

function membrane(Tone, out, hertz, { pitchDecay, octaves, decay, volume }) {
  new Tone.MembraneSynth({
    pitchDecay,
    octaves,
    volume,
    envelope: { attack: 0.001, decay, sustain: 0, release: 0.02 },
  })
    .connect(out)
    .triggerAttackRelease(hertz, decay, 0);
}

function tom(Tone, out, hertz) {
  membrane(Tone, out, hertz, { pitchDecay: 0.03, octaves: 1.6, decay: 0.36, volume: -4 });
}

function noise(Tone, out, { type, frequency, decay, volume }) {
  const filter = new Tone.Filter({ type, frequency, rolloff: -24, Q: 0.7 }).connect(out);
  new Tone.NoiseSynth({
    noise: { type: "white" },
    volume,
    envelope: { attack: 0.001, decay, sustain: 0, release: 0.02 },
  })
    .connect(filter)
    .triggerAttackRelease(decay, 0);
}

function cymbal(Tone, out, hertz, { decay, volume }) {
  new Tone.MetalSynth({
    harmonicity: 5.1,
    modulationIndex: 24,
    resonance: 5200,
    octaves: 1.2,
    volume,
    envelope: { attack: 0.001, decay, release: 0.05 },
  })
    .connect(out)
    .triggerAttackRelease(hertz, decay, 0);
}
