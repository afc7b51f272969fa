// Tables that sort: by a column's numbers where it has some, else by its words.

import { element } from "./element.js";

/** The number a cell begins with, as "96.4 %", "1,285", "-0.30" or "<0.001"; null of words. */
export function numberOf(text) {
  const found = /^[<>≈~+]?\s*([-−]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?)/i.exec(text.trim());
  return found ? Number(found[1].replaceAll(",", "").replace("−", "-")) : null;
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
  const key = (row) => row.cells[column].dataset.sort ?? row.cells[column].textContent;
  const rows = [...body.rows];
  const numeric = rows.some((row) => numberOf(key(row)) !== null);
  const before = headings[column].getAttribute("aria-sort");
  // The best stands first: numbers fall and words rise at the first click.
  const direction = before ? (before === "ascending" ? "descending" : "ascending") : numeric ? "descending" : "ascending";
  const sign = direction === "ascending" ? 1 : -1;
  rows.sort((one, other) => {
    const [first, second] = [one, other].map((row) => (numeric ? numberOf(key(row)) : key(row)));
    if (first === null || second === null) return (first === null) - (second === null); // what has no number stands last
    return sign * (numeric ? first - second : first.localeCompare(second));
  });
  headings.forEach((heading) => heading.removeAttribute("aria-sort"));
  headings[column].setAttribute("aria-sort", direction);
  body.append(...rows);
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
