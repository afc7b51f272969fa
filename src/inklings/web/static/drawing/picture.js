// A picture that someone drops, pastes, chooses or photographs: opened with its limits, upright, and laid on paper.
// The paper that shows most of it is for people, and for networks of single characters; others saw theirs in training.

import { DrawingError } from "./ink.js";

const MOST_BYTES = 40e6, MOST_PIXELS = 64e6, LEAST_SIDE = 8;

/** Kept no larger than this: it resolves a pencil line on a sheet of paper, and is read in an instant. */
const KEPT_SIDE = 768;

/**
 * A picture whose size is known, though nothing of it is decoded into memory yet. An <img> turns it upright by its EXIF data in every browser of today,
 * also when it is drawn; createImageBitmap has done so by options of changing names.
 */
async function known(file, act) {
  const address = URL.createObjectURL(file), picture = new Image();
  try {
    await new Promise((resolve, reject) => {
      picture.onload = resolve;
      picture.onerror = () => reject(new DrawingError("This browser cannot open that file as a picture. JPEG, PNG, WebP and GIF work everywhere."));
      picture.src = address;
    });
    return await act(picture, picture.naturalHeight, picture.naturalWidth);
  } finally {
    URL.revokeObjectURL(address);
  }
}

/**
 * Whether a PNG or a JPEG ends before its picture does, as a download that was cut short: browsers show what there is, and a digit without its lower
 * half is read as another.
 *
 * @param {Uint8Array} bytes
 */
export function isCutShort(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length > 8 && view.getUint32(0) === 0x89504e47) return endOfPng(view) === null;
  if (bytes.length > 4 && view.getUint16(0) === 0xffd8) return !endsJpeg(bytes, view);
  return false;
}

/** Where the last chunk of a PNG ends, null where there is none: length, type, content, checksum. */
function endOfPng(view) {
  for (let at = 8; at + 12 <= view.byteLength; at += 12 + view.getUint32(at)) {
    if (view.getUint32(at + 4) === 0x49454e44) return at + 12; // IEND
  }
  return null;
}

// Past the segments that come before the picture: a small one within them, for previews, has an end of its own.
function endsJpeg(bytes, view) {
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda) at += bytes[at + 1] === 0xff ? 1 : 2 + view.getUint16(at + 2);
  for (; at + 1 < bytes.length; at += 1) if (bytes[at] === 0xff && bytes[at + 1] === 0xd9) return true;
  return false;
}

/** How far the brightest and the darkest grey are apart, on paper of a brightness. */
function rangeOn(data, paper) {
  let low = 255, high = 0;
  for (let byte = 0; byte < data.length; byte += 4) {
    const grey = 0.299 * data[byte] + 0.587 * data[byte + 1] + 0.114 * data[byte + 2];
    const seen = paper + ((grey - paper) * data[byte + 3]) / 255;
    low = Math.min(low, seen);
    high = Math.max(high, seen);
  }
  return high - low;
}

/**
 * Lay transparent parts on white; or on black where the ink is so light that it would not show on white.
 *
 * @returns {ImageData|null} what was there before; null if nothing is transparent
 */
function layOnPaper(canvas) {
  const context = canvas.getContext("2d"), before = context.getImageData(0, 0, canvas.width, canvas.height), { data } = before;
  const isOpaque = data.every((value, place) => place % 4 !== 3 || value === 255);
  if (isOpaque) return null;
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = rangeOn(data, 0) > rangeOn(data, 255) ? "#000" : "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  return before;
}

/** Whether a file is a PNG of 16 bits per channel, of which browsers keep the upper 8. */
const isDeep = (bytes) => bytes.length > 24 && bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[24] === 16;

/**
 * @param {Blob} file
 * @returns {Promise<HTMLCanvasElement>} the picture, upright by its EXIF data, opaque, of at most 768 pixels a side; with its pixels from before it
 *   became opaque as `transparent`, null if it was so, and whether it has 16 bits per channel as `deep`
 * @throws {DrawingError} it is not a picture, or too large or too small
 */
export async function openPicture(file) {
  if (file.size > MOST_BYTES) throw new DrawingError(`That file has ${Math.round(file.size / 1e6)} MB. A picture of up to ${MOST_BYTES / 1e6} MB can be opened.`);
  return known(file, async (picture, high, wide) => {
    if (Math.min(high, wide) < LEAST_SIDE) throw new DrawingError(`That picture has ${wide} × ${high} pixels. It takes at least ${LEAST_SIDE} × ${LEAST_SIDE}.`);
    if (high * wide > MOST_PIXELS) {
      throw new DrawingError(`That picture has ${Math.round((high * wide) / 1e6)} million pixels. Up to ${MOST_PIXELS / 1e6} million can be opened.`);
    }
    await picture.decode().catch(() => {
      throw new DrawingError("That picture is damaged: it cannot be decoded.");
    });
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (isCutShort(bytes)) throw new DrawingError("That picture is cut short: a part of it is missing. Copy or load it again.");
    return Object.assign(laidOut(picture, high, wide), { deep: isDeep(bytes) });
  });
}

function laidOut(picture, high, wide) {
  const factor = Math.min(1, KEPT_SIDE / Math.max(high, wide)), canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(wide * factor));
  canvas.height = Math.max(1, Math.round(high * factor));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return Object.assign(canvas, { transparent: layOnPaper(canvas) });
}

/** The first picture among what was dropped or pasted, if any. */
export function pictureIn(transfer) {
  return Array.from(transfer?.files ?? []).find((file) => file.type.startsWith("image/")) ?? null;
}
