// What livevae said: notices and refusals, newest first.

import { el } from "./elements.js";

const SHOWN = 60;

export class Log {
  constructor(list, store) {
    this.list = list;
    this.store = store;
    store.on("notice", () => this.add(store.notices[0]));
    store.on("hello", () => {
      list.replaceChildren();
      for (const notice of [...store.notices].reverse()) this.add(notice);
    });
  }

  add(notice) {
    const time = notice.at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
    this.list.prepend(el("li", { class: notice.severity }, el("time", {}, time), el("span", {}, notice.text)));
    while (this.list.children.length > SHOWN) this.list.lastChild.remove();
  }
}
