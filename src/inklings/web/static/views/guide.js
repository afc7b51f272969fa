// Guide: the guided tours to choose from.

import { element } from "../parts/element.js";
import { pictureOf } from "../guide/pictures.js";
import { TOURS } from "../guide/tours.js";
import { thingToDraw } from "../parts/naming.js";

export function mount(root, { address, data }) {
  const cards = TOURS.map(({ name, title, about, steps }) => {
    const [{ view, query }] = steps;
    const link = element("a", { href: address.link(view, { ...query, tour: name, step: 1 }), "data-tour": name }, title);
    return element("li", { class: "card tour-choice" }, pictureOf(name), element("h2", {}, link), element("p", {}, about), element("p", { class: "label" }, `${steps.length} steps`));
  });
  root.append(element("div", { class: "room guide" },
    element("header", { class: "stack" }, element("h1", {}, "Six questions, answered by the page itself"),
      element("p", { class: "lead" }, "Each tour takes a few minutes, shows you around and presses the buttons. You can leave it at any time and go on by yourself."),
      // Their words name what is seen there: "the 0", "a 4 from a 9". With other images, the buttons do the same.
      thingToDraw(data?.classNames ?? ["0"]) === "a digit" ? null : element("p", { class: "notice" },
        "The tours speak of handwritten digits. With these images they press the same buttons, but what they tell you to look for may look different.")),
    element("ul", { class: "tours" }, ...cards)));
  return { unmount() {}, commands: {} };
}
