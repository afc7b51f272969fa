// The network, layer by layer: added, removed and changed, with shapes and parameter counts as they are.

import { button, element } from "../parts/element.js";
import { count } from "../parts/words.js";
import { addLayer, KINDS, measure, MOST_LAYERS, parseLayers, writeLayers } from "./layers.js";

const WORDS = { filters: "filters", window: "window", units: "units" };

/**
 * @param {{imageShape: number[], classes: number, changed: (layers: string) => void}} options
 * @returns {{element: HTMLElement, show: (layers: string) => void}}
 */
export const builder = (options) => new Builder(options);

class Builder {
  constructor({ imageShape, classes, changed }) {
    Object.assign(this, { imageShape, classes, changed, layers: [] });
    this.list = element("ol", { class: "layers" });
    this.total = element("p", { class: "caption total", "aria-live": "polite" });
    this.adders = Object.entries(KINDS).map(([kind, { title }]) => button(`+ ${title.toLowerCase()}`, () => this.#change(addLayer(this.layers, kind)), { class: "button small" }));
    this.element = element("div", { class: "builder", "data-control": "layers" },
      element("h2", { class: "setting-title" }, "The network"), this.list, element("div", { class: "row adders" }, ...this.adders), this.total);
  }

  show(text) {
    this.layers = parseLayers(text);
    const { layers, imageShape, classes, total } = this, found = measure(layers, imageShape, classes);
    this.list.replaceChildren(
      row("Picture", imageShape, 0),
      ...layers.map((layer, place) => this.#layerRow(layer, place, found.rows[place])),
      row("Answer", [classes], found.rows.at(-1).parameters));
    this.adders.forEach((adder) => { adder.disabled = layers.length >= MOST_LAYERS; });
    total.textContent = found.problem ?? `${count(found.parameters, "weight")} to learn, ${count(found.products, "multiplication")} an image.`;
    total.classList.toggle("error", Boolean(found.problem));
  }

  #change(next) {
    this.show(writeLayers(next));
    this.changed(writeLayers(next));
  }

  #layerRow(layer, place, { shape, parameters }) {
    const { title, settings } = KINDS[layer.kind];
    const choices = Object.entries(settings).map(([name, values]) => this.#setting(layer, place, name, values));
    const remove = button("×", () => this.#remove(place), { class: "button quiet small", "aria-label": `Remove ${title.toLowerCase()}, layer ${place + 1}` });
    return row(title, shape, parameters, choices, remove);
  }

  // The button that was pressed goes with its layer: the focus stays in the list.
  #remove(place) {
    this.#change(this.layers.filter((_, other) => other !== place));
    (this.list.querySelector("select, button") ?? this.adders[0]).focus();
  }

  #setting(layer, place, name, values) {
    const offered = [...new Set([...values, layer[name]])].sort((one, other) => one - other);
    const options = offered.map((value) => element("option", { value, selected: value === layer[name] }, name === "window" ? `${value} × ${value}` : String(value)));
    const label = `${KINDS[layer.kind].title}, layer ${place + 1}: ${WORDS[name]}`;
    const select = element("select", { "aria-label": label, onchange: () => {
      this.#change(this.layers.map((each, other) => (other === place ? { ...each, [name]: Number(select.value) } : each)));
      this.list.querySelector(`[aria-label="${label}"]`)?.focus(); // the list has been made anew
    } }, ...options);
    return element("label", { class: "layer-setting" }, select, name === "units" ? element("span", { "aria-hidden": "true" }, WORDS[name]) : null);
  }
}

function row(title, shape, parameters, choices = [], remove = null) {
  return element("li", {},
    element("span", { class: "layer-what" }, element("span", { class: "layer-name" }, title), element("span", { class: "layer-settings" }, ...choices)),
    element("span", { class: "layer-cost label number" }, shape.join(" × "), element("br"), parameters ? count(parameters, "weight") : ""),
    element("span", { class: "layer-remove" }, remove));
}
