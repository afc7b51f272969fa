// A few numbers in rows and columns, each on the colour it has in a picture.

import { element } from "../parts/element.js";
import { colours } from "../parts/image.js";

const MOST_WITH_TEXT = 7;

/** A few digits after the point, with a true minus, and none before a zero. */
export function short(value, digits = 2) {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

/**
 * @param {string} name - what the numbers are
 * @returns {{element: HTMLElement, update: (numbers: (number|null)[], columns: number, options: {range: [number, number], kept?: number}) => void}} null
 *   stands for a place beyond the image's border; `kept` is framed
 */
export function numberGrid(name) {
  const grid = element("div", { class: "numbers", role: "img" });
  const box = element("figure", { class: "plate-figure" }, grid, element("figcaption", {}, name));
  let cells = [];
  function update(numbers, columns, { range, kept = -1 }) {
    if (cells.length !== numbers.length) {
      cells = numbers.map(() => element("span"));
      grid.replaceChildren(...cells);
    }
    grid.style.setProperty("--columns", columns);
    grid.classList.toggle("dense", columns > MOST_WITH_TEXT);
    numbers.forEach((number, place) => {
      const cell = cells[place], { ground, text } = colours(number ?? 0, range);
      cell.textContent = columns > MOST_WITH_TEXT ? "" : number === null ? "·" : short(number);
      cell.style.backgroundColor = number === null ? "" : ground;
      cell.style.color = number === null ? "" : text;
      cell.className = number === null ? "beyond" : place === kept ? "kept" : "";
    });
    grid.setAttribute("aria-label", `${name}: ${numbers.map((number) => (number === null ? "outside" : short(number))).join(", ")}`);
  }
  return { element: box, update };
}
