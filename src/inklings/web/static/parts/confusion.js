// A confusion matrix whose cells can be chosen: true classes in rows, answers in columns.

import { element } from "./element.js";
import { rove } from "./roving.js";
import { count } from "./words.js";

/**
 * Fill a table with a confusion matrix.
 *
 * @param {HTMLTableElement} table
 * @param {{classNames: string[], counts: number[][], caption: string, chosen: (label: number, answer: number) => void}} content
 * @returns {{choose: (label: number, answer: number) => void}} marks a cell as the chosen one
 */
export function fillConfusion(table, { classNames, counts, caption, chosen }) {
  const most = Math.max(1, ...counts.flatMap((line, label) => line.filter((_, answer) => answer !== label)));
  const cells = new Map();
  const head = element("tr", {}, element("td", { class: "corner" }), ...classNames.map((name) => element("th", { scope: "col" }, name)));
  const lines = counts.map((line, label) => element("tr", {},
    element("th", { scope: "row" }, classNames[label]),
    ...line.map((number, answer) => {
      const cell = oneCell(classNames, number, label, answer, () => chosen(label, answer));
      if (number && label !== answer) shade(cell, number / most);
      cells.set(`${label},${answer}`, cell);
      return cell;
    })));
  const body = element("tbody", {}, ...lines), stopAt = rove(body);
  stopAt();
  table.classList.add("confusion");
  table.classList.toggle("fits", isSmall(classNames, counts));
  table.replaceChildren(element("caption", {}, caption), element("thead", {}, head), body);
  return {
    choose(label, answer) {
      for (const cell of cells.values()) cell.removeAttribute("aria-current");
      const cell = cells.get(`${label},${answer}`);
      cell?.setAttribute("aria-current", "true");
      stopAt(cell?.querySelector("button"));
    },
  };
}

// Whether a phone has room for all of it: 25 pixels for each column.
function isSmall(classNames, counts) {
  return classNames.length <= 10 && [...classNames, ...counts.flat().map(String)].every((words) => words.length <= 3);
}

function oneCell(classNames, number, label, answer, pressed) {
  const cell = element("td", { "data-label": classNames[label], "data-answer": classNames[answer], class: label === answer ? "right" : null });
  if (!number) return cell;
  const [own, other] = [classNames[label], classNames[answer]];
  const words = label === answer ? `${count(number, "image")} of ${own}, right` : `${count(number, "image")} of ${own} taken for ${other}`;
  cell.append(element("button", { type: "button", "aria-label": words, onclick: pressed }, String(number)));
  return cell;
}

// The more mistakes, the stronger the colour; at the strongest, ink on it still has a contrast of 5 to 1.
function shade(cell, share) {
  cell.style.background = `color-mix(in srgb, var(--wrong) ${Math.round(12 + 60 * share)}%, var(--raised))`;
  cell.style.color = "var(--ink)";
}
