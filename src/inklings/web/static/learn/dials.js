// The dials of a training: each with its value, and with what it does in a line.

import { button, element } from "../parts/element.js";
import { CHANGES, DIALS } from "./settings.js";

const HELP = "Change one thing at a time, and see what it does.";

/**
 * @param {{most: number, changed: (name: string, value: unknown) => void}} options - `most` is how many training images there are
 * @returns {{element: HTMLElement, show: (settings: object) => void}}
 */
export function dials({ most, changed }) {
  const made = Object.entries(DIALS).map(([name, dial]) => oneDial(name, { ...dial, values: valuesOf(name, dial, most) }, changed));
  const augment = choice(changed);
  const help = element("p", { class: "caption help" }, HELP);
  const box = element("div", { class: "dials" }, element("h2", { class: "setting-title" }, "How it learns"), ...made.map((dial) => dial.element), augment.element, help);
  // One line for all dials says what the one at hand does: seven of them would hide what they are about.
  for (const event of ["pointerover", "focusin"]) {
    box.addEventListener(event, ({ target }) => { help.textContent = target.closest("[data-about]")?.dataset.about ?? HELP; });
  }
  return {
    element: box,
    show(settings) {
      made.forEach((dial) => dial.show(settings[dial.name]));
      augment.show(settings.augment);
    },
  };
}

function valuesOf(name, dial, most) {
  return name === "images" ? [...dial.values.filter((value) => value < most), most] : dial.values;
}

function oneDial(name, { title, values, write, about }, changed) {
  const input = element("input", { id: `dial-${name}`, type: "range", min: 0, max: values.length - 1, step: 1, "aria-describedby": `about-${name}` });
  const output = element("output");
  const tell = (value) => {
    output.textContent = write(value);
    input.setAttribute("aria-valuetext", write(value));
  };
  input.addEventListener("input", () => tell(values[input.value]));
  input.addEventListener("change", () => changed(name, values[input.value]));
  // By its id: a label means the first of its parts that can have one, which would be the output.
  const label = element("label", { class: "dial", for: `dial-${name}` }, element("span", {}, title), output, input);
  // There are no more images than there are.
  const reach = name === "images" ? values.at(-1) : Infinity;
  return {
    name,
    element: element("div", { "data-control": name, "data-about": about }, label, element("span", { class: "unseen", id: `about-${name}` }, about)),
    show(value) {
      const place = values.reduce((best, each, row) => (Math.abs(each - value) < Math.abs(values[best] - value) ? row : best), 0);
      input.value = place;
      tell(Math.min(value, reach)); // an address may ask for one between two places, or beyond them
    },
  };
}

function choice(changed) {
  const buttons = Object.entries(CHANGES).map(([name, words]) => [name, button(words, () => changed("augment", name), { class: "button small" })]);
  const box = element("div", { "data-control": "augment", role: "group", "aria-labelledby": "augment-title", "data-about": "Training images are shifted and turned, never twice the same." },
    element("p", { id: "augment-title" }, "Images changed at random"),
    element("div", { class: "choices" }, ...buttons.map(([, made]) => made)));
  return {
    element: box,
    show(value) { buttons.forEach(([name, made]) => made.setAttribute("aria-pressed", String(name === value))); },
  };
}
