// How far each pixel is from the nearest one of another kind: the exact Euclidean distance transform of P. F. Felzenszwalb and D. P. Huttenlocher,
// "Distance transforms of sampled functions", Theory of Computing 8, 2012: the lower envelope of parabolas, along columns and then along rows.

const FAR = 1e12;

/** Lower envelope along one line of `count` values, `step` apart, in place; `line`, `place` and `bound` are scratch. */
function along(values, start, step, count, line, place, bound) {
  for (let q = 0; q < count; q += 1) line[q] = values[start + q * step];
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
    values[start + q * step] = (q - p) * (q - p) + line[p];
  }
}

/**
 * The distance of each pixel of a mask to the nearest pixel outside it; 0 outside.
 *
 * @param {Uint8Array} mask - 1 inside
 * @param {boolean} outside - measures the pixels outside, to the nearest inside, instead
 * @returns {Float64Array}
 */
export function distances(mask, height, width, outside = false) {
  const values = new Float64Array(mask.length), zero = outside ? 1 : 0;
  for (let pixel = 0; pixel < mask.length; pixel += 1) values[pixel] = mask[pixel] === zero ? 0 : FAR;
  const longest = Math.max(height, width);
  const line = new Float64Array(longest), place = new Int32Array(longest), bound = new Float64Array(longest + 1);
  for (let column = 0; column < width; column += 1) along(values, column, width, height, line, place, bound);
  for (let row = 0; row < height; row += 1) along(values, row * width, 1, width, line, place, bound);
  for (let pixel = 0; pixel < values.length; pixel += 1) values[pixel] = Math.sqrt(values[pixel]);
  return values;
}
