// Which image goes through the network: one drawn here, or one of the data.

import { Pad } from "../drawing/pad.js";
import { button, element } from "../parts/element.js";
import { image } from "../parts/image.js";
import { aOrAn } from "../parts/naming.js";
import { rove } from "../parts/roving.js";

const AT_ONCE = 24;

export class Chooser {
  /** @param {{drawn: () => void, chosen: (entry: {place: number, pixels: Float32Array, label: number}) => void, failed: (words: string) => void}} told */
  constructor(context, told) {
    Object.assign(this, { data: context.data, told, first: 0, buttons: [] });
    context.drawing ??= [];
    this.pad = new Pad({ changed: (state) => this.ready && told.drawn(state), failed: told.failed, history: context.drawing });
    this.row = element("div", { class: "thumbnails", role: "group", "aria-label": "Images of the data" });
    this.stopAt = rove(this.row);
    this.element = element("section", { class: "chooser", "aria-label": "Choose an image", "data-control": "images" },
      element("div", { class: "stack small-pad" }, this.pad.element, this.pad.controls),
      element("div", { class: "stack" }, element("p", {}, this.data ? "Draw on the pad, or take one of the test images:" : "Draw on the pad, or drop a picture."), this.row,
        this.data && element("div", { class: "row" }, button("More images", () => this.load(this.first + AT_ONCE)))));
    this.ready = true;
  }

  /** Show a few images of the test data. */
  async load(first) {
    if (!this.data) return;
    const { imageShape, classNames, parts } = this.data, count = parts?.test ?? Infinity;
    this.first = first >= count ? 0 : first;
    const { images, labels } = await this.data.images("test", this.first, AT_ONCE);
    const size = imageShape.reduce((product, side) => product * side, 1);
    this.buttons = Array.from(labels, (label, number) => {
      const name = `${aOrAn(classNames[label])}, test image ${this.first + number + 1}`, picture = image(name, { side: "2.75rem" });
      const pixels = images.slice(number * size, (number + 1) * size);
      picture.draw(pixels, imageShape, { range: [0, 1] });
      picture.element.removeAttribute("role");
      picture.element.removeAttribute("aria-label");
      const entry = { place: this.first + number, pixels, label };
      return element("button", { type: "button", class: "pick", "aria-label": name, "aria-pressed": "false", "data-place": entry.place, onclick: () => this.told.chosen(entry) }, picture.element);
    });
    this.row.replaceChildren(...this.buttons);
    this.mark(this.marked);
  }

  /** Show the images among which the marked one is. */
  loadMarked() { return this.load(Math.floor((this.marked ?? 0) / AT_ONCE) * AT_ONCE); }

  /** One image by its place in the test data; the first if there is none there. */
  async find(wanted) {
    const place = Number.isInteger(wanted) && wanted >= 0 && wanted < this.data.parts.test ? wanted : 0;
    const { images, labels } = await this.data.images("test", place, 1);
    return { place, pixels: images, label: labels[0] };
  }

  mark(place) {
    this.marked = place;
    const isMarked = (each) => Number(each.dataset.place) === place;
    for (const each of this.buttons) each.setAttribute("aria-pressed", String(isMarked(each)));
    this.stopAt(this.buttons.find(isMarked));
  }

  unmount() { this.pad.unmount(); }
}
