// What the page shows stands in its address: the view as the path, its state as the query.
//
// A page from the disk has no paths of its own: there both stand behind the #, as in page.html#/learn?rate=0.01.

const KEPT = ["hide", "tour", "step"]; // these hold for all views

/** Go to an address as a link does, and remember how far this view is scrolled, for whoever comes back to it. */
export function goTo(text) {
  history.replaceState({ ...history.state, scroll: scrollY }, "");
  history.pushState(null, "", text);
}

export class Address {
  /** @param {{inHash?: boolean, first?: string}} options - `first` is the view that an address without one stands for */
  constructor({ inHash = false, first = "draw" } = {}) {
    this.inHash = inHash;
    this.first = first;
  }

  /** The name of the view: the first part of the path. */
  get view() {
    const path = this.inHash ? location.hash.slice(1).split("?")[0] : location.pathname;
    return path.split("/").filter(Boolean)[0] || this.first;
  }

  get query() {
    return new URLSearchParams(this.inHash ? location.hash.split("?")[1] || "" : location.search);
  }

  get(name) {
    return this.query.get(name);
  }

  /** Whether a teacher's address hides a control: ?hide=rate,noise. */
  hides(name) {
    return (this.get("hide") || "").split(",").includes(name);
  }

  /** Change parts of the query, null to leave one out; `push` makes a step that the back button takes back. */
  set(changes, { push = false } = {}) {
    const query = this.query;
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === undefined || value === "") query.delete(name);
      else query.set(name, value);
    }
    this.#write(this.view, query, push);
  }

  /** The address of a view with a query; what holds for all views is kept. */
  link(view, changes = {}) {
    const query = new URLSearchParams();
    for (const name of KEPT) if (this.get(name) !== null) query.set(name, this.get(name));
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === undefined || value === "") query.delete(name);
      else query.set(name, value);
    }
    return this.#text(view, query);
  }

  /** Go to a view, as a link does. */
  go(view, changes = {}) {
    goTo(this.link(view, changes));
    dispatchEvent(new CustomEvent("moved"));
  }

  #write(view, query, push) {
    const text = this.#text(view, query);
    if (push) goTo(text);
    else history.replaceState(history.state, "", text);
  }

  #text(view, query) {
    // Commas are safe in a query, and addresses are read and written by people.
    const words = query.toString().replaceAll("%2C", ",");
    return `${this.inHash ? "#" : ""}/${view}${words ? `?${words}` : ""}`;
  }
}
