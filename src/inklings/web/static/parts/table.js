// Tables that sort: by a column's numbers where it has some, else by its words.

import { element } from "./element.js";

/** The number that words begin with, as "96.4 %", "1,285", "-0.30" or "<0.001"; null if they begin with none. */
function numberOf(text) {
  const found = /^[<>≈~+]?\s*([-−]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?)/i.exec(text.trim());
  return found ? Number(found[1].replaceAll(",", "").replace("−", "-")) : null;
}

// A `data-sort` is a number only as a whole: a day begins with that of its year, as a title may begin with that of its filters.
function keyOf({ dataset: { sort }, textContent }) {
  if (sort === undefined) return { number: numberOf(textContent), words: textContent };
  return { number: sort === "" || Number.isNaN(Number(sort)) ? null : Number(sort), words: sort };
}

/** Let the headings of a table sort its rows; a cell's `data-sort` is taken before its text. */
export function makeSortable(table) {
  const headings = [...table.tHead.rows[0].cells], body = table.tBodies[0];
  if (body.rows.length < 2) return table;
  table.classList.add("sortable");
  headings.forEach((heading, column) => {
    const sorter = element("button", { type: "button", title: "Sort by this column" }, ...heading.childNodes);
    sorter.addEventListener("click", () => sort(headings, body, column));
    heading.replaceChildren(sorter);
  });
  return table;
}

function sort(headings, body, column) {
  const { rows, direction } = ordered([...body.rows], column, headings[column].getAttribute("aria-sort"));
  headings.forEach((heading) => heading.removeAttribute("aria-sort"));
  headings[column].setAttribute("aria-sort", direction);
  body.append(...rows);
}

/** Rows by a column, and in which direction: another one than before. */
export function ordered(rows, column, before = null) {
  const keyed = rows.map((row) => ({ row, ...keyOf(row.cells[column]) })), numeric = keyed.some(({ number }) => number !== null);
  // The best stands first: numbers fall and words rise at the first click.
  const direction = before ? (before === "ascending" ? "descending" : "ascending") : numeric ? "descending" : "ascending";
  const sign = direction === "ascending" ? 1 : -1;
  const isNothing = ({ number, words }) => (numeric ? number === null : words === "");
  keyed.sort((one, other) => {
    if (isNothing(one) || isNothing(other)) return isNothing(one) - isNothing(other); // what cannot be compared stands last
    return sign * (numeric ? one.number - other.number : one.words.localeCompare(other.words));
  });
  return { rows: keyed.map(({ row }) => row), direction };
}

/**
 * A table from headings and rows; a cell is text, an element, or `{content, sort}`.
 *
 * @param {{caption: string, headings: string[], rows: (string|Node|{content: string|Node, sort: string|number})[][]}} content
 */
export function table({ caption, headings, rows }) {
  const head = element("tr", {}, ...headings.map((heading) => element("th", { scope: "col" }, heading)));
  const body = rows.map((row) => element("tr", {}, ...row.map((cell) => {
    const plain = typeof cell === "string" || cell instanceof Node;
    return element("td", plain ? {} : { "data-sort": String(cell.sort) }, plain ? cell : cell.content);
  })));
  const made = element("table", {}, element("caption", {}, caption), element("thead", {}, head), element("tbody", {}, ...body));
  return makeSortable(made);
}
