// Confusions, whose cells show their images, and the worst mistakes.

import { element } from "../parts/element.js";
import { fillConfusion } from "../parts/confusion.js";
import { count } from "../parts/words.js";

const byId = (id) => document.getElementById(id);

export function setUpConfusion(data, sheet) {
  const choice = byId("network");
  data.networks.forEach((network, number) => choice.append(element("option", { value: number }, network.title)));
  choice.addEventListener("change", () => showNetwork(data, sheet, Number(choice.value)));
  const best = data.networks.findIndex((network) => network.title === byId("confusion").dataset.best);
  choice.value = String(Math.max(best, 0));
  for (const link of document.querySelectorAll("[data-confusion]")) {
    link.addEventListener("click", () => {
      choice.value = String(data.networks.findIndex((network) => network.title === link.dataset.confusion));
      showNetwork(data, sheet, Number(choice.value));
    });
  }
  byId("choice").hidden = false;
  byId("static-worst").hidden = byId("static-confusion").hidden = true;
  showNetwork(data, sheet, Number(choice.value));
}

function showNetwork(data, sheet, number) {
  const network = data.networks[number];
  const matrix = fillConfusion(byId("confusion"), {
    classNames: data.classes, counts: network.confusion,
    caption: `${network.title}: class (rows) and answer (columns)`,
    chosen(label, answer) {
      matrix.choose(label, answer);
      showCell(data, sheet, network, label, answer);
    },
  });
  byId("cell").replaceChildren();
  byId("worst").replaceChildren(sheet.list(network.worst));
}

function showCell(data, sheet, network, label, answer) {
  const kind = `${label},${answer}`, entries = network.cells[kind] || [], all = network.images[kind];
  const words = label === answer ? `${data.classes[label]}, classified correctly` : `${data.classes[label]}, taken for ${data.classes[answer]}`;
  const times = network.confusion[label][answer];
  const found = data.repeats > 1 ? `${count(times, "answer")} in ${network.repeats} repeats, of ${count(all, "image")}` : count(all, "image");
  byId("cell").replaceChildren(element("h3", {}, `${words}: ${found}, ${entries.length} shown`), sheet.list(entries));
}
