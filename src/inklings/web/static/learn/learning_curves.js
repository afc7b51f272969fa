// The curves of a training, and of another beside it.

import { button, element } from "../parts/element.js";
import { curves } from "../parts/curves.js";
import { percent, short, whole } from "../parts/words.js";

const COLOURS = ["var(--second)", "var(--first)"];
const AXIS = { title: "Epochs", at: (value) => `After ${whole(value)} epochs`, whole: true };
const MEASURES = {
  accuracy: { title: "Read correctly", write: percent, tick: (value) => percent(value, 0), low: 0.5, high: 1, fields: ["train_accuracy", "validation_accuracy"] },
  loss: { title: "Loss: how wrong it is", write: short, low: 0, fields: ["train_loss", "validation_loss"] },
};

/** @returns {{element: HTMLElement, show: (training: object|null, beside: object|null, planned: number) => void, stop: () => void}}
 *   `planned` is how many epochs a training is to have that has not begun */
export function learningCurves() {
  const plot = curves({ label: "How well the network reads, epoch by epoch", tallest: 340 });
  let measure = "accuracy", shown = [null, null, 1];
  const buttons = Object.entries({ accuracy: "read correctly", loss: "loss" }).map(([name, words]) => [name, button(words, () => {
    measure = name;
    show(...shown);
  }, { class: "button small" })]);
  const legend = element("p", { class: "legend" });
  const box = element("div", { class: "stack" },
    element("div", { class: "row apart" }, legend, element("div", { class: "choices", role: "group", "aria-label": "Measure", "data-control": "measure" }, ...buttons.map(([, made]) => made))),
    plot.element);

  function show(training, beside, planned) {
    shown = [training, beside, planned];
    buttons.forEach(([name, made]) => made.setAttribute("aria-pressed", String(name === measure)));
    const both = [["this one", training], ["the one before", beside]].filter(([, each]) => each);
    const lines = both.flatMap(([title, each]) => linesOf(each, title, COLOURS[each === training ? 0 : 1], MEASURES[measure].fields));
    legend.replaceChildren(...legendOf(both.map(([title, each]) => [title, COLOURS[each === training ? 0 : 1]])));
    plot.draw(lines, { ...AXIS, end: Math.max(...both.map(([, each]) => each.epochs), training ? 1 : planned) }, MEASURES[measure]);
    plot.say(lines.length ? "Point at the curves to read them." : "The curves begin here.");
  }

  return { element: box, show, stop: () => plot.stop() };
}

function linesOf(training, title, colour, fields) {
  // Before the first epoch it guesses, which would only squeeze all that comes after.
  const rows = training.rows.filter((row) => row.epoch > 0), x = rows.map((row) => row.epoch);
  return ["training", "validation"].map((part, place) => ({ title, part, colour, x, y: rows.map((row) => row[fields[place]]) }));
}

function legendOf(named) {
  const several = named.length > 1;
  const parts = named.map(([title, colour]) => {
    const swatch = element("i", { class: "swatch" });
    swatch.style.color = colour;
    return several ? element("span", {}, swatch, ` ${title}`) : null;
  });
  return [...parts, element("span", {}, element("i", { class: "swatch" }), " images it learns from"), element("span", {}, element("i", { class: "swatch dashed" }), " new images")].filter(Boolean);
}
