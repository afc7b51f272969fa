// The flow: an image's way through a network, station by station.

import { bars } from "../parts/bars.js";
import { button, element } from "../parts/element.js";
import { ownRange } from "../parts/image.js";
import { asMaps, Mosaic } from "./mosaic.js";
import { stationsOf } from "./stations.js";

/** More stations than this stand in several rows: beside each other their pictures would be too small to see anything in, or off the screen. */
const IN_ONE_ROW = 7;

export class Flow {
  /**
   * @param {object} network
   * @param {(station: number, place: {map: number, row?: number, column?: number}) => void} chosen
   */
  constructor(network, chosen) {
    this.network = network;
    this.stations = stationsOf(network);
    this.parts = this.stations.map((station, number) => (station.isAnswer ? this.#answer(station, number, chosen) : this.#maps(station, number, chosen)));
    this.element = element("ol", { class: `flow${this.stations.length > IN_ONE_ROW ? " long" : ""}`, "aria-label": "The image's way through the network" }, ...this.parts.map(({ element: line }) => line));
  }

  #line(station, ...content) {
    return element("li", { class: `station ${station.kind}` }, element("h3", {}, station.title), ...content, element("p", { class: "label" }, station.words));
  }

  #maps(station, number, chosen) {
    const picture = new Mosaic({ label: station.title, pointed: (place) => chosen(number, place) });
    return {
      element: this.#line(station, picture.element),
      draw: ({ values, shape }) => picture.draw(values, asMaps(shape), number === 0 ? [0, 1] : ownRange(values)),
      mark: (place) => picture.mark(place),
    };
  }

  #answer(station, number, chosen) {
    const { classNames } = this.network, shares = bars(classNames);
    const buttons = classNames.map((name, map) => button(name, () => chosen(number, { map }), { "aria-label": `Why ${name}?`, "aria-pressed": "false" }));
    const questions = element("div", { class: "choices", role: "group", "aria-label": "Why this class?" }, ...buttons);
    return {
      element: this.#line(station, shares.element, element("p", { class: "label" }, "Why, or why not?"), questions),
      draw: (output, answers) => shares.update(answers),
      mark: (place) => buttons.forEach((each, map) => each.setAttribute("aria-pressed", String(place?.map === map))),
    };
  }

  /** @param {object[]} activations - the engine's; null if there is no image */
  show(activations, answers) {
    this.stations.forEach(({ place }, number) => this.parts[number].draw(activations[place], answers));
  }

  /** Where on the page a station stands. */
  lineOf(number) { return this.parts[number].element; }

  mark(chosen, place) {
    this.parts.forEach((part, number) => part.mark(number === chosen ? place : null));
    this.parts.forEach(({ element: line }, number) => line.classList.toggle("chosen", number === chosen));
  }
}
