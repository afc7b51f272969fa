// The frame around what a step of a tour is about: it waits for it, brings it above the tour's card, and keeps it there while the page settles.

const PATIENCE = 30_000; // milliseconds for a view to show what a step points at
const BETWEEN_LOOKS = 100; // milliseconds
const MARGIN = 16; // pixels between the frame and what is around it
const CAN_BE_FOCUSED = "a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), [tabindex='0']";

export class Frame {
  /** @param {HTMLElement} box - what the framed part must not lie under: the card stands in it */
  constructor(box) {
    Object.assign(this, { box, framed: null, wanted: null, isFollowed: false });
    // A view goes on growing after it is shown; a page that somebody scrolls is theirs.
    new ResizeObserver(() => { if (this.isFollowed) this.bring(); }).observe(document.body);
    const moved = () => { this.isFollowed = false; };
    for (const name of ["wheel", "touchmove", "pointerdown", "keydown"]) addEventListener(name, moved, { passive: true, capture: true });
  }

  /** Frame what a selector finds, as soon as it is there and seen: views fetch what they show. */
  show(selector) {
    const asked = (this.wanted = {}), since = Date.now();
    const look = () => {
      if (asked !== this.wanted) return;
      const found = document.querySelector(selector), folded = found?.closest("details:not([open])");
      if (folded) folded.open = true;
      if (found?.getClientRects().length) this.#lay(found);
      else if (Date.now() - since < PATIENCE) setTimeout(look, BETWEEN_LOOKS);
    };
    look();
  }

  #lay(found) {
    if (this.framed === found) return;
    this.#lift();
    this.framed = found;
    found.classList.add("framed");
    this.isFollowed = true;
    this.bring();
  }

  clear() {
    this.wanted = null;
    this.#lift();
  }

  #lift() {
    this.framed?.classList.remove("framed");
    this.framed = null;
  }

  /** Scroll so that the framed part stands in the middle of the room above the card, or begins there if it is higher. */
  bring() {
    const { framed, box } = this;
    if (!framed?.isConnected) return;
    const room = innerHeight - (box.firstElementChild?.offsetHeight ?? 0) - MARGIN, { top, bottom, height } = framed.getBoundingClientRect();
    const fits = height + 2 * MARGIN <= room, wanted = fits ? (room - height) / 2 : MARGIN;
    const isThere = fits ? top >= MARGIN && bottom <= room - MARGIN : Math.abs(top - MARGIN) < 1;
    if (!isThere) scrollBy({ top: top - wanted, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }

  /** Go there with the keyboard too: to the first thing in it that can be used. */
  enter() {
    const { framed } = this;
    if (!framed) return;
    const [first = framed] = framed.matches(CAN_BE_FOCUSED) ? [framed] : framed.querySelectorAll(CAN_BE_FOCUSED);
    if (first === framed) framed.tabIndex = -1;
    first.focus({ preventScroll: true });
    this.isFollowed = true;
    this.bring();
  }
}
