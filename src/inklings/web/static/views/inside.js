// Inside: an image flows through the layers of a network, and every number can be looked into.

import { normalise } from "../drawing/normalise.js";
import { Chooser } from "../inside/chooser.js";
import { Flow } from "../inside/flow.js";
import { Lens } from "../inside/lens.js";
import { Mattered } from "../inside/mattered.js";
import { asMaps } from "../inside/mosaic.js";
import { greatest } from "../parts/bars.js";
import { element } from "../parts/element.js";
import { aOrAn, capital, isolated } from "../parts/naming.js";
import { percent } from "../parts/words.js";

const OF_ANOTHER_SIZE = "This network takes images of another size. Draw one.";

export async function mount(root, context) {
  const view = new Inside(context);
  root.append(view.element);
  await view.begin();
  return { unmount: () => view.unmount(), changed: () => view.arrive(), commands: { lookInto: (kind) => view.lookInto(kind) } };
}

class Inside {
  constructor(context) {
    Object.assign(this, { context, address: context.address, image: null, label: null, chosen: 1, place: null, pending: 0 });
    this.heading = element("h1", {}, "Look inside");
    this.lead = element("p", { class: "lead", role: "status" });
    this.choice = element("select", { "aria-label": "Network", onchange: () => this.take(this.choice.value) });
    this.chooser = new Chooser(context, {
      drawn: () => this.draw(), chosen: (entry) => this.choose(entry), failed: (words) => { this.lead.textContent = words; },
    });
    this.flowBox = element("div", { class: "flow-box wide" });
    const way = element("h2", { class: "unseen" }, "The image's way through the layers");
    this.lens = new Lens({ pointed: (place) => this.point(this.chosen, place), channelChosen: (channel) => this.point(this.chosen, { channel }) });
    this.mattered = new Mattered(context.source);
    this.element = element("div", { class: "room inside" },
      element("header", { class: "row apart" }, element("div", { class: "stack" }, this.heading, this.lead), element("div", { "data-control": "model" }, this.choice)),
      this.chooser.element, way, this.flowBox, this.lens.element, this.mattered.element);
    this.resized = () => this.putLens();
    addEventListener("resize", this.resized);
    this.stopListening = context.onModels?.(() => this.modelsChanged());
  }

  async begin() {
    this.offerModels();
    this.take(this.address?.get("model"));
    await this.arrive();
    this.chooser.loadMarked().catch((problem) => { this.lead.textContent = problem.message; });
  }

  /** The address says which image: one of the data, else what was drawn, else the first of the data. */
  async arrive() {
    const wanted = this.address?.get("image");
    const model = this.address?.get("model");
    if (model && model !== String(this.network.id)) this.take(model);
    const { pad } = this.chooser, isDrawn = !pad.isEmpty && !pad.isDot;
    if ((wanted === null || wanted === undefined) && isDrawn) return this.draw();
    if (!this.context.data) return this.rest();
    return this.choose(await this.chooser.find(this.address?.get("part"), Number(wanted) || 0), { isNew: false });
  }

  offerModels() {
    this.choice.replaceChildren(...this.context.models.map((network) => element("option", { value: network.id }, network.title)));
    this.choice.hidden = this.context.models.length < 2;
  }

  modelsChanged() {
    // What is still being computed belongs to a network that is about to be freed.
    this.mattered.stop();
    this.offerModels();
    // The one that the address names may have come only now.
    this.take(this.address?.get("model") ?? this.network?.id);
  }

  take(id) {
    const { models } = this.context, before = this.network;
    this.network = models.find((network) => String(network.id) === String(id)) ?? models[0];
    this.choice.value = this.network.id;
    if (before && before.id !== this.network.id) this.address?.set({ model: this.network.id });
    if (before?.id !== this.network.id) [this.chosen, this.place, this.isPointed] = [1, null, false];
    this.flow = new Flow(this.network, (station, place) => this.point(station, place));
    this.flowBox.replaceChildren(this.flow.element);
    this.putLens();
    if (this.image && !this.drawn && !this.#fits(this.image)) {
      this.image = null;
      this.rest(OF_ANOTHER_SIZE);
    }
    if (this.image && this.drawn) this.#prepare(this.drawn);
    if (this.image) this.refresh();
  }

  /** Do what a drawing may not be fit for, such as nothing but paper; undefined, and said why, where it is not. */
  #attempt(work) {
    try {
      return work();
    } catch (error) {
      if (error.name !== "DrawingError") throw error;
      return this.rest(error.message);
    }
  }

  /** Make what is on the pad into the network's input. */
  #prepare({ picture, clean }) {
    this.image = this.#attempt(() => normalise(picture, this.network.preparation, { clean }).image) ?? null;
    return this.image !== null;
  }

  #fits(pixels) { return pixels.length === this.network.inputShape.reduce((product, side) => product * side, 1); }

  draw() {
    const read = this.#attempt(() => this.chooser.pad.read() ?? this.rest());
    if (!read || !this.#prepare(read)) return undefined;
    this.drawn = read;
    this.label = null;
    this.chooser.mark(null);
    if (this.address?.get("image")) this.address.set({ image: null, part: null });
    return this.refresh();
  }

  choose({ part, place, pixels, label }, { isNew = true } = {}) {
    if (!this.#fits(pixels)) return this.rest(OF_ANOTHER_SIZE);
    Object.assign(this, { image: pixels, label, drawn: null });
    this.chooser.mark({ part, place });
    if (isNew) this.address?.set({ image: place, part });
    return this.refresh();
  }

  rest(words = "Draw something, or choose an image.") {
    this.lead.textContent = words;
  }

  point(station, place) {
    const isSame = station === this.chosen, line = this.flow.lineOf(station), before = line.getBoundingClientRect().top;
    Object.assign(this, { chosen: station, isPointed: true });
    if (!isSame) {
      this.putLens();
      // What was pointed at stays under the finger, though the lens above it has gone.
      scrollBy(0, line.getBoundingClientRect().top - before);
    }
    this.place = { ...(isSame ? this.place : {}), ...place };
    // Another map or pixel may hang on another of the maps that come in.
    if (!("channel" in place)) this.place.channel = null;
    this.refresh({ isImageNew: false });
  }

  /** Look into the first layer of a kind, where its largest number stands. */
  lookInto(kind) {
    const station = this.flow.stations.findIndex((each) => each.kind === kind);
    if (station < 0) return;
    Object.assign(this, { chosen: station, isPointed: false });
    this.putLens();
    this.refresh({ isImageNew: false });
  }

  /** On a wide window the lens stands below the flow; on a narrow one right below the station it looks into. */
  putLens() {
    const isWide = matchMedia("(min-width: 64rem)").matches;
    if (isWide) this.flowBox.after(this.lens.element);
    else this.flow.lineOf(this.chosen).append(this.lens.element);
  }

  refresh({ isImageNew = true } = {}) {
    this.isImageNew ||= isImageNew;
    // Once a frame, however often a pointer reports in it.
    this.pending ||= requestAnimationFrame(() => {
      this.pending = 0;
      if (!this.image) return;
      if (this.isImageNew) this.compute();
      this.isImageNew = false;
      this.look();
    });
  }

  compute() {
    const { network } = this;
    this.activations = network.activations(this.image);
    const answers = network.classify(this.image), best = greatest(answers), name = isolated(network.classNames[best]);
    this.flow.show(this.activations, answers);
    const truth = this.label === null ? "" : best === this.label ? " It is right." : ` It is ${aOrAn(network.classNames[this.label])}.`;
    this.lead.textContent = `${capital(network.title)} says ${name}, ${percent(answers[best], 0)} sure.${truth}`;
    this.mattered.show(network, this.image, best);
  }

  look() {
    const station = this.flow.stations[this.chosen], output = this.activations[station.place], shape = asMaps(output.shape);
    this.place = within(this.isPointed ? this.place : brightest(output, shape), shape);
    this.flow.mark(this.chosen, this.place);
    this.lens.show(station, this.place, { parameters: this.network.parameters, input: this.activations[station.source], output, classNames: this.network.classNames });
  }

  unmount() {
    cancelAnimationFrame(this.pending);
    removeEventListener("resize", this.resized);
    this.mattered.stop();
    this.stopListening?.();
    this.chooser.unmount();
  }
}

/** Where a layer's largest number stands: there is something to see. */
function brightest({ values }, [, width, count]) {
  const best = greatest(values), pixel = Math.floor(best / count);
  return { map: best % count, row: Math.floor(pixel / width), column: pixel % width, channel: null };
}

/** A place within a layer of some shape; what is not given is in the middle. */
function within({ map = 0, row, column, channel = null }, [height, width, count]) {
  const limit = (value, length) => Math.min(Math.max(value ?? Math.floor(length / 2), 0), length - 1);
  return { map: limit(map, count), row: limit(row, height), column: limit(column, width), channel };
}
