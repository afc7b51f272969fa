// Telling ink from paper, as pages/binarise.py does: there stands why. Lines of the paper itself are taken off afterwards (paper_lines.js).

import { percentiles, round } from "./numbers.js";
import { BILINEAR, BOX, resize } from "./resize.js";
import { closing, gaussian } from "./smoothing.js";

const COARSE_SIDE = 256, MAX_STROKE = 1 / 3, MIN_CONTRAST = 0.08, MIN_PAPER = 0.1, MAX_NOISE = 0.05, FULL_INK = 85;

/** Someone drew nothing, or it cannot be read; `message` is for them. */
export class DrawingError extends Error {
  name = "DrawingError";
}

const median = (values) => percentiles(values, [50])[0];

const resized = (image, height, width) => resize(image, height, width, height < image.height ? BOX : BILINEAR);

/** Solve three equations by elimination with pivots. */
function solve(rows) {
  for (let column = 0; column < 3; column += 1) {
    let pivot = column;
    for (let row = column + 1; row < 3; row += 1) if (Math.abs(rows[row][column]) > Math.abs(rows[pivot][column])) pivot = row;
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    // Of a strip so low that all points have the same height, nothing tells how light falls from top to bottom.
    if (Math.abs(rows[column][column]) < 1e-9) rows[column] = [0, 1, 2, 3].map((place) => (place === column ? 1 : 0));
    for (let row = 0; row < 3; row += 1) {
      if (row === column) continue;
      const factor = rows[row][column] / rows[column][column];
      for (let place = column; place < 4; place += 1) rows[row][place] -= factor * rows[column][place];
    }
  }
  return rows.map((row, place) => row[3] / row[place]);
}

/** A plane through the brightness of the paper, by iteratively reweighted least squares. */
function fitIllumination({ values, height, width }) {
  const step = Math.max(1, Math.floor(Math.max(height, width) / 64)), points = [];
  const across = (column) => -1 + (2 * column) / (width - 1), down = (row) => -1 + (2 * row) / (height - 1);
  for (let row = 0; row < height; row += step) {
    for (let column = 0; column < width; column += step) points.push([1, across(column), down(row), values[row * width + column]]);
  }
  let plane = [median(Float64Array.from(points, (point) => point[3])), 0, 0];
  for (let time = 0; time < 8; time += 1) {
    const residuals = points.map(([one, x, y, value]) => value - (plane[0] * one + plane[1] * x + plane[2] * y));
    const spread = 2 * 1.4826 * median(Float64Array.from(residuals, Math.abs)) + 2e-3;
    const equations = [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]];
    points.forEach((point, place) => {
      const weight = 1 / (1 + (residuals[place] / spread) ** 2);
      for (let row = 0; row < 3; row += 1) for (let column = 0; column < 4; column += 1) equations[row][column] += weight * point[row] * point[column];
    });
    plane = solve(equations);
  }
  return Float32Array.from(values, (_, pixel) => plane[0] + plane[1] * across(pixel % width) + plane[2] * down(Math.floor(pixel / width)));
}

/** Whether the values far from 0 are above it: ink deviates from paper to one side only. */
function isSkewedUpwards(deviation) {
  let squares = 0, cubes = 0, mean = 0;
  for (const value of deviation) {
    squares += value * value;
    cubes += value ** 3;
    mean += value;
  }
  const count = deviation.length;
  if (Math.abs(cubes / count) >= (squares / count) ** 1.5) return cubes > 0;
  mean /= count;
  return deviation.reduce((sum, value) => sum + (value - mean) ** 3, 0) > 0;
}

/** How much darker than paper each pixel is, as a fraction of the paper's brightness; or how much lighter. */
function contrastOf(grey) {
  const { height, width } = grey, factor = Math.min(1, COARSE_SIDE / Math.max(height, width));
  const coarse = resized(grey, Math.max(3, round(height * factor)), Math.max(3, round(width * factor)));
  const plane = fitIllumination(coarse), deviation = coarse.values.map((value, pixel) => value - plane[pixel]);
  const isLight = isSkewedUpwards(deviation), sign = isLight ? -1 : 1;
  const window = Math.max(3, round(MAX_STROKE * Math.sqrt(deviation.length)) | 1);
  const closed = closing(deviation.map((value) => sign * value), coarse.height, coarse.width, window);
  const even = gaussian(closed, coarse.height, coarse.width, window / 32, { mirrored: false });
  const paper = resized({ ...coarse, values: even.map((value, pixel) => value + sign * plane[pixel]) }, height, width).values;
  const contrast = grey.values.map((value, pixel) => {
    const blank = sign * paper[pixel];
    return isLight ? value - blank : (blank - value) / Math.max(blank, MIN_PAPER);
  });
  return { contrast, isLight };
}

function extremes(values) {
  let low = Infinity, high = -Infinity;
  for (let place = 0; place < values.length; place += 1) {
    if (values[place] < low) low = values[place];
    if (values[place] > high) high = values[place];
  }
  return [low, high];
}

/** Those values that are more than `least`, or as much; a filter with a function a value takes ten times as long. */
function atLeast(values, least, orEqual = false) {
  const kept = new Float32Array(values.length);
  let count = 0;
  for (let place = 0; place < values.length; place += 1) {
    if (values[place] > least || (orEqual && values[place] === least)) {
      kept[count] = values[place];
      count += 1;
    }
  }
  return kept.slice(0, count);
}

/** A percentile; of ink drawn here most is black alike, and need not be sorted. */
function percentile(values, share) {
  const [, high] = extremes(values), place = Math.floor((share / 100) * (values.length - 1));
  let alike = 0;
  for (let each = 0; each < values.length; each += 1) if (values[each] === high) alike += 1;
  return values.length - alike <= place ? high : percentiles(values, [share])[0];
}

/** The threshold that maximises the variance between the two groups (N. Otsu, IEEE SMC 9, 1979). */
function otsu(values) {
  const [low, high] = extremes(values);
  if (high - low < 1e-3) return low;
  const counts = new Float64Array(256), step = (high - low) / 256;
  for (let place = 0; place < values.length; place += 1) counts[Math.min(255, Math.floor((values[place] - low) / step))] += 1;
  const middle = (place) => low + (place + 0.5) * step;
  const all = counts.reduce((sum, count, place) => sum + count * middle(place), 0);
  let below = 0, sums = 0, most = -1, best = 0;
  // Not the last: nothing would be above it.
  for (let place = 0; place < 255; place += 1) {
    below += counts[place];
    sums += counts[place] * middle(place);
    const between = ((all * below) / values.length - sums) ** 2 / (below * (values.length - below));
    if (between > most) [most, best] = [between, place];
  }
  // The upper edge of the best step, which belongs to what is below.
  return low + (best + 1) * step;
}

/** How much contrast full ink has, beyond paper and the noise. */
function fullInk(contrast, paper, least) {
  const candidates = atLeast(contrast, paper + least);
  if (!candidates.length) throw new DrawingError("I see no ink. Use a darker pen or more light, or crop the picture to what is written.");
  const threshold = otsu(candidates);
  return percentile(atLeast(candidates, threshold, true), FULL_INK) - paper;
}

function levels(contrast) {
  const [low, quarter] = percentiles(contrast, [5, 25]), noise = (quarter - low) / (1.6449 - 0.6745);
  const paper = quarter + 0.6745 * noise;
  return { paper, full: fullInk(contrast, paper, Math.max(3 * noise, MIN_CONTRAST)) };
}

function amountOf(contrast, height, width) {
  const steps = new Float32Array(height * (width - 1));
  for (let row = 0, place = 0; row < height; row += 1) {
    for (let column = 1; column < width; column += 1, place += 1) steps[place] = Math.abs(contrast[row * width + column] - contrast[row * width + column - 1]);
  }
  const noise = percentiles(steps, [25])[0] / (0.3186 * Math.SQRT2);
  let shown = contrast, { paper, full } = levels(contrast);
  if (noise > MAX_NOISE * full) {
    const deviation = noise / (2 * Math.sqrt(Math.PI) * MAX_NOISE * full);
    shown = gaussian(contrast, height, width, Math.min(deviation, 3), { mirrored: true });
    ({ paper, full } = levels(shown));
  }
  return shown.map((value) => Math.min(Math.max((value - paper) / full, 0), 1));
}

/**
 * The amount of ink in each pixel, from 0 for paper to 1.
 *
 * @param {{values: Float32Array, height: number, width: number}} grey - brightness from 0 for black to 1 for white
 * @param {{clean?: boolean}} options - `clean`: it was drawn here, in black on a paper that is white everywhere, so that paper need not be looked for
 * @returns {{amount: Float32Array, isLight: boolean}}
 */
export function findInk(grey, { clean = false } = {}) {
  if (!clean) {
    const { contrast, isLight } = contrastOf(grey);
    return { amount: amountOf(contrast, grey.height, grey.width), isLight };
  }
  const amount = grey.values.slice();
  for (let pixel = 0; pixel < amount.length; pixel += 1) amount[pixel] = 1 - amount[pixel];
  const full = fullInk(amount, 0, MIN_CONTRAST);
  for (let pixel = 0; pixel < amount.length; pixel += 1) amount[pixel] = Math.min(Math.max(amount[pixel] / full, 0), 1);
  return { amount, isLight: false };
}
