// The curves of all trainings: chosen from, and with bands where there are several of one network.

import { element } from "../parts/element.js";
import { curves } from "../parts/curves.js";
import { percent, short, whole } from "../parts/words.js";

const AXES = {
  epochs: { title: "Epoch", at: (value) => `Epoch ${Math.round(value)}`, whole: true },
  steps: { title: "Steps", at: (value) => `Step ${whole(value)}`, whole: true },
  seconds: { title: "Seconds of training", at: (value) => `After ${short(value)} seconds`, whole: false },
  images: { title: "Training images seen", at: (value) => `After ${whole(value)} images`, whole: true },
};
const byId = (id) => document.getElementById(id);

// Of several repeats the extent is that of their means and, if they are shown, of the repeats themselves.
function linesOf(curve, axis, measure, withRuns, colour) {
  const found = [], bands = (curve.bands[axis] || {})[measure] || {};
  for (const part of ["training", "validation"]) {
    const band = bands[part];
    const runs = curve.runs.filter((run) => run[axis]).map((run) => ({ part, x: run[axis], y: run[measure][part] }));
    if (withRuns || !band) found.push(...runs.map((run) => ({ ...run, faint: Boolean(band) })));
    if (band) found.push({ part, x: band.x, y: band.mean, deviation: band.deviation });
  }
  return found.map((line) => ({ ...line, colour, title: curve.title }));
}

function measureOf(measure, logarithmic) {
  if (measure === "accuracy") return { title: "Images classified correctly", write: percent };
  return { title: `Cost (mean an image${logarithmic ? ", logarithmic" : ""})`, write: short, logarithmic, low: logarithmic ? undefined : 0 };
}

export function setUpCurves(data) {
  if (!data.curves.length) return;
  const shown = new Set(data.curves.map((_, number) => number));
  const colourOf = (number) => data.colours[number % data.colours.length];
  const plot = curves({ id: "plot", label: "Training and validation curves of the networks switched on", reading: byId("reading") });

  function draw() {
    const measure = byId("measure").value, logarithmic = byId("logarithmic").checked && measure === "cost";
    const runs = byId("runs"), axis = byId("axis").value;
    byId("logarithmic").disabled = measure !== "cost";
    plot.draw([...shown].flatMap((number) => linesOf(data.curves[number], axis, measure, !runs || runs.checked, colourOf(number))), AXES[axis], measureOf(measure, logarithmic));
  }

  data.curves.forEach((curve, number) => {
    const box = element("input", { type: "checkbox", checked: true, onchange: () => { box.checked ? shown.add(number) : shown.delete(number); draw(); } });
    const swatch = element("i", { class: "swatch" });
    swatch.style.color = colourOf(number);
    byId("legend").append(element("label", {}, box, swatch, curve.title));
  });
  // What is said of one training leads to its curves alone.
  for (const link of document.querySelectorAll("[data-curves]")) {
    link.addEventListener("click", () => {
      shown.clear();
      data.curves.forEach((curve, number) => {
        const wanted = curve.title === link.dataset.curves;
        byId("legend").querySelectorAll("input")[number].checked = wanted;
        if (wanted) shown.add(number);
      });
      draw();
    });
  }
  for (const control of ["measure", "axis", "logarithmic", "runs"]) byId(control)?.addEventListener("change", draw);
  for (const option of [...byId("axis").options]) { // stored runs of an earlier version did not count images
    if (!data.curves.some((curve) => curve.runs.some((run) => run[option.value]))) option.remove();
  }
  byId("drawn-curves").append(plot.element);
  byId("curves").hidden = false;
  byId("static-curves").hidden = true;
  draw();
}
