// Which image goes through the network: one drawn here, or one of the data.

import { Pad } from "../drawing/pad.js";
import { button, element } from "../parts/element.js";
import { image } from "../parts/image.js";
import { aOrAn } from "../parts/naming.js";
import { rove } from "../parts/roving.js";

const AT_ONCE = 24;
const PARTS = { test: "test image", validation: "validation image", train: "training image" };

export class Chooser {
  /** @param {{drawn: () => void, chosen: (entry: {part: string, place: number, pixels: Float32Array, label: number}) => void, failed: (words: string) => void}} told */
  constructor(context, told) {
    Object.assign(this, { data: context.data, told, part: "test", first: 0, buttons: [], marked: null });
    context.drawing ??= [];
    this.pad = new Pad({ changed: (state) => this.ready && told.drawn(state), failed: told.failed, history: context.drawing });
    this.row = element("div", { class: "thumbnails", role: "group", "aria-label": "Images of the data" });
    this.stopAt = rove(this.row);
    const known = Object.keys(PARTS).filter((part) => this.data?.parts[part]);
    this.parts = element("select", { "aria-label": "Which images", hidden: known.length < 2, onchange: () => this.#turnTo(this.parts.value, 0) },
      ...known.map((part) => element("option", { value: part }, `${PARTS[part]}s`)));
    this.element = element("section", { class: "chooser", "aria-label": "Choose an image", "data-control": "images" },
      element("div", { class: "stack small-pad" }, this.pad.element, this.pad.controls),
      element("div", { class: "stack" }, element("p", {}, this.data ? "Draw on the pad, or take one of the images:" : "Draw on the pad, or drop a picture."), this.row,
        this.data && element("div", { class: "row" }, button("More images", () => this.load(this.first + AT_ONCE)), this.parts)));
    this.ready = true;
  }

  /** Show a few images of a part of the data. */
  async load(first) {
    if (!this.data) return;
    const { imageShape, classNames, parts } = this.data, { part } = this;
    this.first = first >= parts[part] ? 0 : first;
    const { images, labels } = await this.data.images(part, this.first, AT_ONCE);
    if (part !== this.part) return; // another was chosen meanwhile
    const size = imageShape.reduce((product, side) => product * side, 1);
    this.buttons = Array.from(labels, (label, number) => {
      const name = `${aOrAn(classNames[label])}, ${PARTS[part]} ${this.first + number + 1}`, picture = image(name, { side: "2.75rem" });
      const pixels = images.slice(number * size, (number + 1) * size);
      picture.draw(pixels, imageShape, { range: [0, 1] });
      picture.element.removeAttribute("role");
      picture.element.removeAttribute("aria-label");
      const entry = { part, place: this.first + number, pixels, label };
      return element("button", { type: "button", class: "pick", "aria-label": name, "aria-pressed": "false", "data-place": entry.place, onclick: () => this.told.chosen(entry) }, picture.element);
    });
    this.row.replaceChildren(...this.buttons);
    this.#showMark();
  }

  /** Show the images among which the marked one is. */
  loadMarked() { return this.load(Math.floor((this.marked?.place ?? 0) / AT_ONCE) * AT_ONCE); }

  /** One image by its part of the data and its place there; the first if there is none there. */
  async find(wanted, number) {
    const { parts } = this.data, part = wanted in PARTS && parts[wanted] ? wanted : "test";
    const place = Number.isInteger(number) && number >= 0 && number < parts[part] ? number : 0;
    const { images, labels } = await this.data.images(part, place, 1);
    return { part, place, pixels: images, label: labels[0] };
  }

  /** Mark one of the images, or none. */
  mark(entry) {
    this.marked = entry;
    if (entry && entry.part !== this.part) this.#turnTo(entry.part, Math.floor(entry.place / AT_ONCE) * AT_ONCE);
    else this.#showMark();
  }

  // Before the first images have come, those of the part at hand are about to be asked for.
  #turnTo(part, first) {
    const isShown = this.buttons.length > 0;
    this.part = this.parts.value = part;
    if (isShown) this.load(first).catch((problem) => this.told.failed(problem.message));
  }

  #showMark() {
    const { marked, part } = this, isMarked = (each) => part === marked?.part && Number(each.dataset.place) === marked.place;
    for (const each of this.buttons) each.setAttribute("aria-pressed", String(isMarked(each)));
    this.stopAt(this.buttons.find(isMarked));
  }

  unmount() { this.pad.unmount(); }
}
