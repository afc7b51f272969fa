// Curves over the course of a training: drawn in SVG, so that they are sharp on any screen and on paper, read where the
// pointer or the arrow keys are, and zoomed by dragging.

import { button, element } from "./element.js";
import { extent, finite, nearest, ticks } from "./scales.js";
import { svg } from "./svg.js";

const ROOM = { left: 58, right: 14, top: 34, bottom: 42 };

/**
 * @typedef {object} Line
 * @property {string} title
 * @property {string} part - "training" or "validation", which is dashed
 * @property {number[]} x
 * @property {(number|null)[]} y
 * @property {string} colour
 * @property {boolean} [faint] - one of several repeats, behind their mean
 * @property {(number|null)[]} [deviation] - of a mean: a band on either side
 */

/**
 * A plot of curves. `draw(lines, axis, measure)` shows them: `axis` is `{title, at: (value) => string, whole, end}`, of which
 * `end` is how far it goes at least; `measure` is `{title, write: (value) => string, tick, logarithmic, low, high}`, `tick`
 * being how the grid's values are written where not as others.
 *
 * @param {{label: string, id?: string, reading?: HTMLElement, tallest?: number}} options - `reading` is where values are
 *   written; `tallest` the most pixels of its height
 * @returns {Curves}
 */
export const curves = (options) => new Curves(options);

class Curves {
  constructor({ label, id, reading = element("p", { class: "caption", "aria-live": "polite" }), tallest = 440 }) {
    Object.assign(this, { reading, tallest, lines: [], axis: { title: "" }, measure: { title: "", write: String } });
    Object.assign(this, { size: { width: 640, height: 320 }, scale: null, zoom: null, cursor: null, dragged: null, resting: reading.textContent });
    this.plot = svg("svg", { class: "plot", id, role: "img", "aria-label": label, tabindex: 0 });
    this.whole = button("Show all", () => this.zoomTo(null), { class: "button small", hidden: true });
    const closer = button("+", () => this.zoomBy(0.5), { class: "button small", "aria-label": "Zoom in" });
    this.element = element("div", { class: "curves" }, this.plot, element("div", { class: "zoom on-screen" }, this.whole, closer), reading);
    this.#listen();
    this.watching = new ResizeObserver(() => this.fit());
    this.watching.observe(this.element);
  }

  #listen() {
    const listeners = {
      pointermove: (event) => this.moved(event),
      pointerdown: (event) => this.pressed(event),
      pointerup: () => this.released(),
      pointercancel: () => { this.dragged = null; this.redraw(); },
      pointerleave: () => this.left(),
      dblclick: () => this.zoomTo(null),
      keydown: (event) => this.typed(event),
    };
    for (const [name, listener] of Object.entries(listeners)) this.plot.addEventListener(name, listener);
  }

  draw(lines, axis, measure) {
    // What is zoomed into stays while a training goes on; another axis is another stretch.
    if (axis.title !== this.axis.title) this.zoom = this.cursor = null;
    Object.assign(this, { lines, axis, measure });
    this.redraw();
  }

  redraw() {
    const { lines, axis, measure, size } = this;
    this.scale = scalesOf(lines, measure, axis.end ?? 0, this.zoom, size);
    this.plot.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
    this.plot.replaceChildren(...grid(this.scale, axis, measure, size), ...bands(lines, this.scale), ...strokes(lines, this.scale));
    if (this.cursor !== null) this.showCursor();
  }

  fit() {
    // In the page's own unit, as the letters are: on a large screen, where all the rest grows, the plot's words do too.
    const unit = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    const width = Math.max(260, Math.round(this.element.clientWidth / unit));
    const height = Math.round(Math.max(220, Math.min(this.tallest, 0.5 * width)));
    if (width === this.size.width && height === this.size.height) return;
    this.size = { width, height };
    this.redraw();
  }

  showCursor() {
    this.plot.querySelectorAll(".cursor").forEach((line) => line.remove());
    const x = this.scale.x(this.cursor);
    this.plot.append(svg("line", { class: "cursor", x1: x, x2: x, y1: ROOM.top, y2: this.size.height - ROOM.bottom }));
    this.reading.textContent = read(this.lines, this.cursor, this.axis, this.measure);
  }

  point(place) {
    this.cursor = Math.min(Math.max(this.axis.whole ? Math.round(place) : place, this.scale.from), this.scale.to);
    this.showCursor();
  }

  at(event) {
    const area = this.plot.getBoundingClientRect();
    return this.scale.back((event.clientX - area.left) / area.width * this.size.width);
  }

  zoomTo(range) {
    this.zoom = range && range[1] - range[0] > this.scale.end / 200 ? range : null;
    this.whole.hidden = !this.zoom;
    this.redraw();
  }

  zoomBy(factor) {
    const { from, to, end } = this.scale;
    const half = (to - from) * factor / 2, start = Math.max(0, Math.min((this.cursor ?? to) - half, end - 2 * half));
    this.zoomTo(factor >= 1 && 2 * half >= end ? null : [start, Math.min(start + 2 * half, end)]);
  }

  typed(event) {
    const { from, to } = this.scale, stretch = (to - from) / 60;
    const step = this.axis.whole ? Math.max(1, Math.round(stretch)) : stretch;
    if (event.key === "ArrowRight") this.point((this.cursor ?? from) + step);
    else if (event.key === "ArrowLeft") this.point((this.cursor ?? to) - step);
    else if (event.key === "+") this.zoomBy(0.5);
    else if (event.key === "-") this.zoomBy(2);
    else if (event.key === "Escape" && this.zoom) this.zoomTo(null);
    else return;
    event.preventDefault();
  }

  pressed(event) {
    // A finger that moves sideways reads; only a mouse or a pen drags a stretch to zoom into.
    if (event.pointerType === "touch") return;
    this.point(this.at(event));
    this.dragged = this.cursor;
    this.plot.setPointerCapture(event.pointerId);
  }

  moved(event) {
    this.point(this.at(event));
    if (this.dragged === null) return;
    this.plot.querySelectorAll(".chosen").forEach((part) => part.remove());
    const [from, to] = [this.scale.x(this.dragged), this.scale.x(this.cursor)].sort((one, other) => one - other);
    this.plot.append(svg("rect", { class: "chosen", x: from, y: ROOM.top, width: to - from, height: this.size.height - ROOM.top - ROOM.bottom }));
  }

  released() {
    if (this.dragged === null) return;
    const range = [this.dragged, this.cursor].sort((one, other) => one - other);
    this.dragged = null;
    this.plot.querySelectorAll(".chosen").forEach((part) => part.remove());
    if (this.scale.x(range[1]) - this.scale.x(range[0]) > 8) this.zoomTo(range);
  }

  left() {
    if (this.dragged !== null) return;
    this.cursor = null;
    this.reading.textContent = this.resting;
    this.redraw();
  }

  /** Say something where values are read, while none are. */
  say(words) {
    this.resting = words;
    if (this.cursor === null && this.reading.textContent !== words) this.reading.textContent = words;
  }

  stop() {
    this.watching.disconnect();
  }
}

function scalesOf(lines, { logarithmic = false, low: least, high: most }, furthest, zoom, size) {
  const [from, limit] = zoom || [0, Infinity];
  let { low, high, end } = extent(lines, { from, to: limit, logarithmic });
  if (!(low < high)) [low, high] = finite(low) && low === high ? [low * 0.9, most ?? (high * 1.1 || 1)] : [logarithmic ? 0.1 : 0, 1];
  if (least !== undefined && !logarithmic) low = Math.min(low, least);
  if (most !== undefined) high = Math.max(high, most);
  const to = zoom ? limit : Math.max(end, furthest), form = logarithmic ? Math.log10 : (value) => value;
  const bottom = form(low), span = form(high) - bottom || 1;
  const width = size.width - ROOM.left - ROOM.right, height = size.height - ROOM.top - ROOM.bottom;
  return {
    low, high, from, to, end: Math.max(end, furthest), logarithmic,
    x: (place) => ROOM.left + (place - from) / (to - from) * width,
    y: (value) => ROOM.top + (1 - (form(Math.min(Math.max(value, low), high)) - bottom) / span) * height,
    back: (pixels) => from + (pixels - ROOM.left) / width * (to - from),
  };
}

function grid(scale, axis, measure, size) {
  const found = [];
  for (const value of ticks(scale.low, scale.high, scale.logarithmic)) {
    const y = scale.y(value);
    found.push(svg("line", { class: "grid", x1: ROOM.left, x2: size.width - ROOM.right, y1: y, y2: y }));
    found.push(svg("text", { x: ROOM.left - 8, y: y + 4, "text-anchor": "end" }, (measure.tick ?? measure.write)(value)));
  }
  let last = -Infinity;
  for (const value of ticks(scale.from, scale.to, false)) {
    if (axis.whole && value !== Math.round(value)) continue;
    const words = Number(value.toPrecision(6)).toLocaleString("en"), at = scale.x(value);
    if (at - last < 8 * words.length + 10) continue; // no room beside the one before
    last = at;
    // The last one stands at the plot's edge, beyond which half of it would be cut off.
    const isAtEdge = at + 4 * words.length > size.width;
    found.push(svg("text", { x: isAtEdge ? size.width : at, y: size.height - 22, "text-anchor": isAtEdge ? "end" : "middle" }, words));
  }
  const middle = (ROOM.left + size.width) / 2;
  found.push(svg("text", { x: middle, y: size.height - 4, "text-anchor": "middle" }, axis.title));
  found.push(svg("text", { class: "measure", x: 4, y: 16 }, measure.title));
  return found;
}

const inside = (scale) => ([place]) => place >= scale.from && place <= scale.to;

function bands(lines, scale) {
  return lines.filter((line) => line.deviation).map(({ x, y, deviation, colour }) => {
    const rows = x.map((place, row) => [place, y[row], deviation[row]]).filter(([, value, width]) => finite(value) && finite(width)).filter(inside(scale));
    const corner = (place, value) => `${scale.x(place).toFixed(1)},${scale.y(value).toFixed(1)}`;
    const above = rows.map(([place, value, width]) => corner(place, value + width));
    const below = rows.map(([place, value, width]) => corner(place, value - width)).reverse();
    return svg("path", { class: "band", d: rows.length ? `M${above.concat(below).join("L")}Z` : "", fill: colour });
  });
}

// The means last, so that no repeat covers them.
function strokes(lines, scale) {
  const ordered = [...lines].sort((one, other) => Boolean(other.faint) - Boolean(one.faint));
  return ordered.flatMap(({ part, x, y, faint, colour }) => {
    const points = x.map((place, row) => [place, y[row]]).filter(([, value]) => finite(value)).filter(inside(scale));
    if (!points.length) return [];
    const d = `M${points.map(([place, value]) => `${scale.x(place).toFixed(1)},${scale.y(value).toFixed(1)}`).join("L")}`;
    // A single point is a line without length, which only round ends show.
    return [svg("path", { class: faint ? "run" : "line", "data-part": part, d: points.length > 1 ? d : `${d}h0.01`, stroke: colour })];
  });
}

function read(lines, place, axis, measure) {
  const values = new Map();
  for (const line of lines.filter(({ faint }) => !faint)) {
    if (!values.has(line.title)) values.set(line.title, {});
    const row = nearest(line.x, place);
    // Beyond a curve's end there is nothing to read.
    if (!line.x.length || place > line.x[line.x.length - 1] || !finite(line.y[row])) continue;
    values.get(line.title)[line.part] = measure.write(line.y[row]) + (line.deviation ? ` ± ${measure.write(line.deviation[row])}` : "");
  }
  const words = [...values].filter(([, found]) => Object.keys(found).length)
    .map(([title, found]) => `${title} ${found.training || "-"} / ${found.validation || "-"}`);
  return `${axis.at(place)}, training / validation: ${words.join("; ")}`;
}
