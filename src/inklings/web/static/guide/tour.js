// A guided tour as it runs: a card with the words, and a frame around what they are about.

import { button, element } from "../parts/element.js";
import { tourCalled } from "./tours.js";

const PATIENCE = 30_000; // milliseconds for a view to show what a step points at

/** Follow the tour that the address names, whichever view is shown. */
export function startTours(context, box) {
  const guide = new Guide(context, box);
  for (const event of ["moved", "popstate", "shown"]) addEventListener(event, () => guide.show());
  guide.show();
}

class Guide {
  constructor(context, box) {
    Object.assign(this, { address: context.address, context, box, key: null, framed: null });
  }

  get tour() { return tourCalled(this.address.get("tour")); }
  get number() { return Math.min(Math.max(Number(this.address.get("step")) || 1, 1), this.tour.steps.length); }

  show() {
    const { tour } = this, key = tour && `${tour.name} ${this.number}`;
    if (key === this.key) return this.#frame();
    this.key = key;
    if (tour) this.#complete(tour.steps[this.number - 1]);
    this.box.hidden = !tour;
    if (!tour) return this.#unframe();
    const step = tour.steps[this.number - 1], last = this.number === tour.steps.length;
    const next = button(last ? "Done" : "Next", () => (last ? this.leave() : this.go(this.number + 1)), { class: "button main" });
    const heading = element("h2", { tabindex: -1 }, step.title);
    this.box.replaceChildren(
      element("div", { class: "tour-card" },
        element("p", { class: "label" }, `${tour.title}: step ${this.number} of ${tour.steps.length}`),
        heading,
        element("p", {}, step.text),
        element("div", { class: "row apart" },
          element("div", { class: "row" }, next, this.number > 1 && button("Back", () => this.go(this.number - 1, { acts: false }), { class: "button quiet" })),
          button("Leave the tour", () => this.leave(), { class: "button quiet" }))));
    if (this.walking) heading.focus({ preventScroll: true });
    return this.#frame();
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
    this.walking = true;
    const kept = { tour: tour.name, step: number };
    if (!step.query && step.view === this.address.view) {
      this.address.set(kept, { push: true });
      dispatchEvent(new CustomEvent("moved"));
    } else {
      const query = typeof step.query === "function" ? await step.query(this.context) : step.query;
      const there = this.#shown(step.view);
      this.address.go(step.view, { ...query, ...kept });
      await there;
    }
    if (acts && step.act) await this.#act(step.act);
    this.box.querySelector("h2")?.focus({ preventScroll: true }); // a view that opens takes it
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
    this.#frame();
  }

  leave() {
    this.address.set({ tour: null, step: null }, { push: true });
    dispatchEvent(new CustomEvent("moved"));
    document.querySelector("main h1")?.focus();
  }

  // What a step points at may not be there yet: views fetch what they show.
  #frame() {
    const step = this.tour?.steps[this.number - 1];
    if (!step || step.view !== this.address.view) return this.#unframe();
    const since = Date.now(), { key } = this;
    const look = () => {
      if (key !== this.key) return;
      const found = document.querySelector(step.look), folded = found?.closest("details:not([open])");
      if (folded) folded.open = true;
      if (found?.getClientRects().length) this.#mark(found, key);
      else if (Date.now() - since < PATIENCE) setTimeout(look, 100);
    };
    return look();
  }

  #mark(found, key) {
    if (this.framed === found && this.framedFor === key) return;
    this.#unframe();
    this.framed = found;
    this.framedFor = key;
    found.classList.add("framed");
    if (found.id !== "main") found.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }

  #unframe() {
    this.framed?.classList.remove("framed");
    this.framed = null;
  }
}
