// Learn: build a network, press start, and watch it learn.

import { element } from "../parts/element.js";
import { tiles } from "../parts/tiles.js";
import { percent } from "../parts/words.js";
import { builder } from "../learn/builder.js";
import { diagnosisList } from "../learn/diagnosis.js";
import { dials } from "../learn/dials.js";
import { filterStrip } from "../learn/filters.js";
import { learningCurves } from "../learn/learning_curves.js";
import { describe, differences, readSettings, toRequest } from "../learn/settings.js";
import { Training } from "../learn/training.js";
import { transport } from "../learn/transport.js";

const WATCHED = 200;
const BETWEEN_FILTERS = 250; // milliseconds
const BETWEEN_WORDS = 10_000; // milliseconds, between what a screen reader says while a training goes on

/** Mount the view; resolves once the images it watches are there. */
export async function mount(root, context) {
  const { images, labels } = await context.data.images("test", 0, WATCHED);
  const view = new Learn(context, images, labels);
  root.append(view.element);
  await view.arrive();
  return {
    unmount: () => view.leave(),
    changed: () => view.arrive(),
    commands: {
      start: () => view.start(),
      beside: () => view.putBeside(),
      set: (settings) => view.set(settings),
      training: () => view.training,
    },
  };
}

class Learn {
  constructor(context, images, labels) {
    const { data, source, address } = context;
    Object.assign(this, { source, address, context, training: null, beside: null, heard: null, isLeft: false });
    this.settings = this.#readSettings();
    const known = { imageShape: data.imageShape, classes: data.classNames.length };
    this.builder = builder({ ...known, changed: (layers) => this.set({ layers }) });
    this.dials = dials({ most: data.parts.train, changed: (name, value) => this.set({ [name]: value }) });
    this.tiles = tiles({ images, labels, shape: data.imageShape, classNames: data.classNames,
      chosen: (place) => address.go("inside", { part: "test", image: place }) });
    this.curves = learningCurves();
    this.filters = filterStrip();
    this.transport = transport({
      start: () => this.start(), command: (name, query) => this.command(name, query), beside: () => this.putBeside(),
    });
    this.verdict = element("p", { class: "verdict lead" });
    this.spoken = element("p", { class: "unseen", role: "status" });
    this.trouble = element("p", { class: "error", role: "alert", hidden: true });
    this.diagnosis = diagnosisList();
    this.element = this.#arrange();
  }

  #arrange() {
    const folded = element("details", { class: "settings card" }, element("summary", {}, "Change the network and how it learns"),
      element("div", { class: "settings-inside" }, this.builder.element, this.dials.element));
    // On a wide window the settings stand beside what they change; on a narrow one they are folded away.
    const wide = matchMedia("(min-width: 62rem)");
    folded.open = wide.matches;
    const unfold = () => { folded.open = wide.matches; };
    wide.addEventListener("change", unfold);
    this.forget = () => wide.removeEventListener("change", unfold);
    return element("div", { class: "room learn" },
      element("header", { class: "learn-head" },
        element("h1", {}, "Watch a network learn"),
        element("p", { class: "lead" }, "Press Start. The network has never seen these pictures; each turns blue once it is read correctly.")),
      element("div", { class: "stage" },
        element("div", { class: "stage-top" }, this.transport.element,
          element("div", { class: "row apart verdict-row" }, this.verdict, this.spoken, this.transport.more), this.trouble),
        element("section", { class: "watched", "aria-label": "Test images" }, this.tiles.element),
        element("section", { class: "course", "aria-label": "Curves" }, this.curves.element),
        element("section", { class: "seen", "aria-label": "What the first layer looks for" }, this.filters.element),
        element("section", { class: "found", "aria-label": "Diagnosis", "aria-live": "polite" }, element("h2", { class: "setting-title" }, "What happens"), this.diagnosis.element)),
      folded);
  }

  /** Show what the address says: settings, a training, and another beside it. */
  async arrive() {
    const number = this.arrivals = (this.arrivals ?? 0) + 1;
    this.settings = this.#readSettings();
    this.#showSettings();
    const [id, other] = [this.address.get("training"), this.address.get("beside")];
    for (const [name, wanted] of [["training", id], ["beside", other === id ? null : other]]) {
      if ((this[name]?.id ?? null) === wanted) continue;
      const joined = wanted && await this.#join(wanted);
      // Someone has gone back or on meanwhile: what the address says now is shown by whoever came later.
      if (number !== this.arrivals || this.isLeft) return void joined?.leave();
      this[name]?.leave();
      this[name] = joined;
    }
    return this.show();
  }

  async #join(id) {
    const training = new Training(this.source, id, () => this.show());
    try {
      await training.attach();
    } catch (problem) {
      this.#complain(problem.status === 404 ? "That training is no longer here. Start it again: its settings stand in the address." : problem.message);
      return null;
    }
    return training;
  }

  // An address may ask for more images than there are, and a title would say so.
  #readSettings() {
    const settings = readSettings(this.address.query);
    return { ...settings, images: Math.min(settings.images, this.context.data.parts.train) };
  }

  set(changes) {
    Object.assign(this.settings, changes);
    this.address.set(this.settings);
    this.#showSettings();
    this.show();
  }

  #showSettings() {
    this.builder.show(this.settings.layers);
    this.dials.show(this.settings);
  }

  async start() {
    await this.#attempt(async () => {
      if (this.training?.running) await this.source.command(this.training.id, "stop");
      const { id } = await this.source.start(toRequest(this.settings, describe(this.settings)));
      if (this.isLeft) return; // the address is another room's by now
      this.address.set({ ...this.settings, training: id }, { push: true });
      await this.arrive();
    });
  }

  async command(name, query) {
    await this.#attempt(() => this.training.command(name, query));
  }

  /** Keep this training in view, so that the next one is drawn beside it. */
  putBeside() {
    this.address.set({ ...this.settings, beside: this.training?.id, training: null }, { push: true });
    return this.arrive();
  }

  async #attempt(action) {
    this.#complain(null);
    this.transport.busy(true);
    try {
      await action();
    } catch (problem) {
      this.#complain(problem.message);
    } finally {
      this.transport.busy(false);
      this.show();
    }
  }

  #complain(words) {
    this.trouble.hidden = !words;
    this.trouble.textContent = words ?? "";
  }

  // At most once a frame: a training beside another sends as many events again.
  show() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.#show();
    });
  }

  #show() {
    const { training, beside } = this;
    const trouble = training?.trouble ?? null;
    if (trouble !== this.heard) this.#complain(trouble);
    this.heard = trouble;
    const changed = training ? differences(training.settings, this.settings) : [];
    this.transport.show(training, changed.length > 0);
    this.tiles.update(training?.answers ?? null);
    this.curves.show(training, beside, this.settings.epochs);
    // Thirty pictures ten times a second would be most of the work, and nobody sees them change so fast.
    if (!training?.running || performance.now() - (this.painted ?? 0) > BETWEEN_FILTERS) {
      this.painted = performance.now();
      this.filters.show(training?.filters ?? null);
    }
    const words = verdictOf(training, beside, beside ? differences(beside.settings, training?.settings ?? this.settings) : []);
    this.verdict.textContent = changed.length ? `${words} You have changed ${changed.map(({ name }) => name).join(" and ")}: a new start uses that.` : words;
    this.#speak(this.verdict.textContent);
    this.diagnosis.show(training?.diagnosis ?? []);
  }

  // The words change with every epoch, ten times a second perhaps: a screen reader would never come to an end of them.
  #speak(words) {
    const isLate = performance.now() - (this.saidAt ?? -BETWEEN_WORDS) >= BETWEEN_WORDS;
    if (this.spoken.textContent === words || (this.training?.running && !isLate)) return;
    this.saidAt = performance.now();
    this.spoken.textContent = words;
  }

  leave() {
    this.isLeft = true;
    this.training?.leave();
    this.beside?.leave();
    this.curves.stop();
    this.tiles.stop();
    this.forget();
    cancelAnimationFrame(this.frame);
  }
}

function verdictOf(training, beside, changed) {
  if (!training) {
    if (!beside) return "Nothing needs to be set first.";
    return changed.length ? `Ready to start beside it, with ${changed.map(({ words }) => words).join("; ")}.` : "Now change one thing, and start the second one beside the first.";
  }
  if (training.state === "failed") return training.message || "The training failed.";
  if (training.state === "queued") return `It waits for its turn${training.position > 1 ? ` (number ${training.position} in the queue)` : ""}.`;
  const { last } = training;
  if (!last) return "It starts with random weights, so it can only guess.";
  const after = last.epoch === 1 ? "1 epoch" : `${last.epoch} epochs`;
  const end = { finished: " It has finished.", paused: " It is paused.", stopped: " It was stopped." }[training.state] ?? "";
  const change = beside && changed.length ? ` What was changed: ${changed.map(({ words }) => words).join("; ")}.` : "";
  return `After ${after} it reads ${percent(last.validation_accuracy)} of new images correctly.${end}${change}`;
}
