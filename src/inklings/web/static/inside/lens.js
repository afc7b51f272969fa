// The lens: what one number of a layer is made of, moving with the pointer.

import { element } from "../parts/element.js";
import { ownRange } from "../parts/image.js";
import { percent } from "../parts/words.js";
import { convolutionAt, poolingAt, unitAt } from "./arithmetic.js";
import { asMaps, Mosaic } from "./mosaic.js";
import { numberGrid, short } from "./number_grid.js";

const sign = (symbol) => element("span", { class: "sign", "aria-hidden": "true" }, symbol);
const COLOURS = ["red", "green", "blue"];
const ACTIVATIONS = { relu: "below zero becomes zero", sigmoid: "squeezed between 0 and 1", tanh: "squeezed between −1 and 1", softmax: "its share of all classes", linear: "stays as it is" };

/** An image is shown as ink, though a little less than none may have come of resizing it. */
const rangeOf = (array) => (array.kind === "Input" ? [0, 1] : ownRange(array.values));

/** Values of one map of many. */
function mapOf({ values, shape }, map) {
  const [height, width, count] = asMaps(shape);
  return { values: Float32Array.from({ length: height * width }, (_, pixel) => values[pixel * count + map]), shape: [height, width, 1] };
}

export class Lens {
  /** @param {{pointed: (place: object) => void, channelChosen: (channel: number) => void}} told */
  constructor({ pointed, channelChosen }) {
    this.pointed = pointed;
    this.title = element("h2");
    this.words = element("p", { class: "caption", "aria-live": "polite" });
    this.body = element("div", { class: "lens-body" });
    this.element = element("section", { class: "lens card stack", "aria-label": "What one number is made of" }, this.title, this.words, this.body);
    this.target = new Mosaic({ label: "The map, enlarged", hover: true, pointed: ({ row, column }) => pointed({ row, column }) });
    this.source = new Mosaic({
      label: "What it looks at", hover: true, pointed: ({ row, column }) => this.pointAtSource?.(row, column),
      // By whole windows: those of a pooling are several pixels apart.
      stepped: (rows, columns) => pointed({ row: this.place.row + rows, column: this.place.column + columns }),
    });
    this.channels = new Mosaic({ label: "What each map that comes in adds", pointed: ({ map }) => channelChosen(map) });
    this.grids = { patch: numberGrid("the patch"), kernel: numberGrid("times the filter"), products: numberGrid("one by one") };
    this.plates = ["What comes in", "Its weights", "Multiplied"].map((label) => new Mosaic({ label, pointed: null }));
    this.sums = element("dl", { class: "sums" });
    this.shownKind = "";
  }

  /** A mosaic with words under it. */
  #figure(picture, words, extra = "") {
    return element("figure", { class: `plate-figure ${extra}` }, picture.element, element("figcaption", {}, words));
  }

  #arrange(kind, children) {
    if (this.shownKind === kind) return;
    this.shownKind = kind;
    this.body.replaceChildren(...children());
    this.body.dataset.shows = kind.split(" ")[0];
  }

  #add(lines) {
    this.sums.replaceChildren(...lines.flatMap(([name, value, kind]) => [
      element("dt", { class: kind }, name), element("dd", { class: `number ${kind ?? ""}`, "data-sum": kind ?? name }, typeof value === "number" ? short(value, 3) : value),
    ]));
  }

  /**
   * @param {{layer: object, kind: string, title: string, isAnswer: boolean}} station
   * @param {{map: number, row: number, column: number, channel: number|null}} place
   * @param {{parameters: Map, input: object, output: object, classNames: string[]}} trace - what the layer received and what it made of it
   */
  show(station, place, trace) {
    const shows = { conv2d: "#convolution", maxpool2d: "#pooling", dense: "#unit", input: "#pixel" }[station.kind] ?? "#passed";
    Object.assign(this, { place, pointAtSource: null });
    // One by one: a private method cannot be called by its name as a string.
    if (shows === "#convolution") this.#convolution(station, place, trace);
    else if (shows === "#pooling") this.#pooling(station, place, trace);
    else if (shows === "#unit") this.#unit(station, place, trace);
    else if (shows === "#pixel") this.#pixel(place, trace);
    else this.#passed(station, place, trace);
  }

  #convolution({ layer }, place, { parameters, input, output }) {
    const found = convolutionAt(layer, parameters, input, output, place, place.channel), [, , channels] = asMaps(input.shape), several = channels > 1;
    this.title.textContent = `Filter ${place.map + 1} of ${output.shape[2]}`;
    this.words.textContent = `Its window lies on a patch of ${several ? "the maps that come in" : "the image"}. Patch times filter, number by number, all added up: that is one pixel of its map. Move over the maps to see it change.`;
    this.#arrange(`convolution ${several}`, () => [
      this.#figure(this.source, several ? "a map that comes in" : "the image", "big"),
      element("div", { class: "equation" }, element("div", { class: "factors" }, this.grids.patch.element, sign("×"), this.grids.kernel.element, sign("="), this.grids.products.element), this.sums),
      this.#figure(this.target, "its map", "big"), several && this.#figure(this.channels, "what each map that comes in adds (choose one to see it)", "channels"),
    ].filter(Boolean));
    const { width } = found.window, incoming = mapOf(input, found.channel);
    this.source.draw(incoming.values, incoming.shape, rangeOf(input));
    this.source.window(0, found.window);
    this.grids.patch.update(found.patch, width, { range: rangeOf(input) });
    // Both ends given: weights without a negative one would be drawn as ink, not as warm and cool.
    const strongest = ownRange(found.kernel)[1], largest = ownRange(found.products)[1];
    this.grids.kernel.update(found.kernel, width, { range: [-strongest, strongest] });
    this.grids.products.update(found.products, width, { range: [-largest, largest] });
    if (several) {
      const most = ownRange(found.sums)[1];
      this.channels.draw(found.sums, [1, 1, channels], [-most, most]);
      this.channels.mark({ map: found.channel, row: 0, column: 0 });
    }
    const own = found.sums[found.channel];
    this.#add([
      ["these added up", own, "own"], ...(several ? [[`the other ${channels - 1} maps add`, found.sum - own, "others"]] : []), ["bias", found.bias, "bias"], ["together", found.before, "before"],
      [ACTIVATIONS[layer.activation ?? "linear"] ?? layer.activation, found.after, "after"],
    ]);
    this.#showTarget(place, output);
    this.pointAtSource = this.#windowFor(input, output);
  }

  #showTarget(place, output) {
    const own = mapOf(output, place.map);
    this.target.draw(own.values, own.shape, rangeOf(output));
    this.target.mark({ ...place, map: 0 });
  }

  /** Pointing at what comes in moves the window there: to the output whose window's middle is nearest. */
  #windowFor(input, output) {
    const [height, width] = output.shape, down = input.shape[0] / height, across = input.shape[1] / width;
    return (row, column) => this.pointed({ row: Math.min(Math.floor(row / down), height - 1), column: Math.min(Math.floor(column / across), width - 1) });
  }

  #pooling({ layer }, place, { input, output }) {
    const found = poolingAt(layer, input, output, place), range = rangeOf(input);
    this.title.textContent = `Pooling, map ${place.map + 1} of ${output.shape[2]}`;
    this.words.textContent = "Of the numbers in the window only the largest is kept. Where in the window it stood is forgotten, and so a digit may move a little without being taken for another.";
    this.#arrange("pooling", () => [this.#figure(this.source, "the map that comes in", "big"),
      element("div", { class: "equation" }, element("div", { class: "factors" }, this.grids.patch.element), this.sums), this.#figure(this.target, "what goes on", "big")]);
    const incoming = mapOf(input, place.map);
    this.source.draw(incoming.values, incoming.shape, range);
    this.source.window(0, found.window);
    this.grids.patch.update(found.patch, found.window.width, { range, kept: found.kept });
    this.#add([["the largest", found.after, "after"]]);
    this.#showTarget(place, output);
    this.pointAtSource = this.#windowFor(input, output);
  }

  #unit({ layer, isAnswer }, place, { parameters, input, output, classNames }) {
    const found = unitAt(layer, parameters, input, output, place.map), shape = asMaps(input.shape);
    this.title.textContent = isAnswer ? `Why ${classNames[place.map]}?` : `Unit ${place.map + 1} of ${output.shape[0]}`;
    this.words.textContent = `${isAnswer ? "The class" : "The unit"} has a weight for every number that comes in. Where a weight is red, ink there speaks for it; where it is blue, against it. Number times weight, all added up, makes ${isAnswer ? "the class's sum; the largest sum wins" : "its own number"}.`;
    this.#arrange("unit", () => {
      const [incoming, weights, products] = this.plates;
      return [this.#figure(incoming, "what comes in", "big"), sign("×"), this.#figure(weights, "its weights", "big"), sign("="), this.#figure(products, "multiplied", "big"), this.sums];
    });
    const strongest = ownRange(found.weights)[1], largest = ownRange(found.products)[1];
    this.plates[0].draw(input.values, shape, rangeOf(input));
    this.plates[1].draw(found.weights, shape, [-strongest, strongest]);
    this.plates[2].draw(found.products, shape, [-largest, largest]);
    const isShare = (layer.activation ?? "linear") === "softmax";
    this.#add([["all added up", found.sum, "own"], ["bias", found.bias, "bias"], ["together", found.before, "before"],
      [ACTIVATIONS[layer.activation ?? "linear"] ?? layer.activation, isShare ? percent(found.after) : found.after, "after"]]);
  }

  #pixel(place, { output }) {
    const [, width, channels] = output.shape, first = (place.row * width + place.column) * channels;
    const isColour = channels === COLOURS.length, map = isColour ? place.map : 0, numbers = isColour ? COLOURS : ["ink"];
    this.title.textContent = isColour ? `The image: how much ${COLOURS[map]}` : "The image";
    this.words.textContent = `To the network an image is a table of numbers${isColour ? ", one for each colour: 0 is none of it, 1 is all" : ": 0 is paper, 1 is ink"}. Point at a pixel, or choose one of the layers.`;
    this.#arrange("pixel", () => [this.#figure(this.target, "what the network receives", "big"), this.sums]);
    this.#showTarget({ ...place, map }, output);
    this.#add([["row", String(place.row + 1)], ["column", String(place.column + 1)], ...numbers.map((name, at) => [name, output.values[first + at], at === map ? "after" : "own"])]);
  }

  #passed({ title }, place, { input, output }) {
    this.title.textContent = title;
    this.words.textContent = "Here every number is changed on its own, or a whole map becomes one number.";
    this.#arrange("passed", () => [this.#figure(this.source, "what comes in", "big"), sign("→"), this.#figure(this.target, "what goes on", "big"), this.sums]);
    const incoming = mapOf(input, Math.min(place.map, asMaps(input.shape)[2] - 1));
    this.source.draw(incoming.values, incoming.shape, rangeOf(input));
    this.source.mark(null);
    this.#showTarget(place, output);
    const [, width, count] = asMaps(output.shape);
    this.#add([["becomes", output.values[(place.row * width + place.column) * count + place.map], "after"]]);
  }
}
