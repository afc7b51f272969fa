// A picture becomes what a network was trained on, with every stage to look at: as pages/normalise.py and models/preparation.py do it.

import { mainCharacter } from "./characters.js";
import { frame, normaliseStrokes } from "./framing.js";
import { DrawingError, findInk } from "./ink.js";
import { takeLinesOff } from "./paper_lines.js";
import { resize } from "./resize.js";

export { DrawingError };

const GREY = [0.299, 0.587, 0.114].map((weight) => Math.fround(weight) / 255);

/** Brightness of each pixel, from 0 for black to 1 for white. */
export function greyOf({ data, height, width }) {
  const values = new Float32Array(height * width);
  for (let pixel = 0, byte = 0; pixel < values.length; pixel += 1, byte += 4) {
    values[pixel] = data[byte] * GREY[0] + data[byte + 1] * GREY[1] + data[byte + 2] * GREY[2];
  }
  return { values, height, width };
}

const stage = (name, explanation, { values, height, width }) => ({ name, explanation, values, shape: [height, width] });

function character(picture, [height, width], clean) {
  const grey = greyOf(picture), { amount: found, isLight } = findInk(grey, { clean });
  const { amount, count: lines } = clean ? { amount: found, count: 0 } : takeLinesOff(found, grey.height, grey.width);
  const { ink, others } = mainCharacter(amount, grey.height, grey.width);
  const stages = [stage("cut out", `${isLight ? "light ink on dark paper" : "the ink"}${lines ? ", without the paper's lines" : ""}, cropped`, ink)];
  const strokes = normaliseStrokes(ink);
  if (strokes !== ink) stages.push(stage("strokes", "with a pen as wide as in the training images", strokes));
  const { boxed, framed } = frame(strokes);
  stages.push(stage("box", "its longer side is 20 pixels", boxed));
  stages.push(stage("centred", "its centre of mass in the middle of 28 × 28", framed));
  const input = resize(framed, height, width);
  stages.push(stage("input", `${height} × ${width} numbers`, input));
  return { image: input.values, shape: [height, width, 1], stages, others };
}

/** One of a picture's colours, from 0 to 1. */
function channelOf({ data, height, width }, channel) {
  return { values: Float32Array.from({ length: height * width }, (_, pixel) => data[4 * pixel + channel] / 255), height, width };
}

/** A picture whose transparent parts are as in training, black or white; as it is if nothing is transparent, or nobody knows. */
function onBackdrop(picture, backdrop) {
  if (!backdrop || !picture.transparent) return picture;
  const paper = backdrop === "black" ? 0 : 255, { data, height, width } = picture.transparent;
  const laid = data.map((value, place) => (place % 4 === 3 ? 255 : paper + ((value - paper) * data[place - (place % 4) + 3]) / 255));
  return { data: laid, height, width };
}

function whole(given, { size: [height, width], channels, invert, backdrop }) {
  // Numbers up to 4095 in 16 bits would be nearly black, and nobody here knows what was full brightness in training.
  if (given.deep) throw new DrawingError("That picture has 16 bits per pixel, of which browsers keep 8. Save it with 8, or use inklings predict.");
  const picture = onBackdrop(given, backdrop);
  const planes = channels === 1 ? [greyOf(picture)] : [0, 1, 2].map((channel) => channelOf(picture, channel));
  const inputs = planes.map((plane) => resize(invert ? { ...plane, values: plane.values.map((value) => 1 - value) } : plane, height, width));
  const image = new Float32Array(height * width * channels), grey = new Float32Array(height * width);
  for (let pixel = 0; pixel < grey.length; pixel += 1) {
    inputs.forEach((input, channel) => {
      image[pixel * channels + channel] = input.values[pixel];
      grey[pixel] += input.values[pixel] / channels;
    });
  }
  const shown = channels === 3 ? { name: "input", values: image, shape: [height, width, 3] } : stage("input", "", { values: grey, height, width });
  const explanation = `the whole picture, resized to ${height} × ${width}`;
  return { image, shape: [height, width, channels], stages: [{ ...shown, explanation }], others: 0 };
}

/**
 * @param {{data: Uint8ClampedArray, height: number, width: number, transparent?: ImageData, deep?: boolean}} picture - red, green, blue and alpha, as a
 *   canvas gives them, on opaque paper; `transparent` is it before it lay on that, `deep` whether its file has 16 bits per pixel
 * @param {{kind: "character"|"whole", size: [number, number], channels: number, invert: boolean, backdrop?: "white"|"black"}} preparation - how the
 *   network's training images were made
 * @param {{clean?: boolean}} options - `clean`: it was drawn on the pad, in black on white
 * @returns {{image: Float32Array, shape: number[], stages: {name: string, explanation: string, values: Float32Array, shape: number[]}[], others: number}}
 *   `others` counts the characters that were left out
 * @throws {DrawingError} nothing is drawn that could be read
 */
export function normalise(picture, preparation, { clean = false } = {}) {
  if (preparation.kind === "whole") return whole(picture, preparation);
  return character(picture, preparation.size, clean);
}
