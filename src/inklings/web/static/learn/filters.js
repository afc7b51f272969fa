// What the first layer looks for: its weights as pictures, as they form.

import { element } from "../parts/element.js";
import { image } from "../parts/image.js";

/** How many stand in a row, so that the last one is full. */
const columnsOf = (count) => [5, 4, 3].find((columns) => count <= 12 && count % columns === 0) ?? Math.min(count, 8);

/** @returns {{element: HTMLElement, show: (filters: {shape: number[], values: number[]}|null) => void}} */
export function filterStrip() {
  const plates = element("div", { class: "plates filters" });
  const caption = element("p", { class: "caption" });
  const box = element("div", { class: "stack" }, element("h2", { class: "setting-title" }, "What the first layer looks for"), plates, caption);
  let made = [];

  function show(filters) {
    box.parentElement?.toggleAttribute("hidden", !filters);
    if (!filters) return;
    const [count, height, width, channels = 1] = filters.shape, size = height * width * channels;
    if (made.length !== count) {
      made = Array.from({ length: count }, (_, number) => image(`Weights of ${number + 1}`, { side: "100%" }));
      plates.style.setProperty("--columns", columnsOf(count));
      plates.replaceChildren(...made.map((each) => each.element));
      caption.textContent = width > 10
        ? "Each picture is the weights of one unit: red where ink speaks for it, blue where ink speaks against it."
        : "Each picture is one filter, a small window that slides over the image: red where it looks for ink, blue where it looks for none.";
    }
    // Bytes whose middle, 128, is no weight at all.
    made.forEach((each, number) => each.draw(filters.values.slice(number * size, (number + 1) * size).map((value) => (value - 128) / 127), [height, width, channels], { range: [-1, 1], channel: channels === 3 ? undefined : 0 }));
  }

  return { element: box, show };
}
