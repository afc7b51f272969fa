// What goes well or wrong in a training: first in plain words, then with the numbers that show it.

import { element } from "../parts/element.js";

const PLAIN = {
  "diverged": "It broke. The steps were so large that its numbers grew beyond all bounds: take a lower learning rate.",
  "learning rate too high": "The steps are too large. It jumps over what it is looking for.",
  "learning rate too low": "The steps are too small. It would get there, but not in this time.",
  "a class is not learnt": "One of the classes it has not learnt at all.",
  "under-fitting": "It cannot even read the images it learns from. It needs more units, or more time.",
  "over-fitting": "It learns its images by heart: it reads them much better than new ones.",
  "not yet converged": "It is still getting better. Give it more epochs.",
  "too little data": "It has too few images to learn from.",
  "no problem found": "All is well.",
};
const GLOSSARY = "Loss: how far its answers are from the right ones; 0 is perfect. Training: on the images it learns from. Validation: on others, which it never learns from.";
const NOTHING = "Nothing yet. What goes well or wrong is said here, in words.";

/** @returns {{element: HTMLElement, show: (found: string[]) => void}} `found` is "kind: evidence; what to try", a line for each */
export function diagnosisList() {
  const list = element("ul", { class: "diagnosis" });
  let shown = null;

  const glossary = element("p", { class: "caption", hidden: true }, GLOSSARY), whole = element("div", {}, list, glossary);

  function show(found) {
    // Words that stay are left alone, so that a screen reader does not read them with every epoch.
    if (found.join("\n") === shown) return;
    shown = found.join("\n");
    glossary.hidden = !found.some((words) => /loss|validation/.test(words));
    list.replaceChildren(...(found.length ? found.map(item) : [element("li", {}, NOTHING)]));
  }

  show([]);
  return { element: whole, show };
}

function item(words) {
  const kind = Object.keys(PLAIN).find((each) => words.startsWith(`${each}:`));
  if (!kind) return element("li", { class: "told" }, words);
  const rest = words.slice(kind.length + 1).trim(), cut = rest.lastIndexOf("; ");
  const evidence = cut < 0 ? rest : rest.slice(0, cut), advice = cut < 0 ? "" : rest.slice(cut + 2);
  return element("li", { class: "told" },
    element("strong", {}, `${kind[0].toUpperCase()}${kind.slice(1)}. `), PLAIN[kind],
    element("p", { class: "caption" }, `${evidence[0].toUpperCase()}${evidence.slice(1)}.${advice ? ` What may help: ${advice}.` : ""}`));
}
