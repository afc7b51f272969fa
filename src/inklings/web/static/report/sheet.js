// The report's images, all of them on one picture, and each by its place there.

import { element } from "../parts/element.js";
import { aOrAn } from "../parts/naming.js";
import { percent } from "../parts/words.js";

const SIDE = 56; // pixels of an image's longer side, at least

export class Sheet {
  constructor(data) {
    this.data = data;
  }

  /** An image with its row of the data and its label, and nothing said about it yet. */
  thumbnail(place, words) {
    const { sheet, columns, rows, height, width, labels, rows_of_data: numbers } = this.data.images;
    const zoom = Math.max(1, Math.round(SIDE / Math.max(height, width)));
    const left = (place % columns) * width * zoom, top = Math.floor(place / columns) * height * zoom;
    const own = this.data.classes[labels[place]];
    const picture = element("span", { class: "image plate", role: "img", "aria-label": `${aOrAn(own)}${words}` });
    Object.assign(picture.style, {
      width: `${width * zoom}px`, height: `${height * zoom}px`, backgroundImage: `url(${sheet})`,
      backgroundSize: `${columns * width * zoom}px ${rows * height * zoom}px`, backgroundPosition: `-${left}px -${top}px`,
    });
    return element("figure", { "data-row": numbers[place], "data-label": own }, picture);
  }

  /** An image with what it was taken for, and how surely. */
  answered([place, taken, times, tested, confidence, probability]) {
    const own = this.data.classes[this.data.images.labels[place]], answer = this.data.classes[taken];
    const figure = this.thumbnail(place, `, taken for ${answer}`);
    figure.dataset.answer = answer;
    const lines = [`${answer} ${percent(confidence)}`];
    if (own !== answer) lines.push(`${own} ${percent(probability)}`);
    if (this.data.repeats > 1) lines.push(`${times} of ${tested} times`);
    figure.append(element("figcaption", {}, ...lines.flatMap((line, number) => (number ? [element("br"), line] : [line]))));
    return figure;
  }

  list(entries, make = (entry) => this.answered(entry)) {
    return element("div", { class: "images plates" }, ...entries.map(make));
  }
}
