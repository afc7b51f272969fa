// What goes well or wrong in a training: first in plain words, then with the numbers that show it.

import { element } from "../parts/element.js";
import { capital } from "../parts/naming.js";

const PLAIN = {
  "diverged": "It broke. The steps were so large that its numbers grew beyond all bounds: take a lower learning rate.",
  "learning rate too high": "The steps are too large. It jumps over what it is looking for.",
  "learning rate too low": "The steps are too small. It would get there, but not in this time.",
  "a class is not learnt": "It has not learnt one of the classes at all.",
  "under-fitting": "It cannot even read the images it learns from. It needs more units, or more time.",
  "over-fitting": "It learns its images by heart: it reads them much better than new ones.",
  "not yet converged": "It is still getting better. Give it more epochs.",
  "too little data": "It has too few images to learn from.",
  "no problem found": "All is well.",
};
const GLOSSARY = "Loss: how far its answers are from the right ones; 0 is perfect. Training: on the images it learns from. Validation: on others, which it never learns from.";
const NOTHING = "Nothing to report yet. What goes well or badly is said here in words.";

/** @returns {{element: HTMLElement, show: (found: string[]) => void}} `found` is "kind: evidence; what to try", a line for each */
export function diagnosisList() {
  const list = element("ul", { class: "diagnosis" });
  let shown = null, said = null;

  // Open or not, the numbers stay as they are while their words change with every epoch.
  const numbers = element("div", { class: "stack" });
  const folded = element("details", { class: "caption", hidden: true }, element("summary", {}, "The numbers that show it"), numbers);
  const whole = element("div", {}, list, folded);

  function show(found) {
    if (found.join("\n") === shown) return;
    shown = found.join("\n");
    const items = found.map(partsOf), shows = items.flatMap(({ evidence }) => (evidence ? [`${capital(evidence)}.`] : []));
    folded.hidden = !shows.length;
    if (shows.some((words) => /loss|validation/.test(words))) shows.push(GLOSSARY);
    numbers.replaceChildren(...shows.map((words) => element("p", {}, words)));
    // Words that stay are left alone, so that a screen reader does not read them with every epoch.
    const says = items.map(({ kind, words, advice }) => `${kind ?? words}; ${advice}`).join("\n");
    if (says === said) return;
    said = says;
    list.replaceChildren(...(items.length ? items.map(item) : [element("li", {}, NOTHING)]));
  }

  show([]);
  return { element: whole, show };
}

function partsOf(words) {
  const kind = Object.keys(PLAIN).find((each) => words.startsWith(`${each}:`));
  if (!kind) return { words };
  const rest = words.slice(kind.length + 1).trim(), cut = rest.lastIndexOf("; ");
  return { kind, evidence: cut < 0 ? rest : rest.slice(0, cut), advice: cut < 0 ? "" : rest.slice(cut + 2) };
}

function item({ kind, words, advice }) {
  if (!kind) return element("li", { class: "told" }, words);
  return element("li", { class: "told" }, element("strong", {}, `${capital(kind)}. `), PLAIN[kind],
    advice && element("p", { class: "caption" }, `What may help: ${advice}.`));
}
