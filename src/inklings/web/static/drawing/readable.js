// Whether the browser lets a page read what it has drawn: as a guard against fingerprinting, some return noise in its place.

import { element } from "../parts/element.js";
import { DrawingError } from "./ink.js";

const SIDE = 8;

/** How far from what was drawn a value may be: a milder guard changes the last bit of some, which no network minds. */
const MOST_NOISE = 32;

let isReadable = false; // as soon as it once was; until then, someone may allow it at any time

/** @throws {DrawingError} what is read is not what was drawn: networks would answer all the same, and be sure of it */
export function expectReadable() {
  isReadable ||= readsBack();
  if (!isReadable) throw new DrawingError("Your browser keeps this page from seeing the drawing: its guard against fingerprinting returns noise. Allow this page to read canvas data (in Firefox by the picture sign beside the address), and draw again.");
}

function readsBack() {
  const context = element("canvas", { width: SIDE, height: SIDE }).getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, SIDE, SIDE);
  context.fillStyle = "#000";
  context.fillRect(0, 0, SIDE / 2, SIDE);
  const { data } = context.getImageData(0, 0, SIDE, SIDE);
  return data.every((value, place) => place % 4 === 3 || Math.abs(value - ((place / 4) % SIDE < SIDE / 2 ? 0 : 255)) <= MOST_NOISE);
}
