// One control for each row of livevae's parameter table, whatever the row: nothing here knows a parameter's name.

import { el, setPressed, setText } from "./elements.js";

const TOUCH_MS = 300;
const SLOT = /^slot \d+$/; // a choice that names a place in the palette
const LONG_RANGE = 300; // from here on a number is typed rather than slid to

// The control for `row` of `part` (null: a global one). Its element has a `show(value)`.
export function makeControl(store, line, part, row) {
  const make = { number: fader, integer: row.high - row.low > LONG_RANGE ? field : fader, choice, toggle, trigger };
  const control = make[row.kind](store, line, part, row);
  control.dataset.part = part ?? "";
  control.dataset.name = row.name;
  const now = store.value(part, row.name);
  if (now !== undefined) control.show(now);
  return control;
}

export function accessibleName(part, row) {
  return part === null ? words(row.name) : `${part} ${words(row.name)}`;
}

// What is written beside a control: inside a group its first word need not be said again.
export function shortName(row) {
  return words(row.name.replace(/^(attr|feel)_/, ""));
}

export function words(name) {
  return name.replaceAll("_", " ");
}

export function shownValue(row, value) {
  if (typeof value !== "number") return String(value);
  const text = row.kind === "integer" ? String(value) : value.toFixed(row.high - row.low > 10 ? 1 : 2);
  if (!row.unit) return text;
  const isOne = value === 1 && row.unit.length > 2;
  return `${text} ${isOne ? row.unit.replace(/s$/, "") : row.unit}`;
}

function fader(store, line, part, row) {
  const step = row.kind === "integer" ? 1 : (row.high - row.low) / 1000;
  const input = el("input", {
    type: "range",
    min: row.low,
    max: row.high,
    step,
    "aria-label": accessibleName(part, row),
  });
  const output = el("output", { "aria-hidden": "true" });
  const control = el(
    "label",
    { class: "fader", title: `${row.help} (${row.acts})` },
    el("span", { class: "name" }, shortName(row)),
    input,
    output,
  );
  let touchedUntil = 0; // an echo must not pull the fader back from under the finger, or between two keys
  let settling;
  const paint = (value) => {
    setText(output, shownValue(row, value));
    input.style.setProperty("--fill", `${(100 * (value - row.low)) / (row.high - row.low)}%`);
    input.setAttribute("aria-valuetext", shownValue(row, value));
  };
  const move = (value) => {
    touchedUntil = performance.now() + TOUCH_MS;
    paint(value);
    line.set(part, row.name, value);
  };
  input.addEventListener("input", () =>
    move(row.kind === "integer" ? Math.round(input.valueAsNumber) : input.valueAsNumber),
  );
  input.addEventListener("dblclick", () => {
    input.value = row.default;
    move(row.default);
  });
  control.show = (value) => {
    control.dataset.echo = value;
    clearTimeout(settling);
    const left = touchedUntil - performance.now();
    if (left > 0) {
      settling = setTimeout(() => control.show(store.value(part, row.name)), left);
      return;
    }
    input.value = value;
    paint(value);
  };
  return control;
}

function field(store, line, part, row) {
  const input = el("input", {
    type: "number",
    min: row.low,
    max: row.high,
    step: 1,
    inputmode: "numeric",
    "aria-label": accessibleName(part, row),
  });
  input.addEventListener("change", () => {
    const value = Math.round(input.valueAsNumber);
    if (value >= row.low && value <= row.high) line.set(part, row.name, value);
    else input.value = store.value(part, row.name);
  });
  const control = el(
    "label",
    { class: "field", title: `${row.help} (${row.acts})` },
    el("span", { class: "name" }, shortName(row)),
    input,
  );
  control.show = (value) => {
    control.dataset.echo = value;
    input.value = value;
  };
  return control;
}

function choice(store, line, part, row) {
  const select = el(
    "select",
    { "aria-label": accessibleName(part, row) },
    ...row.choices.map((value) => el("option", { value }, words(value))),
  );
  select.addEventListener("change", () => line.set(part, row.name, select.value));
  const control = el(
    "label",
    { class: "field", title: `${row.help} (${row.acts})` },
    el("span", { class: "name" }, shortName(row)),
    select,
  );
  control.show = (value) => {
    control.dataset.echo = value;
    select.value = value;
  };
  if (row.choices.some((value) => SLOT.test(value))) {
    const model = () => (row.group === "groove" ? store.part(part)?.groove : store.part(part)?.model);
    const name = () => {
      for (const option of select.options) {
        const kept = SLOT.test(option.value) && store.slot(model(), Number(option.value.slice(5)));
        setText(option, kept?.name ? `${option.value}: ${kept.name}` : words(option.value));
      }
    };
    store.on("slot", name);
    store.on("hello", name);
    name();
  }
  return control;
}

function toggle(store, line, part, row) {
  const button = el(
    "button",
    { class: "button", type: "button", "aria-label": accessibleName(part, row), title: `${row.help} (${row.acts})` },
    shortName(row),
  );
  button.addEventListener("click", () => line.set(part, row.name, !store.value(part, row.name)));
  button.show = (value) => {
    button.dataset.echo = value;
    setPressed(button, value);
  };
  return button;
}

function trigger(store, line, part, row) {
  const button = el(
    "button",
    { class: "button", type: "button", "aria-label": accessibleName(part, row), title: `${row.help} (${row.acts})` },
    shortName(row),
  );
  button.addEventListener("click", () => line.set(part, row.name, true));
  button.show = () => {};
  return button;
}
