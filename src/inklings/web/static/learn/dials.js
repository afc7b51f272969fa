// The dials of a training: each with its value, and with what it does in a line.

import { button, element } from "../parts/element.js";
import { CHANGES, DIALS } from "./settings.js";

/**
 * @param {{most: number, changed: (name: string, value: unknown) => void}} options - `most` is how many training images there are
 * @returns {{element: HTMLElement, show: (settings: object) => void}}
 */
export function dials({ most, changed }) {
  const made = Object.entries(DIALS).map(([name, dial]) => oneDial(name, { ...dial, values: valuesOf(name, dial, most) }, changed));
  const augment = choice(changed);
  const box = element("div", { class: "dials" }, element("h2", { class: "setting-title" }, "How it learns"), ...made.map((dial) => dial.element), augment.element);
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
  const input = element("input", { type: "range", min: 0, max: values.length - 1, step: 1, "aria-describedby": `about-${name}` });
  const output = element("output");
  const tell = (place) => {
    output.textContent = write(values[place]);
    input.setAttribute("aria-valuetext", write(values[place]));
  };
  input.addEventListener("input", () => tell(input.value));
  input.addEventListener("change", () => changed(name, values[input.value]));
  const label = element("label", { class: "dial" }, element("span", {}, title), output, input);
  return {
    name,
    element: element("div", { "data-control": name }, label, element("p", { class: "label", id: `about-${name}` }, about)),
    show(value) {
      const place = values.reduce((best, each, row) => (Math.abs(each - value) < Math.abs(values[best] - value) ? row : best), 0);
      input.value = place;
      tell(place);
    },
  };
}

function choice(changed) {
  const buttons = Object.entries(CHANGES).map(([name, words]) => [name, button(words, () => changed("augment", name), { class: "button small" })]);
  const box = element("div", { "data-control": "augment", role: "group", "aria-labelledby": "augment-title" },
    element("p", { id: "augment-title" }, "Images changed at random"),
    element("div", { class: "choices" }, ...buttons.map(([, made]) => made)),
    element("p", { class: "label" }, "Shifted and turned, never twice the same."));
  return {
    element: box,
    show(value) { buttons.forEach(([name, made]) => made.setAttribute("aria-pressed", String(name === value))); },
  };
}
