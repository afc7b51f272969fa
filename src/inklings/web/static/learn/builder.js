// The network, layer by layer: added, removed and changed, with shapes and parameter counts as they are.

import { button, element } from "../parts/element.js";
import { count, whole } from "../parts/words.js";
import { addLayer, KINDS, measure, MOST_LAYERS, parseLayers, writeLayers } from "./layers.js";

const WORDS = { filters: "filters", window: "window", units: "units" };

/**
 * @param {{imageShape: number[], classes: number, changed: (layers: string) => void}} options
 * @returns {{element: HTMLElement, show: (layers: string) => void}}
 */
export function builder({ imageShape, classes, changed }) {
  const list = element("ol", { class: "layers" });
  const total = element("p", { class: "caption total", "aria-live": "polite" });
  const adders = Object.entries(KINDS).map(([kind, { title }]) => button(`+ ${title.toLowerCase()}`, () => change(addLayer(layers, kind)), { class: "button small" }));
  const box = element("div", { class: "builder", "data-control": "layers" },
    element("h2", { class: "setting-title" }, "The network"), list, element("div", { class: "row adders" }, ...adders), total);
  let layers = [];

  function show(text) {
    layers = parseLayers(text);
    const found = measure(layers, imageShape, classes);
    list.replaceChildren(
      row("Picture", imageShape, 0),
      ...layers.map((layer, place) => layerRow(layer, place, found.rows[place])),
      row("Answer", [classes], found.rows.at(-1).parameters));
    adders.forEach((adder) => { adder.disabled = layers.length >= MOST_LAYERS; });
    total.textContent = found.problem ?? `${count(found.parameters, "weight")} to learn, ${count(found.products, "multiplication")} an image.`;
    total.classList.toggle("error", Boolean(found.problem));
  }

  function change(next) {
    show(writeLayers(next));
    changed(writeLayers(next));
  }

  function layerRow(layer, place, { shape, parameters }) {
    const choices = Object.entries(KINDS[layer.kind].settings).map(([name, values]) => setting(layer, place, name, values));
    const title = KINDS[layer.kind].title;
    const remove = button("×", () => { change(layers.filter((_, other) => other !== place)); list.querySelector("select, button")?.focus(); },
      { class: "button quiet small", "aria-label": `Remove ${title.toLowerCase()}, layer ${place + 1}` });
    return row(title, shape, parameters, choices, remove);
  }

  function setting(layer, place, name, values) {
    const options = values.map((value) => element("option", { value, selected: value === layer[name] }, name === "window" ? `${value} × ${value}` : String(value)));
    const label = `${KINDS[layer.kind].title}, layer ${place + 1}: ${WORDS[name]}`;
    const select = element("select", { "aria-label": label, onchange: () => {
      change(layers.map((each, other) => (other === place ? { ...each, [name]: Number(select.value) } : each)));
      list.querySelector(`[aria-label="${label}"]`)?.focus(); // the list has been made anew
    } }, ...options);
    return element("label", { class: "layer-setting" }, select, name === "units" ? element("span", { "aria-hidden": "true" }, WORDS[name]) : null);
  }

  return { element: box, show };
}

function row(title, shape, parameters, choices = [], remove = null) {
  return element("li", {},
    element("span", { class: "layer-what" }, element("span", { class: "layer-name" }, title), element("span", { class: "layer-settings" }, ...choices)),
    element("span", { class: "layer-cost label number" }, shape.join(" × "), element("br"), parameters ? `${whole(parameters)} w` : ""),
    element("span", { class: "layer-remove" }, remove));
}
