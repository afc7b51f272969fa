// Framing a character as the makers of MNIST did: size, place, and the width of its strokes. The same sums as pages/mnist_framing.py, which says why.

import { distances } from "./distance.js";
import { round } from "./numbers.js";
import { resize } from "./resize.js";

export const BOX_SIDE = 20, FIELD = 28;
const NARROWEST = 1.8, WIDEST = 4;
const FINE = 8;

const clip = (value) => (value < 0 ? 0 : value > 1 ? 1 : value);

/** Scale to a longer side, keeping the proportions. */
function scale(ink, longer) {
  const factor = longer / Math.max(ink.height, ink.width);
  const height = Math.max(1, round(factor * ink.height)), width = Math.max(1, round(factor * ink.width));
  if (height === ink.height && width === ink.width) return ink;
  const scaled = resize(ink, height, width);
  return { ...scaled, values: scaled.values.map(clip) };
}

/** Where there is more than half ink, with a margin of paper. */
function padded({ values, height, width }, margin) {
  const high = height + 2 * margin, wide = width + 2 * margin, mask = new Uint8Array(high * wide);
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      if (values[row * width + column] > 0.5) mask[(row + margin) * wide + column + margin] = 1;
    }
  }
  return { mask, height: high, width: wide };
}

/** The mean width of strokes, in pixels of the box: across a stroke of width w, the distance to the nearer edge averages w / 4. */
function strokeWidth(fine) {
  const { mask, height, width } = padded(fine, 1);
  const away = distances(mask, height, width);
  let sum = 0, count = 0;
  for (let pixel = 0; pixel < mask.length; pixel += 1) {
    if (mask[pixel]) {
      sum += away[pixel] - 0.5;
      count += 1;
    }
  }
  return count ? (4 * (sum / count)) / FINE : 0;
}

/** Crop to the rows and columns in which some pixel holds half ink. */
function trim({ values, height, width }) {
  let top = height, bottom = -1, left = width, right = -1;
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      if (values[row * width + column] < 0.5) continue;
      top = Math.min(top, row);
      bottom = row;
      left = Math.min(left, column);
      right = Math.max(right, column);
    }
  }
  if (bottom < 0) return { values, height, width };
  const high = bottom - top + 1, wide = right - left + 1, cropped = new Float32Array(high * wide);
  for (let row = 0; row < high; row += 1) {
    cropped.set(values.subarray((top + row) * width + left, (top + row) * width + left + wide), row * wide);
  }
  return { values: cropped, height: high, width: wide };
}

/** Redraw strokes that are narrower or wider than the training images'; returns `ink` itself where they are not. */
export function normaliseStrokes(ink) {
  const fine = scale(ink, FINE * BOX_SIDE), measured = strokeWidth(fine);
  if (measured >= NARROWEST && measured <= WIDEST) return ink;
  const grown = (FINE * ((measured < NARROWEST ? NARROWEST : WIDEST) - measured)) / 2;
  // Room for the outline to grow, and two pixels for its soft edge.
  const { mask, height, width } = padded(fine, 2 + Math.max(0, Math.ceil(grown)));
  const within = distances(mask, height, width), beyond = distances(mask, height, width, true);
  const redrawn = new Float32Array(mask.length), moved = Math.fround(grown + 0.5);
  for (let pixel = 0; pixel < mask.length; pixel += 1) {
    redrawn[pixel] = clip(Math.fround(mask[pixel] ? within[pixel] - 0.5 : 0.5 - beyond[pixel]) + moved);
  }
  return trim({ values: redrawn, height, width });
}

/** Where the box begins along one axis, so that the centre of mass is in the middle: at 14 of 28, not at 13.5. */
function offset(profile) {
  let mass = 0, moment = 0;
  profile.forEach((ink, place) => {
    mass += ink;
    moment += ink * place;
  });
  return Math.min(Math.max(round(FIELD / 2 - moment / mass), 0), FIELD - profile.length);
}

/** Scale a character to the box and centre it in the field. */
export function frame(ink) {
  const boxed = scale(ink, BOX_SIDE), { values, height, width } = boxed;
  const rows = new Float64Array(height), columns = new Float64Array(width);
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      rows[row] += values[row * width + column];
      columns[column] += values[row * width + column];
    }
  }
  const top = offset(rows), left = offset(columns), framed = new Float32Array(FIELD * FIELD);
  for (let row = 0; row < height; row += 1) framed.set(values.subarray(row * width, (row + 1) * width), (top + row) * FIELD + left);
  return { boxed, framed: { values: framed, height: FIELD, width: FIELD } };
}
