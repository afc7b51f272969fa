// Mouse, finger and pen on an element, as strokes: one pointer at a time, and a resting palm is no pen.

const PALM_AFTER_PEN = 800;

/**
 * @param {HTMLElement} surface
 * @param {{began: () => void, moved: (points: {x: number, y: number, pressure: number}[]) => void, ended: () => void, dropped: () => void}} told -
 *   points are from 0 to 1 across the surface; `dropped`: what was taken for a finger was the palm beneath a pen
 * @returns {() => void} stops listening
 */
export function followPen(surface, told) {
  let active = null, box = null, penSeen = -Infinity;

  // Measured once a stroke: to ask for it at every move would lay out the page again and again. A page can be scrolled meanwhile by a wheel.
  const measure = () => (box = surface.getBoundingClientRect());
  const pointOf = (event) => ({
    x: (event.clientX - box.left) / box.width,
    y: (event.clientY - box.top) / box.height,
    // Mice say 0.5, many fingers 0 or 1: only a pen's pressure means something.
    pressure: event.pointerType === "pen" && event.pressure > 0 ? event.pressure : 0.5,
  });

  function down(event) {
    if (event.button !== 0 || (event.pointerType === "touch" && event.timeStamp - penSeen < PALM_AFTER_PEN)) return;
    if (active) {
      if (event.pointerType !== "pen" || active.pointerType !== "touch") return;
      told.dropped();
    }
    active = { pointerId: event.pointerId, pointerType: event.pointerType };
    measure();
    // A synthetic event has no pointer that could be captured.
    try { surface.setPointerCapture(event.pointerId); } catch { /* goes on without */ }
    told.began();
    told.moved([pointOf(event)]);
  }

  function move(event) {
    if (event.pointerType === "pen") penSeen = event.timeStamp;
    if (event.pointerId !== active?.pointerId) return;
    const all = event.getCoalescedEvents?.() ?? [];
    told.moved((all.length ? all : [event]).map(pointOf));
  }

  function up(event) {
    if (event.pointerId !== active?.pointerId) return;
    active = null;
    told.ended();
  }

  // Without this, an iPad's handwriting recognition takes quick strokes of its pencil for itself.
  const keep = (event) => event.cancelable && event.preventDefault();
  const scrolled = () => active && measure();
  const heard = [
    ["pointerdown", down], ["pointermove", move], ["pointerup", up], ["pointercancel", up], ["lostpointercapture", up],
    ["touchmove", keep], ["contextmenu", keep], ["dragstart", keep],
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
