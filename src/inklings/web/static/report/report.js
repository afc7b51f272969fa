// The report: everything is built from one JSON object; without this script the page shows the same as pictures.

import { makeSortable } from "../parts/table.js";
import { setUpConfusion } from "./report_confusion.js";
import { setUpCurves } from "./report_curves.js";
import { setUpFlips } from "./report_flips.js";
import { Sheet } from "./sheet.js";

const data = JSON.parse(document.getElementById("inspection").textContent);
const sheet = new Sheet(data);

function setUpPrinting() {
  const closed = [...document.querySelectorAll("details:not([open])")];
  addEventListener("beforeprint", () => closed.forEach((part) => { part.dataset.open = part.open; part.open = true; }));
  addEventListener("afterprint", () => closed.forEach((part) => { part.open = part.dataset.open === "true"; }));
}

// What a link points at may be folded away.
function setUpLinks() {
  const open = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const folded = target && target.closest("details");
    if (folded) folded.open = true;
  };
  addEventListener("hashchange", open);
  open();
}

setUpCurves(data);
setUpConfusion(data, sheet);
setUpFlips(data, sheet);
setUpPrinting();
setUpLinks();
document.querySelectorAll("table[data-sorts]").forEach(makeSortable);
