// A guided tour as it runs: a card with the words, and a frame around what they are about.

import { button, element } from "../parts/element.js";
import { Frame } from "./frame.js";
import { tourCalled } from "./tours.js";

/** Follow the tour that the address names, whichever view is shown. */
export function startTours(context, box) {
  const guide = new Guide(context, box);
  for (const event of ["moved", "popstate"]) addEventListener(event, () => guide.show());
  addEventListener("shown", () => guide.arrive());
  document.addEventListener("keydown", (event) => guide.typed(event));
  guide.show();
}

class Guide {
  constructor(context, box) {
    Object.assign(this, { address: context.address, context, box, key: null, frame: new Frame(box) });
  }

  get tour() { return tourCalled(this.address.get("tour")); }
  get number() { return Math.min(Math.max(Number(this.address.get("step")) || 1, 1), this.tour.steps.length); }
  get step() { return this.tour?.steps[this.number - 1]; }

  show() {
    const { tour, step } = this, key = tour && `${tour.name} ${this.number}`, isNew = key !== this.key;
    this.key = key;
    this.box.hidden = !tour;
    if (isNew) this.frame.clear();
    if (tour && isNew) {
      this.#complete(step);
      this.#fill(tour, step);
      this.#focus();
    }
    if (step?.view !== this.address.view) this.frame.clear();
    else this.frame.show(step.look);
  }

  /** A view has opened, and taken the keyboard's focus: a tour goes on from its card. */
  arrive() {
    this.show();
    if (this.step?.view === this.address.view) this.#focus();
  }

  #focus() { this.box.querySelector("h2")?.focus({ preventScroll: true }); }

  #fill(tour, step) {
    const { number } = this, last = number === tour.steps.length;
    this.next = button(last ? "Done" : "Next", () => (last ? this.leave() : this.go(number + 1)), { class: "button main" });
    this.box.replaceChildren(
      element("div", { class: "tour-card" },
        element("div", { class: "tour-step" },
          element("p", { class: "label" }, `${tour.title} · step ${number} of ${tour.steps.length}`),
          button("Show me", () => this.frame.enter(), { class: "button quiet small", title: "Go to what this step is about; Escape leads back here" })),
        element("h2", { tabindex: -1 }, step.title),
        element("p", {}, step.text),
        element("div", { class: "row apart" },
          element("div", { class: "row" }, this.next, number > 1 && button("Back", () => this.go(number - 1, { acts: false }), { class: "button quiet" })),
          button("Leave the tour", () => this.leave(), { class: "button quiet" }))));
  }

  // The address of a tour alone, as somebody has written it down, begins as a step begins.
  #complete({ view, query }) {
    if (!query || typeof query === "function" || view !== this.address.view) return;
    if (Object.keys(query).some((name) => this.address.get(name) !== null)) return;
    this.address.set(query);
    dispatchEvent(new CustomEvent("moved"));
  }

  /** Go to a step: to its view, with what the address says there; then the tour does what the step does. */
  async go(number, { acts = true } = {}) {
    const { tour } = this, step = tour.steps[number - 1];
    const kept = { tour: tour.name, step: number };
    if (!step.query && step.view === this.address.view) {
      this.address.set(kept, { push: true });
      dispatchEvent(new CustomEvent("moved"));
    } else {
      const query = await this.#queryOf(step);
      const there = this.#shown(step.view);
      this.address.go(step.view, { ...query, ...kept });
      await there;
    }
    if (acts && step.act) await this.#act(step.act);
  }

  // It may take a moment to find, as where a network has to be trained first.
  async #queryOf({ query }) {
    if (typeof query !== "function") return query;
    this.next.textContent = "One moment ...";
    this.next.setAttribute("aria-disabled", "true");
    return query(this.context);
  }

  #shown(view) {
    if (this.context.shown()?.name === view) return null;
    return new Promise((resolve) => {
      const arrived = (event) => {
        if (event.detail.name !== view) return;
        removeEventListener("shown", arrived);
        resolve();
      };
      addEventListener("shown", arrived);
    });
  }

  async #act(act) {
    const commands = this.context.shown()?.commands;
    if (commands) await act(commands);
    this.show();
  }

  /** Escape leads from the page back to the card, and from the card out of the tour. */
  typed(event) {
    if (event.key !== "Escape" || event.defaultPrevented || !this.tour) return;
    const { activeElement } = document;
    if (activeElement?.closest("main") && !activeElement.matches("main, h1")) this.#focus();
    else this.leave();
  }

  leave() {
    this.address.set({ tour: null, step: null }, { push: true });
    dispatchEvent(new CustomEvent("moved"));
    document.querySelector("main h1")?.focus();
  }
}
