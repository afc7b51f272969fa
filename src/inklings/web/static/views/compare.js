// Compare: the stored runs as a table that sorts, with the curves of those that are ticked.

import { element } from "../parts/element.js";
import { curves } from "../parts/curves.js";
import { table } from "../parts/table.js";
import { count, percent, whole } from "../parts/words.js";

const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"];
const AXIS = { title: "Epochs", at: (value) => `After ${whole(value)} epochs`, whole: true };
const MEASURE = { title: "Images read correctly", write: (value) => percent(value), tick: (value) => percent(value, 0), high: 1 };
const AT_FIRST = 3;

export async function mount(root, context) {
  const view = new Compare(context, await context.source.runs());
  root.append(view.element);
  await view.arrive();
  return { unmount: () => view.plot.stop(), changed: () => view.arrive(), commands: {} };
}

class Compare {
  constructor({ source, address }, runs) {
    Object.assign(this, { source, address, runs, histories: new Map(), names: toldApart(runs) });
    this.plot = curves({ label: "Accuracy of the chosen runs, epoch by epoch", tallest: 380 });
    this.legend = element("p", { class: "legend" });
    this.boxes = new Map(runs.map((run) => [run.id, element("input", { type: "checkbox", "aria-label": `Draw the curves of ${this.names.get(run.id)}`, onchange: () => this.#tick() })]));
    const parts = runs.length ? [
      element("section", { class: "stack" }, this.legend, this.plot.element),
      element("section", { class: "wide", tabindex: 0, "aria-label": "Stored runs" }, this.#table()),
    ] : [element("p", { class: "notice" }, "No run is stored yet: train a network in Learn, or by `inklings train`, and it appears here.")];
    this.element = element("div", { class: "room compare" },
      element("header", { class: "stack" }, element("h1", {}, "Which one is better?"),
        element("p", { class: "lead" }, "Every training is kept. Sort the table, tick the ones whose curves you want to see, or choose a name to open its report.")),
      ...parts);
  }

  #table() {
    return table({
      caption: `${count(this.runs.length, "stored run")}, the latest first`,
      headings: ["curves", "network", "test (95\u00a0% interval)", "validation", "parameters", "seconds", "best epoch", "data", "when"],
      rows: this.runs.map((run) => [
        { content: this.boxes.get(run.id), sort: 0 },
        { content: this.#named(run), sort: run.title },
        Number.isFinite(run.test) ? share(run.test, run.interval) : unfinished(run.state), share(run.validation),
        number(run.parameters), number(run.seconds, (value) => value.toFixed(1)), number(run.epochs), run.data ?? "-",
        { content: when(run.started), sort: run.started ?? "" },
      ]),
    });
  }

  // The name is the way to the report: a column for it would stand where a narrow window ends.
  #named({ id, title, report }) {
    if (report === false) return title;
    return element("a", { href: this.source.reportAddress(id), target: "_blank", rel: "noopener", "aria-label": `${this.names.get(id)}: open its report` }, title);
  }

  #tick() {
    const chosen = this.runs.filter(({ id }) => this.boxes.get(id).checked).map(({ id }) => id);
    this.address.set({ runs: chosen.join(",") || "none" });
    this.arrive();
  }

  /** Fetch a run's history, once; return why there is none, as of a damaged run, whose others can be compared. */
  async #load(id) {
    try {
      if (!this.histories.has(id)) this.histories.set(id, await this.source.run(id));
      return null;
    } catch (problem) {
      return `${this.names.get(id)} has no curves: ${problem.message}`;
    }
  }

  async arrive() {
    if (!this.runs.length) return;
    const wanted = this.address.get("runs")?.split(",") ?? this.runs.slice(0, AT_FIRST).map(({ id }) => id);
    const chosen = this.runs.filter(({ id }) => wanted.includes(id)).slice(0, COLOURS.length);
    for (const [id, box] of this.boxes) box.checked = chosen.some((run) => run.id === id);
    const number = this.arrivals = (this.arrivals ?? 0) + 1;
    const problems = (await Promise.all(chosen.map(({ id }) => this.#load(id)))).filter(Boolean);
    if (number !== this.arrivals) return; // another choice was made while histories came
    const lines = chosen.flatMap((run, place) => linesOf(this.names.get(run.id), this.histories.get(run.id) ?? [], COLOURS[place]));
    this.plot.draw(lines, AXIS, MEASURE);
    const words = chosen.length ? "Point at the curves to read them; drag over a stretch to look closer." : "Tick a run to see its curves.";
    this.plot.say(problems.join("; ") || words);
    this.legend.replaceChildren(element("span", {}, element("i", { class: "swatch" }), " training"), element("span", {}, element("i", { class: "swatch dashed" }), " validation"), ...chosen.map((run, place) => {
      const swatch = element("i", { class: "swatch" });
      swatch.style.color = COLOURS[place];
      return element("span", {}, swatch, ` ${this.names.get(run.id)}`);
    }));
  }
}

/** What each run is called where no table says more: its title; of several with one title, with the time; of those of one minute, with a number. */
function toldApart(runs) {
  const times = new Map(), taken = new Map(), tally = (map, key) => map.set(key, (map.get(key) ?? 0) + 1).get(key);
  for (const { title } of runs) tally(times, title);
  return new Map(runs.map((run) => {
    const name = times.get(run.title) > 1 ? `${run.title}, ${when(run.started)}` : run.title, number = tally(taken, name);
    return [run.id, number > 1 ? `${name} (${number})` : name];
  }));
}

function linesOf(title, history, colour) {
  const rows = history.filter((row) => row.epoch > 0), x = rows.map((row) => row.epoch);
  return ["training", "validation"].map((part) => ({
    title, part, colour, x, y: rows.map((row) => row[part === "training" ? "train_accuracy" : "validation_accuracy"]),
  }));
}

function share(value, interval) {
  if (!Number.isFinite(value)) return "-";
  return { content: interval ? `${percent(value)} (${interval.map((end) => (100 * end).toFixed(1)).join(" to ")})` : percent(value), sort: value };
}

// What has no accuracy says why: a training that goes on, or one that was cut short before anything was measured.
const unfinished = (state) => (state === "running" ? "not finished" : `${state ?? "not measured"}`);

const number = (value, write = whole) => (Number.isFinite(value) ? { content: write(value), sort: value } : "-");

function when(started) {
  if (!started) return "-";
  const then = new Date(started), isThisYear = then.getFullYear() === new Date().getFullYear();
  // The year says something of an older run alone.
  return then.toLocaleString("en-GB", { day: "numeric", month: "short", ...(isThisYear ? {} : { year: "numeric" }), hour: "2-digit", minute: "2-digit" });
}
