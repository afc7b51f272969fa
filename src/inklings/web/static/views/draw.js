// Draw: a pad, what the networks make of it while the stroke is drawn, and how the drawing becomes what they receive.

import { normalise } from "../drawing/normalise.js";
import { Pad } from "../drawing/pad.js";
import { bars, greatest } from "../parts/bars.js";
import { button, element } from "../parts/element.js";
import { image } from "../parts/image.js";
import { aOrAn, capital, isolated, thingToDraw } from "../parts/naming.js";
import { percent } from "../parts/words.js";

const DOT = "That is only a dot so far. Draw a little more.";

const QUIET = 500; // milliseconds without a move, after which a screen reader and the server are told

/** What each stage is called, in the order in which they come. */
const STAGES = { "cut out": "Cut out", strokes: "Redrawn", box: "Fitted", centred: "Centred", input: "What it receives" };

export function mount(root, context) {
  const view = new Draw(context);
  root.append(view.element);
  return { unmount: () => view.unmount(), commands: { clear: () => view.pad.clear() } };
}

class Draw {
  constructor(context) {
    Object.assign(this, { context, pending: 0, timer: 0, reading: new Map(), cards: [], stages: [] });
    context.drawing ??= [];
    this.pad = new Pad({ changed: (state) => this.changed(state), failed: (message) => this.say(message, true), history: context.drawing });
    this.words = element("p", { class: "draw-words", role: "status" });
    this.spoken = element("p", { class: "unseen", "aria-live": "polite" });
    this.answers = element("div", { class: "answers" });
    this.strip = element("ol", { class: "stages", "aria-label": "What the network receives, stage by stage" });
    this.keeping = context.source?.keepDrawing ? this.keeper() : null;
    this.heading = element("h1");
    this.lead = element("p", { class: "lead" });
    this.freedom = element("span");
    this.element = element("div", { class: "room draw" },
      element("header", { class: "stack" }, this.heading, this.lead),
      element("section", { class: "draw-pad stack", "aria-label": "Pad" }, this.pad.element, this.pad.controls, this.words),
      element("section", { class: "draw-answers stack", "aria-label": "Answers" }, this.answers, this.spoken),
      this.keeping?.element,
      element("section", { class: "draw-stages stack", "data-control": "stages" },
        element("div", { class: "row apart" }, element("h2", {}, "On its way to the network"),
          context.address && element("a", { class: "button", href: context.address.link("inside") }, "See what happens inside →")), this.strip,
        element("p", { class: "caption" }, "A network never sees your drawing itself. It sees the last picture here: a small table of numbers, made in the same way as those it learnt from.", this.freedom)));
    this.stopListening = context.onModels?.(() => this.showModels());
    this.showModels();
  }

  get models() { return this.context.models; }
  get classNames() { return this.models[0]?.classNames ?? this.context.data?.classNames ?? []; }

  /** One card for each network. */
  showModels() {
    const thing = thingToDraw(this.classNames), several = this.models.length > 1;
    this.heading.textContent = `Draw ${thing}`;
    this.lead.textContent = `${several ? `${this.models.length} networks read` : "A network reads"} it while you draw.`;
    // Only a drawing that is cut out and centred may be anywhere on the pad.
    const areFramed = this.models.every(({ preparation }) => preparation.kind === "character");
    this.freedom.textContent = areFramed ? " That is why it does not matter where on the pad you draw, or how large." : " It sees the whole pad, so draw as large as in the images it learnt from, and in the same place.";
    this.cards = this.models.map((network) => new Card(network, several));
    this.answers.replaceChildren(...this.cards.map((card) => card.element));
    this.answers.classList.toggle("several", several);
    this.keeping?.offer(this.classNames);
    this.schedule();
  }

  changed({ isStroke }) {
    this.isStroke = isStroke;
    this.schedule();
  }

  // Once a frame, however many points a pen reports in it.
  schedule() {
    this.pending ||= requestAnimationFrame(() => {
      this.pending = 0;
      this.read();
    });
  }

  read() {
    clearTimeout(this.timer);
    this.asked = null; // an answer about an earlier drawing says nothing of this one
    this.reading.clear();
    try {
      const read = this.pad.read();
      // Every stroke begins as a dot: said is so only once the pen has left the paper.
      if (!read) return this.rest(this.pad.isDot && !this.isStroke ? DOT : "");
      for (const card of this.cards) card.show(this.receive(card.network, read));
    } catch (error) {
      if (error.name !== "DrawingError") throw error;
      this.rest(error.message);
      return undefined;
    }
    const [first] = this.reading.values();
    this.showStages(first.stages);
    this.say(first.others ? `There ${first.others === 1 ? "is something else" : `are ${first.others} other things`} in the picture. Only what has the most ink is read.` : "");
    this.keeping?.enable(true);
    this.timer = setTimeout(() => this.afterwards(), QUIET);
    return undefined;
  }

  /** What a network receives; networks that are fed alike share it. */
  receive(network, { picture, clean }) {
    const key = JSON.stringify(network.preparation);
    if (!this.reading.has(key)) this.reading.set(key, normalise(picture, network.preparation, { clean }));
    return this.reading.get(key);
  }

  rest(message = "") {
    for (const card of this.cards) card.rest();
    this.showStages([]);
    this.say(message, message !== "");
    this.spoken.textContent = "";
    this.keeping?.enable(false);
  }

  say(message, isTrouble = false) {
    if (this.words.textContent !== message) this.words.textContent = message;
    this.words.classList.toggle("error", isTrouble);
  }

  showStages(stages) {
    const names = stages.map((stage) => stage.name).join();
    if (names !== this.shownStages) {
      this.shownStages = names;
      this.stages = stages.map(({ name, explanation }) => {
        const picture = image(`${STAGES[name]}: ${explanation}`, { side: null });
        return { ...picture, line: element("li", { "data-stage": name }, picture.element, element("strong", {}, STAGES[name]), element("span", { class: "label" }, explanation)) };
      });
      const empty = element("li", { class: "label nothing" }, "Draw something, and see here what becomes of it.");
      this.strip.replaceChildren(...(stages.length ? this.stages.map(({ line }) => line) : [empty]));
    }
    stages.forEach(({ values, shape }, place) => this.stages[place].draw(values, shape, { range: [0, 1] }));
  }

  /** What can wait until the pen rests. */
  async afterwards() {
    if (this.isStroke) return;
    this.spoken.textContent = this.cards.map((card) => card.sentence).join(" ");
    const { source } = this.context;
    if (!source?.novelty) return;
    const asked = (this.asked = {});
    for (const card of this.cards) {
      const found = await source.novelty(card.network.id, card.image).catch(() => null);
      if (asked !== this.asked || this.isStroke) return;
      card.showNovelty(found);
    }
  }

  keeper() {
    const row = element("div", { class: "choices", role: "group", "aria-label": "What you drew" });
    const told = element("p", { class: "caption", role: "status" });
    const box = element("div", { class: "keep stack", "data-control": "keep", hidden: true }, element("h2", { class: "keep-title" }, "What was it?"), row, told);
    const keep = async (name) => {
      try {
        const { count } = await this.context.source.keepDrawing(name, await this.pad.png());
        told.textContent = `Kept as ${aOrAn(name)}. ${count === 1 ? "That is the first drawing" : `There are ${count} drawings`} in your folder, on this computer; a network can learn from them.`;
        this.pad.clear();
      } catch (error) {
        told.textContent = `It was not kept: ${error.message}`;
      }
    };
    return {
      element: box,
      // A network that still learns comes again and again with the same classes: the focus stays where it is.
      offer: (names) => row.childElementCount === names.length || row.replaceChildren(...names.map((name) => button(name, () => keep(name), { "aria-label": `It was ${aOrAn(name)}: keep it` }))),
      enable: (isThere) => {
        // Once shown it stays, so that nothing jumps under the hand.
        if (isThere) box.hidden = false;
        for (const each of row.children) each.disabled = !isThere;
        if (isThere) told.textContent = "Choose, and the drawing is kept under that name in a folder on this computer.";
      },
    };
  }

  unmount() {
    cancelAnimationFrame(this.pending);
    clearTimeout(this.timer);
    this.asked = null;
    this.stopListening?.();
    this.pad.unmount();
  }
}

/** One network's answer. */
class Card {
  constructor(network, isOneOfSeveral) {
    this.network = network;
    this.answer = element("span", { class: "answer", "aria-hidden": "true" });
    this.sure = element("span", { class: "sure" });
    this.novel = element("span", { class: "chip strange", hidden: true }, "not like what it learnt");
    this.bars = bars(network.classNames, { label: `How sure ${network.title} is of each class` });
    const accuracy = network.learning ? "still learning: it gets better while you draw" : network.accuracy ? `reads ${percent(network.accuracy, 0)} of new images correctly` : "";
    this.element = element("article", { class: "card network" },
      element("header", {}, this.answer, element("div", {}, element("h2", {}, isOneOfSeveral ? network.title : `What ${network.title} says`), this.sure, element("p", { class: "label" }, accuracy), this.novel)),
      this.bars.element);
    this.rest();
  }

  show({ image: input }) {
    this.image = input;
    const probabilities = this.network.classify(input), best = greatest(probabilities);
    this.bars.update(probabilities);
    const name = this.network.classNames[best], text = `${percent(probabilities[best], 0)} sure`;
    if (this.answer.textContent !== name) {
      this.answer.textContent = name;
      this.answer.classList.toggle("long", name.length > 2);
    }
    if (this.sure.textContent !== text) this.sure.textContent = text;
    this.novel.hidden = true;
    this.sentence = `${capital(this.network.title)} says ${isolated(name)}, ${text}.`;
  }

  showNovelty(found) {
    this.novel.hidden = !found?.novel;
    if (found?.novel) this.sentence += " It is not like what it learnt.";
  }

  rest() {
    this.bars.update(null);
    this.answer.textContent = "?";
    this.sure.textContent = "waiting for a drawing";
    this.sentence = "";
    this.novel.hidden = true;
  }
}
