// How far each pixel is from the nearest one of another kind: the exact Euclidean distance transform of P. F. Felzenszwalb and D. P. Huttenlocher,
// "Distance transforms of sampled functions", Theory of Computing 8, 2012: steps along columns, and then the lower envelope of parabolas along rows.

const FAR = 1e12;

/** Lower envelope along a row of `count` values, in place; `line`, `place` and `bound` are scratch. */
function along(values, start, count, line, place, bound) {
  for (let q = 0; q < count; q += 1) line[q] = values[start + q];
  let last = 0;
  place[0] = 0;
  bound[0] = -Infinity;
  bound[1] = Infinity;
  for (let q = 1; q < count; q += 1) {
    let meet;
    do {
      const p = place[last];
      meet = (line[q] + q * q - line[p] - p * p) / (2 * (q - p));
    } while (meet <= bound[last] && (last -= 1) >= 0);
    last += 1;
    place[last] = q;
    bound[last] = meet;
    bound[last + 1] = Infinity;
  }
  for (let q = 0, k = 0; q < count; q += 1) {
    while (bound[k + 1] < q) k += 1;
    const p = place[k];
    values[start + q] = (q - p) * (q - p) + line[p];
  }
}

/** The square of how many pixels of its column lie between each pixel and the nearest one of the other kind: down, and up again. */
function squaredSteps(mask, height, width, zero) {
  const values = new Float64Array(mask.length);
  for (let pixel = 0; pixel < mask.length; pixel += 1) {
    values[pixel] = mask[pixel] === zero ? 0 : pixel < width ? FAR : values[pixel - width] + 1;
  }
  for (let pixel = mask.length - width - 1; pixel >= 0; pixel -= 1) if (values[pixel] > values[pixel + width] + 1) values[pixel] = values[pixel + width] + 1;
  for (let pixel = 0; pixel < mask.length; pixel += 1) values[pixel] = values[pixel] >= FAR ? FAR : values[pixel] * values[pixel];
  return values;
}

/**
 * The distance of each pixel of a mask to the nearest pixel outside it; 0 outside.
 *
 * @param {Uint8Array} mask - 1 inside
 * @param {boolean} outside - measures the pixels outside, to the nearest inside, instead
 * @returns {Float64Array}
 */
export function distances(mask, height, width, outside = false) {
  const values = squaredSteps(mask, height, width, outside ? 1 : 0);
  const line = new Float64Array(width), place = new Int32Array(width), bound = new Float64Array(width + 1);
  for (let row = 0; row < height; row += 1) {
    // Nothing beyond a pixel of the other kind can be nearer than that one: each stretch between two of them is a line of its own.
    const start = row * width;
    for (let column = 0; column < width; column += 1) {
      if (values[start + column] === 0) continue;
      const first = Math.max(column - 1, 0);
      while (column < width && values[start + column] !== 0) column += 1;
      along(values, start + first, Math.min(column + 1, width) - first, line, place, bound);
    }
  }
  for (let pixel = 0; pixel < values.length; pixel += 1) values[pixel] = Math.sqrt(values[pixel]);
  return values;
}
