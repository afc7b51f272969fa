// The maps of a layer side by side on one canvas, or its units as a square of cells: and which of their pixels is pointed at.

import { element } from "../parts/element.js";
import { ownRange, paint } from "../parts/image.js";

const BETWEEN = [235, 228, 214];

/** How many maps stand in a row, so that all of them fill a square. */
export function columnsOf(count, [height, width] = [1, 1]) {
  return Math.max(1, Math.min(count, Math.ceil(Math.sqrt((count * height) / width))));
}

/** A layer's output as maps: [height, width, channels], or units as maps of one pixel. */
export function asMaps(shape) {
  return shape.length === 3 ? shape : [1, 1, shape[0]];
}

/**
 * Draw all maps of an array into one canvas, a line of pixels between them.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} values - channels innermost
 * @param {number[]} shape - [height, width, channels]
 */
export function paintMosaic(canvas, values, [height, width, count], range = ownRange(values)) {
  const columns = columnsOf(count, [height, width]), rows = Math.ceil(count / columns), gap = height === 1 && width === 1 ? 0 : 1;
  const wide = columns * (width + gap) - gap, high = rows * (height + gap) - gap;
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
  const context = canvas.getContext("2d");
  context.fillStyle = `rgb(${BETWEEN})`;
  context.fillRect(0, 0, wide, high);
  const small = document.createElement("canvas");
  for (let map = 0; map < count; map += 1) {
    paint(small, values, [height, width, count], { channel: map, range });
    context.drawImage(small, (map % columns) * (width + gap), Math.floor(map / columns) * (height + gap));
  }
  return { columns, rows, gap };
}

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }, TURNS = { PageUp: -1, PageDown: 1 };
const limit = (value, length) => Math.min(Math.max(value, 0), length - 1);

/** A canvas of maps that can be pointed at with mouse, finger or keys. */
export class Mosaic {
  /**
   * @param {{label: string, pointed: ((place: {map: number, row: number, column: number}) => void)|null, hover?: boolean,
   *   stepped?: (rows: number, columns: number) => void}} options - with `hover`, a mouse points by moving; without, by a click; `stepped` takes
   *   the arrow keys where they move something else than this picture's own pixel
   */
  constructor({ label, pointed, hover = false, stepped = null }) {
    Object.assign(this, { pointed, hover, stepped, shape: [1, 1, 1], layout: { columns: 1, rows: 1, gap: 0 }, current: { map: 0, row: 0, column: 0 } });
    this.canvas = element("canvas", { class: "plate", role: "img", "aria-label": label, width: 1, height: 1 });
    this.marker = element("div", { class: "mark", hidden: true });
    this.frame = element("div", { class: "frame", hidden: true });
    const keys = { tabindex: 0, role: "application", "aria-roledescription": "picture to explore", "aria-label": `${label}. Arrow keys move from pixel to pixel, Page Up and Page Down from map to map.` };
    this.element = element("div", { class: "mosaic", ...(pointed ? keys : {}) }, this.canvas, this.frame, this.marker);
    if (pointed) this.#listen();
  }

  #listen() {
    // A finger points by a tap or by moving along the picture, while a stroke down the page still scrolls it.
    this.element.addEventListener("pointermove", (event) => ((this.hover && event.pointerType === "mouse") || event.buttons) && this.#point(event));
    this.element.addEventListener("pointerdown", (event) => this.#point(event));
    this.element.addEventListener("keydown", (event) => this.#pressed(event));
  }

  #placeAt(event) {
    const { canvas, layout: { gap, columns }, shape: [height, width, count] } = this, { left, top, width: wide, height: high } = canvas.getBoundingClientRect();
    const x = limit(Math.floor(((event.clientX - left) / wide) * canvas.width), canvas.width), y = limit(Math.floor(((event.clientY - top) / high) * canvas.height), canvas.height);
    const across = Math.floor(x / (width + gap)), down = Math.floor(y / (height + gap)), map = down * columns + across;
    if (map >= count) return null;
    return { map, row: limit(y - down * (height + gap), height), column: limit(x - across * (width + gap), width) };
  }

  #point(event) {
    const place = this.#placeAt(event), { current } = this;
    if (!place) return;
    const isNew = place.map !== current.map || place.row !== current.row || place.column !== current.column;
    if (isNew || event.type === "pointerdown") this.pointed(place);
  }

  #pressed(event) {
    const { current, layout, shape: [height, width, count] } = this, step = STEPS[event.key], turn = TURNS[event.key];
    if (!step && !turn) return;
    event.preventDefault();
    if (step && this.stepped) this.stepped(...step);
    else if (turn) this.pointed({ ...current, map: (current.map + turn + count) % count });
    else if (height === 1 && width === 1) this.pointed({ ...current, map: limit(current.map + step[0] * layout.columns + step[1], count) });
    else this.pointed({ ...current, row: limit(current.row + step[0], height), column: limit(current.column + step[1], width) });
  }

  /** Lay a box over some pixels of a map, in parts of the canvas. */
  #lay(over, map, { top, left, high, wide }) {
    const { canvas, layout: { gap, columns }, shape: [height, width] } = this;
    const x = (map % columns) * (width + gap) + left, y = Math.floor(map / columns) * (height + gap) + top;
    Object.assign(over.style, {
      left: `${(100 * x) / canvas.width}%`, top: `${(100 * y) / canvas.height}%`, width: `${(100 * wide) / canvas.width}%`, height: `${(100 * high) / canvas.height}%`,
    });
    over.hidden = false;
  }

  draw(values, shape, range) {
    this.shape = shape;
    this.layout = paintMosaic(this.canvas, values, shape, range);
    this.canvas.style.aspectRatio = `${this.canvas.width} / ${this.canvas.height}`;
  }

  /** Show which pixel is being explained; null takes the mark away. */
  mark(place) {
    this.marker.hidden = this.frame.hidden = true;
    if (!place) return;
    this.current = place;
    const [height, width, count] = this.shape;
    this.#lay(this.marker, place.map, { top: place.row, left: place.column, high: 1, wide: 1 });
    if (count > 1 && (height > 1 || width > 1)) this.#lay(this.frame, place.map, { top: 0, left: 0, high: height, wide: width });
  }

  /** Show the window that something further on looks through; what lies beyond the border is not drawn. */
  window(map, { top, left, height: high, width: wide }) {
    const [height, width] = this.shape, first = Math.max(top, 0), start = Math.max(left, 0);
    const last = Math.min(top + high, height), end = Math.min(left + wide, width);
    this.current = { map, row: limit(first + Math.floor((last - first) / 2), height), column: limit(start + Math.floor((end - start) / 2), width) };
    this.#lay(this.marker, map, { top: first, left: start, high: last - first, wide: end - start });
    this.frame.hidden = true;
  }
}
