// What mattered: the image with what its answer hangs on laid over it.

import { element } from "../parts/element.js";
import { image, paint } from "../parts/image.js";
import { occlusion } from "./occlusion.js";

const PATIENCE = 350; // milliseconds after the last change

function overlaid(label, words) {
  const below = image(label, { side: null }), above = element("canvas", { class: "over", "aria-hidden": "true", width: 1, height: 1 });
  const box = element("figure", { class: "plate-figure big" }, element("div", { class: "mosaic" }, below.element, above), element("figcaption", {}, words));
  return {
    element: box,
    show(pixels, shape, map) {
      below.draw(pixels, shape, { range: [0, 1] });
      above.hidden = !map;
      if (!map) return;
      // What speaks against the answer is left out: one thing to look at.
      const positive = map.map((value) => Math.max(value, 0));
      paint(above, positive, [shape[0], shape[1], 1], { clear: true });
    },
  };
}

export class Mattered {
  /** @param {object|null} source - without `explain`, as an exported page has it, only what the page computes itself is shown */
  constructor(source) {
    this.source = source;
    this.title = element("h2", {}, "What mattered?");
    this.covered = overlaid("The image; red where the answer hangs on it", "Every spot is covered with paper in turn, and the network asked again. The redder a spot, the less sure of its answer it becomes without it.");
    this.salient = source?.explain && overlaid("The image; red where a change would tell most", "Where a little more or less ink would change the answer most.");
    this.element = element("section", { class: "mattered stack", "data-control": "mattered" }, this.title, element("div", { class: "plates" }, this.covered.element, this.salient?.element));
    this.asked = null;
  }

  show(network, pixels, label) {
    clearTimeout(this.timer);
    const asked = (this.asked = {}), isWanted = () => this.asked === asked;
    this.title.textContent = `What mattered for ${network.classNames[label]}?`;
    this.covered.show(pixels, network.inputShape, null);
    this.salient?.show(pixels, network.inputShape, null);
    this.timer = setTimeout(async () => {
      const map = await occlusion(network, pixels, label, isWanted);
      if (map && isWanted()) this.covered.show(pixels, network.inputShape, map);
      this.element.dataset.done = String(Boolean(map));
      if (!this.salient || !isWanted()) return;
      const gradients = await this.source.explain(network.id, pixels, "saliency", label).catch(() => null);
      if (!isWanted()) return;
      this.salient.element.hidden = !gradients;
      if (gradients) this.salient.show(pixels, network.inputShape, gradients.map(Math.abs));
    }, PATIENCE);
  }

  stop() {
    clearTimeout(this.timer);
    this.asked = null;
  }
}
