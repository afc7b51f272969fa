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

/**
 * A canvas of maps that can be pointed at with mouse, finger or keys.
 *
 * @param {{label: string, pointed: ((place: {map: number, row: number, column: number}) => void)|null, hover?: boolean}} options - with `hover`, a mouse
 *   points by moving; without, by a click
 */
export function mosaic({ label, pointed, hover = false }) {
  const canvas = element("canvas", { class: "plate", role: "img", "aria-label": label, width: 1, height: 1 });
  const mark = element("div", { class: "mark", hidden: true }), frame = element("div", { class: "frame", hidden: true });
  const keys = { tabindex: 0, role: "application", "aria-roledescription": "picture to explore", "aria-label": `${label}. Arrow keys move from pixel to pixel, Page Up and Page Down from map to map.` };
  const box = element("div", { class: "mosaic", ...(pointed ? keys : {}) }, canvas, frame, mark);
  let shape = [1, 1, 1], layout = { columns: 1, rows: 1, gap: 0 }, current = { map: 0, row: 0, column: 0 };

  function placeAt(event) {
    const { left, top, width: wide, height: high } = canvas.getBoundingClientRect(), [height, width, count] = shape;
    const x = Math.min(Math.max(Math.floor(((event.clientX - left) / wide) * canvas.width), 0), canvas.width - 1);
    const y = Math.min(Math.max(Math.floor(((event.clientY - top) / high) * canvas.height), 0), canvas.height - 1);
    const across = Math.floor(x / (width + layout.gap)), down = Math.floor(y / (height + layout.gap)), map = down * layout.columns + across;
    if (map >= count) return null;
    return { map, row: Math.min(y - down * (height + layout.gap), height - 1), column: Math.min(x - across * (width + layout.gap), width - 1) };
  }

  function point(event) {
    const place = placeAt(event);
    if (place && (place.map !== current.map || place.row !== current.row || place.column !== current.column || event.type === "pointerdown")) pointed(place);
  }

  const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  function pressed(event) {
    const [height, width, count] = shape, step = STEPS[event.key], turn = { PageUp: -1, PageDown: 1 }[event.key];
    if (!step && !turn) return;
    event.preventDefault();
    const next = { ...current };
    if (turn) next.map = (current.map + turn + count) % count;
    else if (height === 1 && width === 1) {
      const map = current.map + step[0] * layout.columns + step[1];
      if (map >= 0 && map < count) next.map = map;
    } else {
      next.row = Math.min(Math.max(current.row + step[0], 0), height - 1);
      next.column = Math.min(Math.max(current.column + step[1], 0), width - 1);
    }
    pointed(next);
  }

  // A finger points by a tap or by moving along the picture, while a stroke down the page still scrolls it.
  if (pointed) listen();

  function listen() {
    box.addEventListener("pointermove", (event) => ((hover && event.pointerType === "mouse") || event.buttons) && point(event));
    box.addEventListener("pointerdown", point);
    box.addEventListener("keydown", pressed);
  }

  /** Lay a box over some pixels of a map, in parts of the canvas. */
  function lay(over, map, top, left, high, wide) {
    const [height, width] = shape, x = (map % layout.columns) * (width + layout.gap) + left, y = Math.floor(map / layout.columns) * (height + layout.gap) + top;
    Object.assign(over.style, {
      left: `${(100 * x) / canvas.width}%`, top: `${(100 * y) / canvas.height}%`, width: `${(100 * wide) / canvas.width}%`, height: `${(100 * high) / canvas.height}%`,
    });
    over.hidden = false;
  }

  return {
    element: box,
    draw(values, newShape, range) {
      shape = newShape;
      layout = paintMosaic(canvas, values, shape, range);
      canvas.style.aspectRatio = `${canvas.width} / ${canvas.height}`;
    },
    /** Show which pixel is being explained; null takes the mark away. */
    mark(place) {
      mark.hidden = frame.hidden = !place;
      if (!place) return;
      current = place;
      const [height, width, count] = shape;
      lay(mark, place.map, place.row, place.column, 1, 1);
      if (count > 1 && (height > 1 || width > 1)) lay(frame, place.map, 0, 0, height, width);
      else frame.hidden = true;
    },
    /** Show the window that something further on looks through; what lies beyond the border is not drawn. */
    window(map, { top, left, height: high, width: wide }) {
      const [height, width] = shape, first = Math.max(top, 0), start = Math.max(left, 0);
      current = { map, row: Math.min(first + Math.floor(high / 2), height - 1), column: Math.min(start + Math.floor(wide / 2), width - 1) };
      lay(mark, map, first, start, Math.min(top + high, height) - first, Math.min(left + wide, width) - start);
      frame.hidden = true;
    },
  };
}
