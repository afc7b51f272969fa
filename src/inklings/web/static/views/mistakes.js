// Mistakes: which classes a network takes for which, and the very images.

import { element } from "../parts/element.js";
import { fillConfusion } from "../parts/confusion.js";
import { aOrAn, capital, isolated } from "../parts/naming.js";
import { pictureList } from "../parts/picture_list.js";
import { count, percent, whole } from "../parts/words.js";

const MOST_SHOWN = 48;
const CHUNK = 250;

export async function mount(root, context) {
  const models = await context.source.models();
  if (!models.length) throw new Error("There is no network yet whose mistakes could be shown.");
  const view = new Mistakes(context, models);
  await view.arrive(); // it may take a network a moment to read all test images
  root.append(view.element);
  return { unmount: () => {}, changed: () => view.arrive(), commands: {} };
}

// How well it reads what it has never seen, or that it is not known whether it has.
function inWords(title, { accuracy, interval, confusion, left_out: known, note }) {
  const total = confusion.flat().reduce((sum, number) => sum + number, 0);
  const wrong = whole(total - confusion.reduce((sum, line, label) => sum + line[label], 0));
  if (note) return `${capital(title)} reads ${percent(accuracy)} of these ${count(total, "image")} correctly and misreads ${wrong}. It may be less accurate on others: ${note}.`;
  const which = known ? `has learnt from ${whole(known)} of the ${whole(known + total)} test images, which are left out, and has never seen the other ${whole(total)}` : `has never seen these ${count(total, "image")}`;
  const range = interval ? ` Of many more images like these it would most likely read between ${interval.map((end) => (100 * end).toFixed(1)).join(" and ")}\u00a0% correctly (95\u00a0% interval).` : "";
  return `${capital(title)} ${which}. It reads ${percent(accuracy)} of them correctly and misreads ${wrong}.${range}`;
}

class Mistakes {
  constructor({ source, data, address }, models) {
    Object.assign(this, { source, data, address, models, model: null, found: null, chunks: new Map() });
    this.choice = element("select", { id: "model", onchange: () => address.set({ model: this.choice.value, label: null, answer: null }, { push: true }) || this.arrive() },
      ...models.map((model) => element("option", { value: model.id }, model.title)));
    this.lead = element("p", { class: "lead" });
    this.table = element("table");
    this.worst = element("ul", { class: "confusions" });
    this.cell = element("section", { class: "cell stack", "aria-label": "Images of the chosen number" });
    this.spoken = element("p", { class: "unseen", role: "status" }); // the heading alone, not dozens of images
    this.element = element("div", { class: "room mistakes" },
      element("header", { class: "stack" },
        element("div", { class: "row apart" }, element("h1", {}, "Where it goes wrong"),
          element("div", { class: "row", "data-control": "model" }, element("label", { for: "model" }, "Network"), this.choice)),
        this.lead),
      element("section", { class: "matrix stack" }, element("div", { class: "wide" }, this.table),
        element("p", { class: "caption" }, "Rows: what it is. Columns: what the network says. On the diagonal it is right; the more mistakes, the stronger the colour. Choose a number to see its images.")),
      element("section", { class: "often stack" }, element("h2", { class: "setting-title" }, "Most often confused"), this.worst),
      this.cell, this.spoken);
  }

  async arrive() {
    const wanted = this.address.get("model");
    const model = this.models.find(({ id }) => id === wanted) ?? this.models[0];
    this.choice.value = model.id;
    if (model.id !== this.model?.id) {
      const found = await this.source.mistakes(model.id).catch((problem) => {
        if (problem.status !== 422) throw problem;
        return problem.message;
      });
      if (this.choice.value !== model.id) return; // another network was chosen meanwhile
      if (typeof found === "string") return this.#rest(found);
      Object.assign(this, { found, model });
      this.#showMatrix();
    }
    await this.#showCell();
  }

  // It cannot be tried with these images; another network can be chosen.
  #rest(words) {
    this.model = null;
    this.lead.textContent = words;
    for (const part of [this.table, this.worst, this.cell]) part.replaceChildren();
  }

  #showMatrix() {
    const { confusion } = this.found, { classNames } = this.data;
    this.lead.textContent = inWords(this.model.title, this.found);
    this.matrix = fillConfusion(this.table, {
      classNames, counts: confusion, caption: "What it is, and what the network says",
      chosen: (label, answer) => this.#choose(label, answer),
    });
    const pairs = confusion.flatMap((line, label) => line.map((number, answer) => ({ number, label, answer })))
      .filter(({ number, label, answer }) => number && label !== answer).sort((one, other) => other.number - one.number);
    this.worst.replaceChildren(...pairs.slice(0, 6).map(({ number, label, answer }) => element("li", {},
      element("a", { href: this.#link(label, answer) }, `${isolated(classNames[label])} taken for ${isolated(classNames[answer])}`), `, ${count(number, "time")}`)));
    if (!pairs.length) this.worst.replaceChildren(element("li", {}, "None: it reads all of them correctly."));
    // What is worst stands there at once, so that nobody faces an empty page.
    this.first = pairs[0] ?? { label: 0, answer: 0 };
  }

  #link(label, answer) {
    return this.address.link("mistakes", { model: this.model.id, label, answer });
  }

  #choose(label, answer) {
    this.address.set({ model: this.model.id, label, answer }, { push: true });
    this.#showCell();
  }

  async #showCell() {
    const { classNames } = this.data, named = (place) => isolated(classNames[place]);
    const [label, answer] = ["label", "answer"].map((name) => {
      const value = Number(this.address.get(name) ?? NaN);
      return Number.isInteger(value) && value >= 0 && value < classNames.length ? value : this.first[name];
    });
    this.matrix.choose(label, answer);
    const number = this.found.confusion[label][answer];
    const words = label === answer ? `${named(label)}, read correctly` : `${named(label)}, taken for ${named(answer)}`;
    const places = this.found.answers.flatMap((given, place) => (given === answer && this.found.labels[place] === label ? [place] : []));
    // Mistakes that it is surest of first; of what is right, those it is least sure of.
    const sign = label === answer ? 1 : -1;
    places.sort((one, other) => sign * (this.found.probabilities[one] - this.found.probabilities[other]));
    const shown = places.slice(0, MOST_SHOWN), asked = (this.asked = {});
    const entries = await Promise.all(shown.map((place) => this.#entry(place, label, answer)));
    if (asked !== this.asked) return; // another cell was chosen meanwhile
    const title = `${words}: ${count(number, "image")}`;
    this.spoken.textContent = title;
    this.cell.replaceChildren(
      element("h2", {}, title),
      element("p", { class: "caption" }, `${shown.length < number ? `${shown.length} are shown. ` : ""}${label === answer ? "The least sure first" : "The surest first"}, with the probability it gave its answer. Choose one to look inside.`),
      pictureList(entries));
  }

  async #entry(place, label, answer) {
    const { images, size } = await this.#chunk(Math.floor(place / CHUNK));
    const start = (place % CHUNK) * size, { classNames, imageShape } = this.data;
    const sure = percent(this.found.probabilities[place], 0);
    return {
      place, shape: imageShape, pixels: images.subarray(start, start + size),
      label: `${aOrAn(classNames[label])}${label === answer ? "" : ` taken for ${isolated(classNames[answer])}`}, ${sure}`,
      lines: [`${isolated(classNames[answer])}, ${sure}`],
      href: this.address.link("inside", { model: this.model.id, part: "test", image: place }),
    };
  }

  // Test images come in pieces, and only those pieces that are looked at.
  #chunk(number) {
    if (!this.chunks.has(number)) {
      const size = this.data.imageShape.reduce((product, side) => product * side, 1);
      this.chunks.set(number, this.data.images("test", number * CHUNK, CHUNK).then(({ images }) => ({ images, size })));
    }
    return this.chunks.get(number);
  }
}
