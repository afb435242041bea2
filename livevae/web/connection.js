// The line to livevae: one WebSocket that comes back by itself, and never says more than is heard.

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 4000;
const SILENT_SECONDS = 4; // reports come ten times a second; after so many looks in vain the line is dead
const SAME_VALUE_EVERY_MS = 16; // of one parameter: the first at once, then the newest of each frame

export class Connection {
  // onMessages(messages): an array for each frame. onLine(isUp): when the line opens or breaks.
  constructor(onMessages, onLine) {
    this.onMessages = onMessages;
    this.onLine = onLine;
    this.retryMs = FIRST_RETRY_MS;
    this.waiting = new Map(); // parameter -> its newest value not sent yet
    this.opened = 0;
    this.silentFor = 0; // looks, not time: a page that was asleep itself has missed nothing
    this.open();
    setInterval(() => this.checkSilence(), 1000);
    addEventListener("online", () => this.retryNow());
    document.addEventListener("visibilitychange", () => document.hidden || this.retryNow());
  }

  get isUp() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  open() {
    clearTimeout(this.retry);
    this.retry = undefined;
    const socket = new WebSocket(`ws://${location.host}/live${location.search}`);
    this.socket = socket;
    socket.onopen = () => {
      this.opened += 1;
      this.silentFor = 0;
      this.retryMs = FIRST_RETRY_MS;
      this.onLine(true);
    };
    socket.onmessage = ({ data }) => {
      this.silentFor = 0;
      this.onMessages(JSON.parse(data), performance.now());
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.waiting.clear();
      this.onLine(false);
      this.retry = setTimeout(() => this.open(), this.retryMs);
      this.retryMs = Math.min(LONGEST_RETRY_MS, this.retryMs * 1.6);
    };
  }

  retryNow() {
    if (this.retry !== undefined) this.open();
  }

  checkSilence() {
    this.silentFor += 1;
    if (this.isUp && this.silentFor > SILENT_SECONDS) this.socket.close();
  }

  ask(request) {
    if (this.isUp) this.socket.send(JSON.stringify(request));
  }

  // Move a parameter; part is null for a global one. A drag sends one value a frame, the last one always.
  set(part, name, value) {
    const key = `${part ?? ""}/${name}`;
    const isPaced = this.waiting.has(key);
    this.waiting.set(key, isPaced ? { part, name, value } : null);
    if (isPaced) return;
    this.ask({ do: "set", part, name, value });
    const pace = () => {
      const newest = this.waiting.get(key);
      if (!newest) {
        this.waiting.delete(key);
        return;
      }
      this.waiting.set(key, null);
      this.ask({ do: "set", ...newest });
      setTimeout(pace, SAME_VALUE_EVERY_MS);
    };
    setTimeout(pace, SAME_VALUE_EVERY_MS);
  }
}
