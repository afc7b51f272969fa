// Mouse, finger and pen on an element, as strokes: one pointer at a time, and a resting palm is no pen.

const PALM_AFTER_PEN = 800;

/**
 * @param {HTMLElement} surface
 * @param {{began: () => void, moved: (points: {x: number, y: number, pressure: number}[]) => void, ended: () => void, dropped: () => void}} told -
 *   points are from 0 to 1 across the surface; `dropped`: what was taken for a finger was the palm beneath a pen
 * @returns {() => void} stops listening
 */
export function followPen(surface, told) {
  return new Pen(surface, told).listen();
}

// Without this, an iPad's handwriting recognition takes quick strokes of its pencil for itself.
const keep = (event) => event.cancelable && event.preventDefault();

class Pen {
  constructor(surface, told) {
    Object.assign(this, { surface, told, active: null, box: null, penSeen: -Infinity });
  }

  listen() {
    const { surface } = this, up = (event) => this.#up(event), scrolled = () => this.active && this.#measure();
    const heard = [
      ["pointerdown", (event) => this.#down(event)], ["pointermove", (event) => this.#move(event)],
      ["pointerup", up], ["pointercancel", up], ["lostpointercapture", up], ["touchmove", keep], ["contextmenu", keep], ["dragstart", keep],
    ];
    for (const [name, listener] of heard) surface.addEventListener(name, listener, { passive: false });
    addEventListener("scroll", scrolled, { passive: true, capture: true });
    addEventListener("resize", scrolled);
    return () => {
      for (const [name, listener] of heard) surface.removeEventListener(name, listener);
      removeEventListener("scroll", scrolled, { capture: true });
      removeEventListener("resize", scrolled);
    };
  }

  // Measured once a stroke: to ask for it at every move would lay out the page again and again. A page can be scrolled meanwhile by a wheel.
  #measure() { this.box = this.surface.getBoundingClientRect(); }

  #pointOf({ clientX, clientY, pointerType, pressure }) {
    const { left, top, width, height } = this.box;
    // Mice say 0.5, many fingers 0 or 1: only a pen's pressure means something.
    return { x: (clientX - left) / width, y: (clientY - top) / height, pressure: pointerType === "pen" && pressure > 0 ? pressure : 0.5 };
  }

  #down(event) {
    if (event.button !== 0 || (event.pointerType === "touch" && event.timeStamp - this.penSeen < PALM_AFTER_PEN)) return;
    if (this.active) {
      if (event.pointerType !== "pen" || this.active.pointerType !== "touch") return;
      this.told.dropped();
    }
    this.active = { pointerId: event.pointerId, pointerType: event.pointerType };
    this.#measure();
    // A synthetic event has no pointer that could be captured.
    try { this.surface.setPointerCapture(event.pointerId); } catch { /* goes on without */ }
    this.told.began();
    this.told.moved([this.#pointOf(event)]);
  }

  #move(event) {
    if (event.pointerType === "pen") this.penSeen = event.timeStamp;
    if (event.pointerId !== this.active?.pointerId) return;
    const all = event.getCoalescedEvents?.() ?? [];
    this.told.moved((all.length ? all : [event]).map((each) => this.#pointOf(each)));
  }

  #up(event) {
    if (event.pointerId !== this.active?.pointerId) return;
    this.active = null;
    this.told.ended();
  }
}
