// The report of a study: the list of trials, and what one of them came to.

import { button, element } from "../parts/element.js";
import { svg } from "../parts/svg.js";
import { makeSortable } from "../parts/table.js";
import { percent } from "../parts/words.js";

const WIDTH = 480, HEIGHT = 200, LEFT = 50, BOTTOM = 24;
const trials = JSON.parse(document.getElementById("inspection").textContent);
const dialog = document.getElementById("trial");

const accuracyOf = ({ accuracy }) => (accuracy === null ? "–" : percent(accuracy));

/** Training and validation accuracy against epochs. */
function curves(trial) {
  const points = [...trial.train, ...trial.validation];
  const last = Math.max(1, ...points.map(([epoch]) => epoch)), low = Math.min(...points.map(([, value]) => value));
  const high = Math.max(low + 0.01, ...points.map(([, value]) => value));
  const x = (epoch) => LEFT + ((WIDTH - LEFT - 8) * epoch) / last;
  const y = (value) => HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - 8) * (value - low)) / (high - low);
  const line = (curve, kind) => svg("polyline", { class: kind, points: curve.map(([e, v]) => `${x(e)},${y(v)}`).join(" ") });
  const label = (text, left, top, anchor) => svg("text", { x: left, y: top, "text-anchor": anchor }, text);
  return svg("svg", { class: "trial-curves", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": "Accuracy after each epoch" },
    label(percent(high), LEFT - 4, y(high) + 8, "end"), label(percent(low), LEFT - 4, y(low), "end"),
    label("0", x(0), HEIGHT - 6, "middle"), label(`epoch ${last}`, x(last), HEIGHT - 6, "end"),
    line(trial.train, "training"), line(trial.validation, "validation"));
}

function open(trial) {
  const close = button("Close", () => dialog.close());
  const facts = element("dl", {});
  const add = (name, ...value) => facts.append(element("dt", {}, name), element("dd", {}, ...value));
  add("Settings", trial.settings);
  add("State", trial.reason ? `${trial.state}: ${trial.reason}` : trial.state);
  add("Validation accuracy", `${accuracyOf(trial)} after epoch ${trial.epoch}, ${trial.seconds} s`);
  if (trial.report) add("Run", element("a", { href: trial.report }, `Open the report of ${trial.run}`));
  // Any other has never seen a test image, without which there is no report of a run.
  else if (trial.run) add("Run", "In the study's folder: ", element("code", {}, `inklings runs --runs runs show ${trial.run}`));
  dialog.replaceChildren(
    element("h3", { id: "trial-title" }, `Trial ${trial.number}, of configuration ${trial.configuration}`),
    ...(trial.validation.length > 1 ? [curves(trial), element("p", { class: "aside" }, "Accuracy on the training images (dashed) and on the validation images.")] : []),
    facts, close);
  dialog.showModal();
}

function list() {
  const body = element("tbody", {});
  for (const trial of trials) {
    const opener = element("button", { type: "button", class: "opens" }, String(trial.number));
    opener.addEventListener("click", () => open(trial));
    body.append(element("tr", {}, element("td", {}, opener), ...[
      String(trial.configuration), accuracyOf(trial), `${trial.seconds}`, trial.state, trial.settings,
    ].map((text) => element("td", {}, text))));
  }
  const head = element("tr", {}, ...["trial", "configuration", "validation accuracy", "seconds", "state", "settings"].map((name) => element("th", { scope: "col" }, name)));
  const table = makeSortable(element("table", {}, element("thead", {}, head), body));
  document.getElementById("trial-list").replaceChildren(element("div", { class: "wide listed told" }, table));
}

list();
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
document.querySelectorAll("table[data-sorts]").forEach(makeSortable);
