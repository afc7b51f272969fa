// Images with what is said about each: the ones behind a cell, the worst, those that only one network reads.

import { element } from "./element.js";
import { image } from "./image.js";

/**
 * @param {{pixels: ArrayLike<number>, shape: number[], label: string, lines: string[], href?: string, place: number}[]} entries
 * @returns {HTMLElement}
 */
export function pictureList(entries) {
  return element("div", { class: "plates picture-list" }, ...entries.map((entry) => {
    const picture = image(entry.label, { side: "4.2rem" });
    picture.draw(entry.pixels, entry.shape);
    const caption = element("figcaption", {}, ...entry.lines.flatMap((line, number) => (number ? [element("br"), line] : [line])));
    const shown = entry.href ? element("a", { href: entry.href, "aria-label": `${entry.label}: look inside` }, picture.element) : picture.element;
    return element("figure", { "data-row": entry.place }, shown, caption);
  }));
}
