// Arrays as pictures: one canvas pixel for each number, enlarged by the browser without smoothing.

import { element } from "./element.js";

const PAPER = [255, 253, 246], INK = [28, 27, 43], WARM = [178, 58, 22], COOL = [36, 89, 143];

/** 256 colours from one to another, as the four bytes of a canvas pixel. */
function ramp(from, to) {
  const colours = new Uint32Array(256);
  const bytes = new Uint8ClampedArray(colours.buffer);
  for (let step = 0; step < 256; step += 1) {
    for (let part = 0; part < 3; part += 1) bytes[4 * step + part] = from[part] + (to[part] - from[part]) * step / 255;
    bytes[4 * step + 3] = 255;
  }
  return colours;
}

const TO_INK = ramp(PAPER, INK), TO_WARM = ramp(PAPER, WARM), TO_COOL = ramp(PAPER, COOL);
const TO_CLEAR = (() => {
  const colours = ramp(WARM, WARM);
  const bytes = new Uint8ClampedArray(colours.buffer);
  for (let step = 0; step < 256; step += 1) bytes[4 * step + 3] = step * 0.85;
  return colours;
})();

/** The range an array's numbers are shown in: [-greatest, greatest] if any is negative, else [0, greatest]. */
export function ownRange(values) {
  let least = 0, most = 0;
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const reach = Math.max(-least, most) || 1;
  return [least < 0 ? -reach : 0, reach];
}

/** What one number looks like, as colours of CSS: the ground, and what can be read on it. */
export function colours(value, [least, most]) {
  const share = Math.min(1, Math.abs(value) / most) || 0, end = least >= 0 ? INK : value < 0 ? COOL : WARM;
  const ground = PAPER.map((part, place) => Math.round(part + (end[place] - part) * share));
  // Black up to this luminance's contrast with white: whichever is taken has 4.5 or more.
  return { ground: `rgb(${ground})`, text: luminance(ground) > 0.179 ? "#000" : "#fff" };
}

/** Relative luminance of red, green and blue from 0 to 255, as WCAG 2 defines it. */
function luminance(colour) {
  const [red, green, blue] = colour.map((part) => (part <= 10 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const clamped = (share) => Math.round(255 * Math.min(1, Math.max(0, share)));

/** What one number looks like: ink above 0 where nothing is negative; else warm above 0 and cool below. */
function colourOf(value, [least, most], clear) {
  if (clear) return TO_CLEAR[clamped(value / most)];
  if (least >= 0) return TO_INK[clamped(value / most)];
  return value < 0 ? TO_COOL[clamped(-value / most)] : TO_WARM[clamped(value / most)];
}

/**
 * Draw an array into a canvas, which takes its height and width.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} values - rows of pixels, channels innermost
 * @param {number[]} shape - [height, width] or [height, width, channels]
 * @param {{range?: [number, number], channel?: number, clear?: boolean}} options - without a channel, three are red, green and blue and of others
 *   the first is shown; `clear` lays warm ink on nothing, to lie over another picture.
 */
export function paint(canvas, values, [height, width, channels = 1], { range, channel, clear = false } = {}) {
  // To set a side clears the canvas and takes new memory, even if it stays the same.
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d");
  const picture = context.createImageData(width, height);
  if (channels === 3 && channel === undefined) {
    for (let pixel = 0; pixel < height * width; pixel += 1) {
      for (let part = 0; part < 3; part += 1) picture.data[4 * pixel + part] = 255 * values[3 * pixel + part];
      picture.data[4 * pixel + 3] = 255;
    }
  } else {
    // Four bytes at once; as the colours were made of bytes in the same memory, their order is right on any machine.
    const pixels = new Uint32Array(picture.data.buffer);
    const shown = range ?? ownRange(values);
    for (let pixel = 0, place = channel ?? 0; pixel < pixels.length; pixel += 1, place += channels) {
      pixels[pixel] = colourOf(values[place], shown, clear);
    }
  }
  context.putImageData(picture, 0, 0);
}

/**
 * A picture of an array, with words for those who don't see it.
 *
 * @param {string} label
 * @param {{side?: string, class?: string}} options - `side` is the CSS length of the longer side
 * @returns {{element: HTMLCanvasElement, draw: (values: ArrayLike<number>, shape: number[], options?: object) => void}}
 */
export function image(label, { side = "5rem", ...attributes } = {}) {
  const canvas = element("canvas", { role: "img", "aria-label": label, width: 1, height: 1, ...attributes, class: `plate ${attributes.class ?? ""}`.trim() });
  function draw(values, shape, options) {
    paint(canvas, values, shape, options);
    const [height, width] = shape;
    canvas.style.aspectRatio = `${width} / ${height}`;
    if (side) canvas.style.width = width >= height ? side : `calc(${side} * ${width / height})`;
  }
  return { element: canvas, draw };
}
