// How sure a network is of each class, as bars that can change sixty times a second.

import { element } from "./element.js";
import { percent } from "./words.js";

const MOST = 12;

/** The place of the greatest value; of equal ones the first. */
export function greatest(values) {
  let best = 0;
  for (let place = 1; place < values.length; place += 1) if (values[place] > values[best]) best = place;
  return best;
}

/**
 * Of more than `most` classes, those likeliest are shown, likeliest first; else all, in their own order.
 *
 * @param {string[]} classNames
 * @param {{most?: number, label?: string}} options
 * @returns {{element: HTMLElement, update: (probabilities: Float32Array|null) => void}} null empties the bars.
 */
export function bars(classNames, { most = MOST, label = "How sure it is of each class" } = {}) {
  const count = Math.min(classNames.length, most);
  const few = count === classNames.length;
  const list = element("ul", { class: "bars", "aria-label": label });
  const rows = Array.from({ length: count }, (_, place) => {
    const name = element("span", { class: "class" }, few ? classNames[place] : "");
    const bar = element("div", { class: "bar" });
    const share = element("span", { class: "share" });
    const line = element("li", {}, name, element("div", { class: "track", "aria-hidden": "true" }, bar), share);
    list.append(line);
    return { line, name, bar, share, shown: "", first: false };
  });

  // Only what differs is written: a change of text costs a layout.
  function show(row, probability, first, name) {
    const text = probability === null ? "" : percent(probability, 0);
    if (row.shown !== text) row.share.textContent = row.shown = text;
    row.bar.style.transform = `scaleX(${probability ?? 0})`;
    if (row.first !== first) row.line.classList.toggle("first", (row.first = first));
    if (!few && row.name.textContent !== name) row.name.textContent = name;
  }

  function update(probabilities) {
    if (!probabilities) return rows.forEach((row) => show(row, null, false, ""));
    const best = greatest(probabilities);
    if (few) return rows.forEach((row, place) => show(row, probabilities[place], place === best));
    const order = Array.from(probabilities.keys()).sort((a, b) => probabilities[b] - probabilities[a]);
    return rows.forEach((row, place) => show(row, probabilities[order[place]], place === 0, classNames[order[place]]));
  }

  update(null);
  return { element: list, update };
}
