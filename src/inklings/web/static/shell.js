// The frame around the views: which one is shown, how one gets to another, and what a screen reader is told of it.

import { goTo } from "./address.js";
import { element, button } from "./parts/element.js";

/**
 * Show the view that the address names, and others as links are followed.
 *
 * @param {object} page
 * @param {HTMLElement} page.main - where a view stands
 * @param {HTMLElement} page.rooms - the list of links to the views
 * @param {{name: string, title: string, load: () => Promise<{mount: Function}>, needsModels?: boolean}[]} page.views
 * @param {object} page.context - what every view is given, the address among it
 * @param {() => Promise<void>} [page.ready] - resolves once models can be used
 */
export function startShell(page) {
  return new Shell(page).start();
}

class Shell {
  constructor({ main, rooms, views, context, ready = async () => {} }) {
    Object.assign(this, { main, views, context, ready, address: context.address, shown: null, opened: 0 });
    this.links = linkTo(views, rooms, this.address);
  }

  start() {
    followLinks(this.address, this.views);
    addEventListener("moved", () => this.show());
    addEventListener("popstate", ({ state }) => this.show({ scroll: state?.scroll ?? 0 }));
    // A browser would scroll before the view that it goes back to stands there again.
    history.scrollRestoration = "manual";
    this.context.shown = () => this.shown;
    return this.show({ first: true });
  }

  /** Show what the address names: another view, or another state of the one that is shown. */
  show({ first = false, scroll = 0 } = {}) {
    const name = this.address.view, number = this.opened += 1, view = this.views.find((each) => each.name === name);
    markLinks(this.links, name, this.address);
    if (this.shown?.name === name && this.shown.changed) return this.#refresh(number);
    this.#leave();
    if (!view) return complain(this.main, `There is no room called ${name} here.`);
    document.title = `${view.title} - Inklings`;
    this.main.dataset.view = name;
    return this.#open(view, number, first ? null : scroll);
  }

  async #open(view, number, scroll) {
    const waiting = element("p", { class: "room caption", role: "status" }, "One moment ...");
    // A place of its own for each: a view that is ready after someone has gone on stands in none that is seen.
    const place = element("div", { class: "place" }, waiting);
    this.main.replaceChildren(place);
    try {
      const [module] = await Promise.all([view.load(), view.needsModels ? this.ready() : null]);
      if (number !== this.opened) return; // someone has gone on
      const mounted = { name: view.name, ...(await module.mount(place, this.context)) };
      if (number !== this.opened) return void mounted.unmount?.();
      this.shown = mounted;
      waiting.remove();
    } catch (problem) {
      return this.#fail(problem, number);
    }
    hide(this.main, this.address);
    if (scroll !== null) arrive(this.main, scroll);
    dispatchEvent(new CustomEvent("shown", { detail: this.shown }));
  }

  // A view that cannot follow its address says so; unheard, it would go on showing what the address no longer says.
  async #refresh(number) {
    try {
      await this.shown.changed();
    } catch (problem) {
      this.#fail(problem, number);
    }
  }

  #fail(problem, number) {
    console.warn(problem);
    if (number !== this.opened) return;
    this.#leave();
    complain(this.main, problem.message || String(problem), () => this.show());
  }

  #leave() {
    this.shown?.unmount?.();
    this.shown = null;
  }
}

function linkTo(views, rooms, address) {
  return views.map((view) => {
    const link = element("a", { href: address.link(view.name), "data-view": view.name }, view.title);
    rooms.append(element("li", {}, link));
    return link;
  });
}

// A lesson's address hides in all views, so the links carry it on.
function markLinks(links, name, address) {
  for (const link of links) {
    link.href = address.link(link.dataset.view);
    if (link.dataset.view === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function followLinks(address, views) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || !isOwn(link, event, address, views)) return;
    event.preventDefault();
    goTo(link.href);
    dispatchEvent(new CustomEvent("moved"));
  });
}

// A link to a view of this page; with a key held down or to another tab, the browser opens it as it does any.
function isOwn(link, event, address, views) {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return false;
  if (link.target || link.hasAttribute("download")) return false;
  const target = new URL(link.href);
  if (address.inHash) return link.getAttribute("href").startsWith("#/");
  return target.origin === location.origin && views.some((view) => target.pathname === `/${view.name}`);
}

// The heading of what has been opened is where a keyboard and a screen reader go on.
function arrive(main, scroll) {
  window.scrollTo(0, scroll);
  const heading = main.querySelector("h1");
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

/** Hide the controls that the address names, as ?hide=rate,noise. */
export function hide(root, address) {
  for (const control of root.querySelectorAll("[data-control]")) {
    if (address.hides(control.dataset.control)) control.hidden = true;
  }
}

function complain(main, words, again = null) {
  main.replaceChildren(element("div", { class: "room" },
    element("h1", {}, "That did not work"),
    element("p", { class: "error", role: "alert" }, words),
    again && element("p", {}, button("Try again", again))));
}
