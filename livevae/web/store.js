// What livevae has told: the table of parameters, every value, the palette, the bars decided, how things are.

const COLOURS = { melody: "#7cb7ff", bass: "#b9a1ff", drums: "#ffbe76" };
const OTHER_COLOURS = ["#6fd6c4", "#ff9fb2", "#a8d672", "#e8d06a", "#8ad0f0"];
const NOTICES_KEPT = 100;

export class Store {
  constructor() {
    this.listeners = new Map();
    this.hello = null;
    this.values = { global: {}, parts: {} };
    this.slots = new Map(); // "model/slot" -> { model, slot, name, kind }
    this.bars = new Map(); // part -> Map(bar -> notes)
    this.bindings = new Map(); // "part/name" -> the MIDI control that turns it; "/name" for a global one
    this.maps = new Map(); // model -> where its ideas lie
    this.learning = null; // the one that waits for a control to be touched
    this.notices = [];
    this.now = null;
    this.isUp = false;
    this.counts = { hello: 0, value: 0, slot: 0, bar: 0, missed: 0, notes: 0, now: 0, notice: 0 };
  }

  // topic: the kind of message, or "table" (another set of parts), or "line" (it opened or broke).
  on(topic, listener) {
    if (!this.listeners.has(topic)) this.listeners.set(topic, []);
    this.listeners.get(topic).push(listener);
  }

  emit(topic, detail) {
    for (const listener of this.listeners.get(topic) ?? []) listener(detail);
  }

  get parts() {
    return this.hello?.parts ?? [];
  }

  part(name) {
    return this.parts.find((part) => part.name === name);
  }

  row(part, name) {
    return this.hello.table[part === null ? "global" : "part"].find((row) => row.name === name);
  }

  value(part, name) {
    return part === null ? this.values.global[name] : this.values.parts[part]?.[name];
  }

  slot(model, number) {
    return this.slots.get(`${model}/${number}`);
  }

  // The part that plays on a channel; of several the first.
  partOnChannel(channel) {
    return this.parts.find((part) => this.value(part.name, "channel") === channel);
  }

  // The part that listens to a channel; else one that plays on it.
  partListeningTo(channel) {
    return this.parts.find((part) => this.value(part.name, "in_channel") === channel) ?? this.partOnChannel(channel);
  }

  lineChanged(isUp) {
    this.isUp = isUp;
    this.emit("line", isUp);
  }

  receive(messages) {
    for (const message of messages) {
      this.counts[message.is] = (this.counts[message.is] ?? 0) + 1;
      this.take(message);
      this.emit(message.is, message);
    }
  }

  // Something the page itself has to say, in the same place as what livevae says.
  say(severity, text) {
    this.receive([{ is: "notice", severity, text }]);
  }

  take(message) {
    switch (message.is) {
      case "hello":
        this.takeHello(message);
        break;
      case "value":
        if (message.part === null) this.values.global[message.name] = message.value;
        else if (this.values.parts[message.part]) this.values.parts[message.part][message.name] = message.value;
        break;
      case "slot":
        if (message.kind === null) this.slots.delete(`${message.model}/${message.slot}`);
        else this.slots.set(`${message.model}/${message.slot}`, message);
        break;
      case "binding":
        this.takeBinding(message);
        break;
      case "learning":
        this.learning = message.waiting ? `${message.part ?? ""}/${message.name}` : null;
        break;
      case "map":
        this.maps.set(message.model, message);
        break;
      case "bar":
        this.bars.get(message.part)?.set(message.bar, message.notes);
        this.forgetOldBars(message.part);
        break;
      case "now":
        this.now = message;
        break;
      case "notice":
        this.notices.unshift({ ...message, at: new Date() });
        this.notices.length = Math.min(this.notices.length, NOTICES_KEPT);
        break;
    }
  }

  takeBinding({ part, name, control }) {
    if (control === null) this.bindings.delete(`${part ?? ""}/${name}`);
    else this.bindings.set(`${part ?? ""}/${name}`, control);
  }

  takeHello(hello) {
    const before = this.hello && JSON.stringify([this.hello.parts, this.hello.table, this.hello.preset]);
    this.hello = hello;
    this.values = hello.values;
    this.slots = new Map(hello.palette.map((slot) => [`${slot.model}/${slot.slot}`, slot]));
    this.maps = new Map();
    this.bindings = new Map();
    for (const binding of hello.bindings) this.takeBinding(binding);
    this.learning = null;
    if (hello.learning) this.take(hello.learning);
    this.bars = new Map(hello.parts.map((part) => [part.name, new Map()]));
    let others = 0;
    for (const part of hello.parts) {
      part.colour = COLOURS[part.plays] ?? OTHER_COLOURS[others++ % OTHER_COLOURS.length];
      part.isDrums = part.plays === "drums";
    }
    const seen = new Set(this.notices.map((notice) => notice.text));
    for (const notice of hello.notices) if (!seen.has(notice.text)) this.take(notice);
    const table = JSON.stringify([hello.parts, hello.table, hello.preset]);
    if (before !== table) this.emit("table", hello);
  }

  forgetOldBars(part) {
    const bars = this.bars.get(part);
    while (bars && bars.size > 8) bars.delete(bars.keys().next().value);
  }
}
