// Resizing as Pillow does it, number by number: a drawing becomes what Python makes of it only by the same filter.
//
// Each new pixel is a weighted sum of the old ones below the filter, which is as wide as the filter's own support where an image grows, and wider
// by the factor by which it shrinks. Sums are taken in double precision and kept in single, rows first and columns after.

const A = -0.5;

export const BICUBIC = {
  support: 2,
  at(x) {
    const away = Math.abs(x);
    if (away < 1) return ((A + 2) * away - (A + 3)) * away * away + 1;
    return away < 2 ? (((away - 5) * away + 8) * away - 4) * A : 0;
  },
};
export const BOX = { support: 0.5, at: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) };
export const BILINEAR = { support: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) };

const known = new Map();

/** For each new pixel, the first old one under the filter, and the weights from there on. */
function weightsOf(length, size, filter) {
  const key = `${filter.support} ${length} ${size}`;
  if (known.has(key)) return known.get(key);
  const scale = length / size, widened = Math.max(scale, 1), support = filter.support * widened;
  const weights = Array.from({ length: size }, (_, place) => {
    const centre = (place + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const last = Math.min(length, Math.trunc(centre + support + 0.5));
    const own = Float64Array.from({ length: last - first }, (_, x) => filter.at((x + first - centre + 0.5) * (1 / widened)));
    const total = own.reduce((sum, weight) => sum + weight, 0);
    return { first, own: total === 0 ? own : own.map((weight) => weight * (1 / total)) };
  });
  // Photographs come in all sizes; those that come again are a pad's.
  if (known.size > 64) known.clear();
  known.set(key, weights);
  return weights;
}

function resizeRows({ values, height, width }, size, filter) {
  const weights = weightsOf(width, size, filter), resized = new Float32Array(height * size);
  for (let row = 0, start = 0; row < height; row += 1, start += width) {
    for (let place = 0; place < size; place += 1) {
      const { first, own } = weights[place];
      let sum = 0;
      for (let x = 0, from = start + first; x < own.length; x += 1) sum += values[from + x] * own[x];
      resized[row * size + place] = sum;
    }
  }
  return { values: resized, height, width: size };
}

function resizeColumns({ values, height, width }, size, filter) {
  const weights = weightsOf(height, size, filter), resized = new Float32Array(size * width);
  const sums = new Float64Array(width);
  for (let place = 0; place < size; place += 1) {
    const { first, own } = weights[place];
    sums.fill(0);
    for (let y = 0; y < own.length; y += 1) {
      const weight = own[y], start = (first + y) * width;
      for (let column = 0; column < width; column += 1) sums[column] += values[start + column] * weight;
    }
    resized.set(sums, place * width);
  }
  return { values: resized, height: size, width };
}

/**
 * @param {{values: Float32Array, height: number, width: number}} image - of one channel
 * @returns {{values: Float32Array, height: number, width: number}} `image` itself if it has that size; may overshoot its range a little
 */
export function resize(image, height, width, filter = BICUBIC) {
  const wide = image.width === width ? image : resizeRows(image, width, filter);
  return wide.height === height ? wide : resizeColumns(wide, height, filter);
}
