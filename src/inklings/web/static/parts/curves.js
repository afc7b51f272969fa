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
 * A plot of curves.
 *
 * @param {{label: string, id?: string, reading?: HTMLElement, low?: number, tallest?: number}} options - `reading` is where values are
 *   written; `tallest` the most pixels of its height
 * @returns {{element: HTMLElement, draw: (lines: Line[], axis: object, measure: object) => void, stop: () => void}} `axis` is
 *   `{title, at: (value) => string, whole, end}`, of which `end` is how far it goes at least, `measure` `{title, write: (value) => string, tick, logarithmic, low, high}`, `tick` being
 *   how the grid's values are written where not as others.
 */
export function curves({ label, id, reading = element("p", { class: "caption", "aria-live": "polite" }), tallest = 440 }) {
  const plot = svg("svg", { class: "plot", id, role: "img", "aria-label": label, tabindex: 0 });
  const closer = button("+", () => zoomBy(0.5), { class: "button small", "aria-label": "Zoom in" });
  const whole = button("Show all", () => zoomTo(null), { class: "button small", hidden: true });
  const box = element("div", { class: "curves" }, plot, element("div", { class: "zoom on-screen" }, whole, closer), reading);
  const size = { width: 640, height: 320 };
  let lines = [], axis = { title: "" }, measure = { title: "", write: String };
  let scale = null, zoom = null, cursor = null, dragged = null, restored = reading.textContent;

  function draw(newLines, newAxis, newMeasure) {
    // What is zoomed into stays while a training goes on; another axis is another stretch.
    if (newAxis.title !== axis.title) zoom = cursor = null;
    [lines, axis, measure] = [newLines, newAxis, newMeasure];
    redraw();
  }

  function redraw() {
    scale = scalesOf(lines, measure, axis.end ?? 0, zoom, size);
    plot.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
    plot.replaceChildren(...grid(scale, axis, measure, size), ...bands(lines, scale), ...strokes(lines, scale));
    if (cursor !== null) showCursor();
  }

  function fit() {
    const width = Math.max(260, Math.round(box.clientWidth));
    const height = Math.round(Math.max(220, Math.min(tallest, 0.5 * width)));
    if (width === size.width && height === size.height) return;
    Object.assign(size, { width, height });
    redraw();
  }

  function at(event) {
    const area = plot.getBoundingClientRect();
    return scale.back((event.clientX - area.left) / area.width * size.width);
  }

  function showCursor() {
    plot.querySelectorAll(".cursor").forEach((line) => line.remove());
    const x = scale.x(cursor);
    plot.append(svg("line", { class: "cursor", x1: x, x2: x, y1: ROOM.top, y2: size.height - ROOM.bottom }));
    reading.textContent = read(lines, cursor, axis, measure);
  }

  function point(place) {
    cursor = Math.min(Math.max(axis.whole ? Math.round(place) : place, scale.from), scale.to);
    showCursor();
  }

  function zoomTo(range) {
    zoom = range && range[1] - range[0] > scale.end / 200 ? range : null;
    whole.hidden = !zoom;
    redraw();
  }

  function zoomBy(factor) {
    const centre = cursor ?? scale.to, half = (scale.to - scale.from) * factor / 2;
    const from = Math.max(0, Math.min(centre - half, scale.end - 2 * half));
    zoomTo(factor >= 1 && 2 * half >= scale.end ? null : [from, Math.min(from + 2 * half, scale.end)]);
  }

  function pressed(event) {
    const step = axis.whole ? Math.max(1, Math.round((scale.to - scale.from) / 60)) : (scale.to - scale.from) / 60;
    if (event.key === "ArrowRight") point((cursor ?? scale.from) + step);
    else if (event.key === "ArrowLeft") point((cursor ?? scale.to) - step);
    else if (event.key === "+") zoomBy(0.5);
    else if (event.key === "-") zoomBy(2);
    else if (event.key === "Escape") zoomTo(null);
    else return;
    event.preventDefault();
  }

  function moved(event) {
    point(at(event));
    if (dragged === null) return;
    plot.querySelectorAll(".chosen").forEach((part) => part.remove());
    const [from, to] = [scale.x(dragged), scale.x(cursor)].sort((one, other) => one - other);
    plot.append(svg("rect", { class: "chosen", x: from, y: ROOM.top, width: to - from, height: size.height - ROOM.top - ROOM.bottom }));
  }

  function released() {
    if (dragged === null) return;
    const range = [dragged, cursor].sort((one, other) => one - other);
    dragged = null;
    plot.querySelectorAll(".chosen").forEach((part) => part.remove());
    if (scale.x(range[1]) - scale.x(range[0]) > 8) zoomTo(range);
  }

  plot.addEventListener("pointermove", moved);
  // A finger that moves sideways reads; only a mouse or a pen drags a stretch to zoom into.
  plot.addEventListener("pointerdown", (event) => { if (event.pointerType !== "touch") { point(at(event)); dragged = cursor; plot.setPointerCapture(event.pointerId); } });
  plot.addEventListener("pointerup", released);
  plot.addEventListener("pointercancel", () => { dragged = null; redraw(); });
  plot.addEventListener("pointerleave", () => { if (dragged !== null) return; cursor = null; reading.textContent = restored; redraw(); });
  plot.addEventListener("dblclick", () => zoomTo(null));
  plot.addEventListener("keydown", pressed);
  const watching = new ResizeObserver(fit);
  watching.observe(box);
  return { element: box, draw, plot, stop: () => watching.disconnect(), say: (words) => { restored = words; if (cursor === null) reading.textContent = words; } };
}

function scalesOf(lines, { logarithmic = false, low: least, high: most }, furthest, zoom, size) {
  const [from, limit] = zoom || [0, Infinity];
  let { low, high, end } = extent(lines, { from, to: limit, logarithmic });
  if (!(low < high)) [low, high] = finite(low) && low === high ? [low * 0.9, high * 1.1 || 1] : [logarithmic ? 0.1 : 0, 1];
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
    found.push(svg("text", { x: at, y: size.height - 22, "text-anchor": "middle" }, words));
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
