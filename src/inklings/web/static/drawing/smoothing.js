// The two filters by which ink is told from paper, as SciPy computes them.

/** The greatest (or least) value within `window` pixels around each, along a line that `at` reads and `put` writes: Van Herk's in one pass by a queue. */
function extremeAlong(values, start, step, count, reach, sign, scratch) {
  const { line, queue } = scratch;
  for (let place = 0; place < count; place += 1) line[place] = sign * values[start + place * step];
  let head = 0, tail = 0;
  for (let place = 0; place < count + reach; place += 1) {
    if (place < count) {
      while (tail > head && line[queue[tail - 1]] <= line[place]) tail -= 1;
      queue[tail] = place;
      tail += 1;
    }
    const middle = place - reach;
    if (middle < 0) continue;
    while (queue[head] < middle - reach) head += 1;
    values[start + middle * step] = sign * line[queue[head]];
  }
}

/** Closing by a square window: whatever is dark and narrower than it is filled. Mirrored edges add nothing to a window that ends there. */
export function closing(values, height, width, window) {
  const closed = values.slice(), reach = (window - 1) / 2, longest = Math.max(height, width);
  const scratch = { line: new Float32Array(longest), queue: new Int32Array(longest) };
  for (const sign of [1, -1]) {
    for (let row = 0; row < height; row += 1) extremeAlong(closed, row * width, 1, width, reach, sign, scratch);
    for (let column = 0; column < width; column += 1) extremeAlong(closed, column, width, height, reach, sign, scratch);
  }
  return closed;
}

/** Beyond the edge: the nearest pixel, or the picture mirrored with its last pixel twice. */
function inside(place, count, mirrored) {
  if (!mirrored) return Math.min(Math.max(place, 0), count - 1);
  const around = ((place % (2 * count)) + 2 * count) % (2 * count);
  return around < count ? around : 2 * count - 1 - around;
}

/** A Gaussian filter, cut off at four standard deviations. */
export function gaussian(values, height, width, deviation, { mirrored }) {
  const reach = Math.trunc(4 * deviation + 0.5);
  const bell = Float64Array.from({ length: 2 * reach + 1 }, (_, place) => Math.exp((-0.5 * (place - reach) ** 2) / deviation ** 2));
  const total = bell.reduce((sum, weight) => sum + weight, 0);
  const weights = bell.map((weight) => weight / total);
  let result = values;
  // Rows of pixels are filtered last, as in SciPy, which goes from the first axis to the last.
  for (const [count, lines, step, stride] of [[height, width, width, 1], [width, height, 1, width]]) {
    const filtered = new Float32Array(values.length);
    for (let line = 0; line < lines; line += 1) {
      for (let place = 0; place < count; place += 1) {
        let sum = 0;
        for (let x = -reach; x <= reach; x += 1) sum += weights[x + reach] * result[line * stride + inside(place + x, count, mirrored) * step];
        filtered[line * stride + place * step] = sum;
      }
    }
    result = filtered;
  }
  return result;
}
