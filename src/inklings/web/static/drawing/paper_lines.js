// Taking the lines of ruled or squared paper off a photograph: those that cross it from edge to edge. Python's pages/paper_lines.py knows frames and
// tables too; a picture of one character in a browser is nearly always a piece of a page.

import { isApart, isCut } from "./line_evidence.js";

const LINE = 0.15; // a line may be fainter than ink; noise is fainter still
const STEEPEST = 0.06, COVERAGE = 0.85, APART = 2, STRIPS = 16;
const NEARBY = [0, -1, 1, -2, 2, -3, 3];
const THICKEST = 0.02, THICKEST_SMALL = 4; // of the side, or in pixels: what is thicker is a stroke
const NEAR_EDGE = 3; // pixels: what ends farther from an edge is a stroke, such as the bar of a 7 in a close picture
const LEAST_WRITING = 0.004; // of the page; with less left, the "line" was what is written

const sideways = (values, height, width) => Float32Array.from({ length: values.length }, (_, place) => values[(place % height) * width + Math.floor(place / height)]);

/** Where there is ink, or within two pixels above or below it: a line that bends a little still lies on a straight one. */
function thickened(values, height, width) {
  const seen = new Uint8Array(values.length);
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      if (!(values[row * width + column] > LINE)) continue;
      for (let y = Math.max(0, row - APART); y <= Math.min(height - 1, row + APART); y += 1) seen[y * width + column] = 1;
    }
  }
  return seen;
}

/** How much of each row is ink, when rows slope by so many pixels a pixel about the middle. */
function profile(seen, height, width, slope, step) {
  const counts = new Float32Array(height);
  for (let column = 0; column < width; column += step) {
    const shift = Math.round(slope * (column - width / 2));
    for (let row = Math.max(0, -shift); row < Math.min(height, height - shift); row += 1) counts[row] += seen[(row + shift) * width + column];
  }
  return counts.map((count) => (count * step) / width);
}

/** The slope at which rows are most unlike one another: that of the lines. */
function steepness(seen, height, width) {
  let most = -1, best = 0;
  for (let slope = -STEEPEST; slope <= STEEPEST; slope += 2 / width) {
    const sharp = profile(seen, height, width, slope, 7).reduce((sum, share) => sum + share ** 4, 0);
    if (sharp > most) [most, best] = [sharp, slope];
  }
  return best;
}

/** The stretch of ink in a column that touches a row or one of its neighbours; null if there is none. */
function runAt(values, height, width, column, middle) {
  const isInk = (y) => y >= 0 && y < height && values[y * width + column] > LINE;
  const about = Math.round(middle), near = NEARBY.find((off) => isInk(about + off));
  if (near === undefined) return null;
  let top = about + near, bottom = top;
  while (isInk(top - 1)) top -= 1;
  while (isInk(bottom + 1)) bottom += 1;
  return { top, bottom, length: bottom - top + 1 };
}

const middleOf = (values) => values.sort((a, b) => a - b)[values.length >> 1];

/**
 * The middle of a line in each column. It may bend: in each of some strips it is looked for again, where no stroke lies over it.
 *
 * @returns {{middles: Float32Array, thickness: number}|null} null if it is as thick as a stroke
 */
function follow(values, height, width, row, slope) {
  const wide = width / STRIPS, middles = new Float32Array(width), most = Math.max(THICKEST_SMALL, THICKEST * height), lengths = [];
  let off = 0;
  for (let strip = 0; strip < STRIPS; strip += 1) {
    const from = Math.floor(strip * wide), to = Math.floor((strip + 1) * wide), offs = [];
    for (let column = from; column < to; column += 1) {
      const about = row + slope * (column - width / 2), run = runAt(values, height, width, column, about + off);
      if (!run || run.length > most) continue;
      offs.push((run.top + run.bottom) / 2 - about);
      lengths.push(run.length);
    }
    if (offs.length > wide / 4) off = middleOf(offs);
    for (let column = from; column < to; column += 1) middles[column] = row + slope * (column - width / 2) + off;
  }
  return lengths.length > width / 5 ? { middles, thickness: middleOf(lengths) } : null;
}

/** Whether a line goes on to the page's edge at both ends, at its sides or above or below. */
function reachesEdges(values, height, width, middles) {
  const isLeaving = (column) => middles[column] < NEAR_EDGE || middles[column] >= height - NEAR_EDGE;
  const isThere = (column) => isLeaving(column) || runAt(values, height, width, column, middles[column]) !== null;
  const first = Array.from({ length: Math.min(NEAR_EDGE, width) }, (_, column) => column);
  return first.some(isThere) && first.some((column) => isThere(width - 1 - column));
}

/** Where ink touches a line from one side: stretches of columns. */
function contacts(values, height, width, rowOf) {
  const found = [];
  for (let column = 0; column < width; column += 1) {
    const row = rowOf(column), isInk = row >= 0 && row < height && values[row * width + column] > LINE;
    if (!isInk) continue;
    if (found.at(-1)?.last === column - 1) found.at(-1).last = column;
    else found.push({ first: column, last: column });
  }
  return found;
}

/** Give back what lay under a line between a stroke's end above it and its end below. */
function mend(values, before, height, width, { middles, thickness }) {
  const half = Math.ceil(thickness / 2) + 1, wide = 3 + 2 * thickness;
  const above = contacts(values, height, width, (column) => Math.round(middles[column]) - half - 1);
  const below = contacts(values, height, width, (column) => Math.round(middles[column]) + half + 1);
  for (const one of above) {
    for (const other of below) {
      if (Math.max(one.first, other.first) - Math.min(one.last, other.last) > wide) continue;
      for (let step = -half; step <= half; step += 1) {
        const share = (step + half) / (2 * half), first = one.first + share * (other.first - one.first), last = one.last + share * (other.last - one.last);
        for (let column = Math.round(first); column <= Math.round(last); column += 1) {
          const row = Math.round(middles[column]) + step, place = row * width + column;
          if (row >= 0 && row < height) values[place] = Math.max(values[place], before[place]);
        }
      }
    }
  }
}

/** Take one line off, in place. What crosses it stays whole; what ends on it ends there. */
function erase(values, height, width, line) {
  const before = values.slice(), { middles, thickness } = line;
  for (let column = 0; column < width; column += 1) {
    const run = runAt(values, height, width, column, middles[column]);
    if (!run) continue;
    const first = Math.round(middles[column] - thickness / 2), last = Math.round(middles[column] + thickness / 2), room = 1 + thickness / 2;
    const isAbove = run.top < first - room, isBelow = run.bottom > last + room;
    if (isAbove && isBelow) continue;
    // With its soft edges, which are fainter than ink.
    const from = Math.max(0, isAbove ? first : Math.min(run.top, first) - 1), to = Math.min(height - 1, isBelow ? last : Math.max(run.bottom, last) + 1);
    for (let row = from; row <= to; row += 1) values[row * width + column] = 0;
  }
  mend(values, before, height, width, line);
}

/** The lines that cross a page from left to right. */
function linesAcross(values, height, width) {
  const found = [];
  const seen = thickened(values, height, width), slope = steepness(seen, height, width), shares = profile(seen, height, width, slope, 1);
  let best = -1;
  for (let row = 0; row <= height; row += 1) {
    if (row < height && shares[row] >= COVERAGE) {
      if (best < 0 || shares[row] > shares[best]) best = row;
    } else if (best >= 0) {
      // The middle of the rows that are as full as the fullest.
      let last = best;
      while (shares[last + 1] === shares[best]) last += 1;
      const line = follow(values, height, width, (best + last) / 2, slope);
      if (line && reachesEdges(values, height, width, line.middles)) found.push(line);
      best = -1;
    }
  }
  return found;
}

/**
 * Take them off, in place; returns how many there were. One that is alone may be the bar of a 7 that fills the picture.
 *
 * @param {Float32Array} whole - the ink before any line was taken off, by which a line is told from a stroke
 */
function takeAcross(values, whole, height, width) {
  const page = { values: whole, height, width, least: LINE }, found = linesAcross(values, height, width);
  // An E has two bars from edge to edge; no character has three.
  const lines = found.length > 2 ? found : found.filter((line) => isCut(page, line));
  if (lines.length === 1 && !isApart(page, lines[0])) return 0;
  for (const line of lines) erase(values, height, width, line);
  return lines.length;
}

/**
 * @param {Float32Array} amount - of ink, from 0 for paper to 1
 * @returns {{amount: Float32Array, count: number}} without the lines, and how many there were; `amount` itself where there are none
 */
export function takeLinesOff(amount, height, width) {
  const across = amount.slice(), rows = takeAcross(across, amount, height, width);
  const down = sideways(across, height, width), columns = takeAcross(down, sideways(amount, height, width), width, height);
  if (rows + columns === 0) return { amount, count: 0 };
  const left = sideways(down, width, height), writing = left.reduce((sum, ink) => sum + (ink > LINE ? 1 : 0), 0);
  return writing < LEAST_WRITING * left.length ? { amount, count: 0 } : { amount: left, count: rows + columns };
}
