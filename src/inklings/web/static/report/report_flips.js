// The images that only one of two gets right.

import { element } from "../parts/element.js";
import { count, whole } from "../parts/words.js";

const byId = (id) => document.getElementById(id);

export function setUpFlips(data, sheet) {
  if (!data.flips.length) return;
  const best = byId("confusion").dataset.best, titles = data.networks.map((network) => network.title);
  for (const name of ["flip-first", "flip-second"]) {
    byId(name).append(...titles.map((title) => element("option", { value: title }, title)));
    byId(name).addEventListener("change", () => showFlips(data, sheet));
  }
  byId("flip-first").value = best;
  const right = ({ confusion }) => confusion.reduce((sum, line, label) => sum + line[label], 0);
  const others = data.networks.filter((network) => network.title !== best).sort((one, other) => right(other) - right(one));
  byId("flip-second").value = others[0].title;
  byId("flips").hidden = false;
  byId("static-flips").hidden = true;
  showFlips(data, sheet);
}

function showFlips(data, sheet) {
  const [first, second] = ["flip-first", "flip-second"].map((name) => byId(name).value);
  const found = data.flips.find(({ titles }) => titles.includes(first) && titles.includes(second) && first !== second);
  const box = byId("flip-pictures");
  if (!found) { box.replaceChildren(element("p", { class: "caption" }, "Choose two that differ.")); return; }
  box.replaceChildren(...[first, second].map((title) => {
    const side = found.titles.indexOf(title);
    const times = data.repeats > 1 ? `${count(found.counts[side], "time")} in ${found.repeats} repeats` : whole(found.counts[side]);
    const pictures = sheet.list(found.images[side], ([place, often, tested]) => {
      const figure = sheet.thumbnail(place, `, which only ${title} gets right`);
      if (data.repeats > 1) figure.append(element("figcaption", {}, `${often} of ${tested}`));
      return figure;
    });
    return element("div", { "data-side": title }, element("h3", {}, `only ${title} is right: ${times}`), pictures);
  }));
}
