// The characters on a page: pieces of ink, joined where a character is broken, as pages/components.py and pages/boxes.py do it.

import { DrawingError } from "./ink.js";
import { weightedMedian } from "./numbers.js";

const FAINT = 0.3, DARK = 0.5, DARK_SHARE = 0.2;
const MIN_SIDE = 5, SPECK = 0.25, DUST = 0.01, GAP = 0.15, OVERLAP = 0.3, MAX_HEIGHT = 2.1, LOW = 0.6, NEAR = 0.1, MAX_PIECES = 2000;

/** Connected pieces of ink, pixels touching by sides or corners; `number[pixel]` is 0 on paper and counts pieces from 1. */
function findPieces(amount, height, width) {
  const number = new Int32Array(amount.length), stack = [], pieces = [];
  for (let seed = 0; seed < amount.length; seed += 1) {
    if (number[seed] || !(amount[seed] > FAINT)) continue;
    const piece = { left: width, top: height, right: 0, bottom: 0, size: 0, dark: 0, weight: 0 };
    pieces.push(piece);
    number[seed] = pieces.length;
    stack.push(seed);
    while (stack.length) {
      const pixel = stack.pop(), row = Math.floor(pixel / width), column = pixel - row * width;
      piece.left = Math.min(piece.left, column);
      piece.right = Math.max(piece.right, column + 1);
      piece.top = Math.min(piece.top, row);
      piece.bottom = Math.max(piece.bottom, row + 1);
      piece.size += 1;
      piece.dark += amount[pixel] > DARK ? 1 : 0;
      piece.weight += amount[pixel];
      for (let y = Math.max(0, row - 1); y <= Math.min(height - 1, row + 1); y += 1) {
        for (let x = Math.max(0, column - 1); x <= Math.min(width - 1, column + 1); x += 1) {
          const near = y * width + x;
          if (number[near] || !(amount[near] > FAINT)) continue;
          number[near] = pieces.length;
          stack.push(near);
        }
      }
    }
  }
  return { number, pieces };
}

const longer = (box) => Math.max(box.right - box.left, box.bottom - box.top);
const heightOf = (box) => box.bottom - box.top;

/** Whether a piece touches two edges of the page, or runs along one for more than half of it: the table's edge, a shadow. */
function runsAlongEdge(box, height, width) {
  const wide = box.right - box.left > width / 2, tall = heightOf(box) > height / 2;
  const touching = [box.left === 0, box.top === 0, box.right === width, box.bottom === height];
  const along = (touching[0] && tall) || (touching[2] && tall) || (touching[1] && wide) || (touching[3] && wide);
  return along || touching.filter(Boolean).length >= 2;
}

/** Leave out dust, and edges unless nothing else is on the page. */
function writing(pieces, height, width) {
  const weights = pieces.map((piece) => piece.weight), least = DUST * weightedMedian(weights, weights);
  const ink = pieces.filter((piece) => piece.weight >= least);
  const inner = ink.filter((piece) => !runsAlongEdge(piece, height, width));
  const total = (kept) => kept.reduce((sum, piece) => sum + piece.weight, 0);
  return total(inner) > 0.1 * total(ink) ? inner : ink;
}

/** Whether two pieces are parts of one character: one above the other, or a small one close by. */
function belong(a, b, typical) {
  const across = Math.max(a.left, b.left) - Math.min(a.right, b.right), down = Math.max(a.top, b.top) - Math.min(a.bottom, b.bottom);
  const narrower = Math.min(a.right - a.left, b.right - b.left), lower = Math.min(heightOf(a), heightOf(b));
  const joint = Math.max(a.bottom, b.bottom) - Math.min(a.top, b.top);
  const above = -across >= OVERLAP * narrower && -GAP * lower <= down && down <= GAP * joint && joint <= MAX_HEIGHT * typical;
  return above || (lower < LOW * typical && Math.max(across, down) <= NEAR * joint);
}

/** Group pieces into characters; joining is transitive. */
function join(pieces) {
  const typical = weightedMedian(pieces.map(heightOf), pieces.map((piece) => piece.weight));
  const owner = pieces.map((_, place) => place);
  const root = (place) => (owner[place] === place ? place : (owner[place] = root(owner[place])));
  for (let a = 0; a < pieces.length; a += 1) {
    for (let b = 0; b < a; b += 1) if (root(a) !== root(b) && belong(pieces[a], pieces[b], typical)) owner[root(a)] = root(b);
  }
  const groups = new Map();
  pieces.forEach((piece, place) => groups.set(root(place), [...(groups.get(root(place)) ?? []), piece]));
  return [...groups.values()].map((members) => ({
    members,
    left: Math.min(...members.map((each) => each.left)), top: Math.min(...members.map((each) => each.top)),
    right: Math.max(...members.map((each) => each.right)), bottom: Math.max(...members.map((each) => each.bottom)),
    weight: members.reduce((sum, each) => sum + each.weight, 0),
  }));
}

/** Crop a character's ink, with the soft edge that no other character claims. */
function cutOut(character, { number, own }, amount, width) {
  const { left, top, right, bottom } = character, high = bottom - top, wide = right - left;
  const mine = new Set(character.members.map((piece) => piece.number)), values = new Float32Array(high * wide);
  const isMine = (row, column) => row >= top && row < bottom && column >= left && column < right && mine.has(number[row * width + column]);
  for (let row = top; row < bottom; row += 1) {
    for (let column = left; column < right; column += 1) {
      const pixel = row * width + column;
      if (!(amount[pixel] > 0) || (own[number[pixel]] && !mine.has(number[pixel]))) continue;
      let near = false;
      for (let y = row - 1; y <= row + 1 && !near; y += 1) for (let x = column - 1; x <= column + 1 && !near; x += 1) near = isMine(y, x);
      if (near) values[(row - top) * wide + column - left] = amount[pixel];
    }
  }
  return { values, height: high, width: wide };
}

/**
 * The character with the most ink, all its pieces together. By ink, not by size: a long thin line is rarely what is meant.
 *
 * @returns {{ink: {values: Float32Array, height: number, width: number}, others: number}}
 * @throws {DrawingError} there are only specks, or there is only grain
 */
export function mainCharacter(amount, height, width) {
  const { number, pieces } = findPieces(amount, height, width);
  pieces.forEach((piece, place) => Object.assign(piece, { number: place + 1 }));
  // What remains of a shadow or a fold is faint all over.
  const solid = pieces.filter((piece) => piece.dark >= DARK_SHARE * piece.size);
  if (!solid.length) throw new DrawingError("I see only specks. Draw something larger.");
  const own = new Uint8Array(pieces.length + 1);
  for (const piece of solid) own[piece.number] = 1;
  const kept = writing(solid, height, width);
  if (kept.length > MAX_PIECES) throw new DrawingError("There are too many pieces of ink in this picture. Crop it to what is written.");
  const groups = join(kept);
  const least = Math.max(MIN_SIDE, SPECK * weightedMedian(groups.map(heightOf), groups.map((group) => group.weight)));
  const large = groups.filter((group) => longer(group) >= least);
  if (!large.length) throw new DrawingError("I see only specks. Draw something larger.");
  const sum = (ink) => ink.values.reduce((total, value) => total + value, 0);
  const cut = large.map((group) => cutOut(group, { number, own }, amount, width));
  const weights = cut.map(sum);
  return { ink: cut[weights.indexOf(Math.max(...weights))], others: large.length - 1 };
}
