// What tells a line of the paper that is alone in its direction from a stroke drawn with a ruler: the bar of a 7 in a close crop. As Python's
// pages/lone_lines.py and line_evidence.py, for lines from edge to edge.

import { distances } from "./distance.js";

const CUT = 0.78; // where the edge cuts a line off, it has at least this share of its usual ink; a pen's round tip has less
const FINE = 12, SOME_INK = 0.4; // a line is so many times as long as it is thick; beside it is at least this part of its ink
const FINER = 0.6, FAINTER = 0.8; // at most these shares of the pen's thickness or darkness: no line of that pen
const TOUCHED = 0.03; // next to no ink beside it, as a share of its length
const PAST = 0.15, PAST_THICK = 0.25, MARGIN = 0.05; // of the length that goes on past the writing, and of the height above and below
const AROUND = 2; // pixels beyond its edges: the soft edge is no touch

/**
 * @typedef {object} Page - ink in rows from left to right, as the line runs
 * @property {Float32Array} values - from 0 to 1
 * @property {number} height
 * @property {number} width
 * @property {number} least - that is ink
 */

/**
 * Whether a line from edge to edge is none of a character's own strokes.
 *
 * @param {Page} page
 * @param {{middles: Float32Array, thickness: number}} line
 */
export function isApart(page, line) {
  const { height, width } = page, rest = besides(page, line), own = width * line.thickness;
  const writing = rest.reduce((sum, ink) => sum + ink, 0), enough = writing >= SOME_INK * own;
  if (writing < (SOME_INK / 4) * own) return false;
  const isFine = width >= FINE * line.thickness, isSlim = isFine && (enough || width >= 2 * FINE * line.thickness);
  if (isSlim && wasDrawnOtherwise(page, line, rest)) return true;
  if (goesPast(rest, height, width, line, isFine ? PAST : PAST_THICK)) return true;
  return (isSlim || enough) && isUntouched(page, line);
}

/**
 * Whether the picture's edges cut a line off at both its ends, as no stroke of a pen ends.
 *
 * @param {Page} page
 */
export function isCut({ values, height, width }, { middles, thickness }) {
  const half = Math.ceil(thickness / 2) + 1, leaves = (column) => middles[column] < half || middles[column] > height - 1 - half;
  const band = middles.map((middle, column) => {
    let sum = 0;
    for (let row = Math.max(0, Math.round(middle) - half); row <= Math.min(height - 1, Math.round(middle) + half); row += 1) sum += values[row * width + column];
    return sum;
  });
  const usual = quantile(band.slice(), 0.5), runsAlong = leaves(width >> 1);
  return [0, width - 1].every((end) => band[end] >= CUT * usual || (leaves(end) && !runsAlong));
}

/** 1 where there is ink that is none of the line's. */
function besides({ values, height, width, least }, { middles, thickness }) {
  const reach = thickness / 2 + AROUND;
  return Uint8Array.from(values, (ink, place) => (ink > least && Math.abs(Math.floor(place / width) - middles[place % width]) > reach ? 1 : 0));
}

/** Whether it is finer or fainter than all else, and so not of the same pen. */
function wasDrawnOtherwise({ values, height, width }, { middles, thickness }, rest) {
  const inside = distances(rest, height, width).filter((far) => far > 0);
  // By the mean m of the distances to paper, a stroke of n pixels has n = 4 m - 2.
  const pen = Math.max(1, (4 * inside.reduce((sum, far) => sum + far, 0)) / inside.length - 2);
  const along = middles.map((middle, column) => values[Math.min(height - 1, Math.max(0, Math.round(middle))) * width + column]);
  return thickness <= FINER * pen || quantile(along, 0.5) <= FAINTER * quantile(values.filter((_, place) => rest[place]), 0.85);
}

const quantile = (values, share) => values.sort()[Math.floor(share * (values.length - 1))];

/** Whether it goes on past the writing at both ends, on paper with margins above and below. */
function goesPast(rest, height, width, { middles }, part) {
  let [first, last] = [width, -1], top = Math.min(middles[0], middles.at(-1)), bottom = Math.max(middles[0], middles.at(-1)) + 1;
  for (let row = 1; row < height - 1; row += 1) {
    for (let column = 1; column < width - 1; column += 1) {
      // Specks are no writing: what is has ink on several sides.
      if (!rest[row * width + column] || aroundOf(rest, width, row, column) < 3) continue;
      [first, last] = [Math.min(first, column), Math.max(last, column)];
      [top, bottom] = [Math.min(top, row), Math.max(bottom, row + 1)];
    }
  }
  return last >= 0 && Math.min(top, height - bottom) >= MARGIN * height && Math.min(first, width - 1 - last) >= part * width;
}

function aroundOf(rest, width, row, column) {
  let count = -1; // without itself
  for (let y = row - 1; y <= row + 1; y += 1) for (let x = column - 1; x <= column + 1; x += 1) count += rest[y * width + x];
  return count;
}

function isUntouched({ values, height, width, least }, { middles, thickness }) {
  const reach = thickness / 2 + AROUND;
  const isInk = (row, column) => row >= 0 && row < height && values[row * width + column] > least;
  const touched = middles.reduce((sum, middle, column) => sum + (isInk(Math.round(middle - reach), column) || isInk(Math.round(middle + reach), column) ? 1 : 0), 0);
  return touched < TOUCHED * width;
}
