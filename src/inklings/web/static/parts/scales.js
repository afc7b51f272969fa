// Where values lie on a plot, and at which of them its grid stands.

export const finite = (value) => value !== null && Number.isFinite(value);

/** The smallest and largest value of lines within a stretch of x, and where they end. */
export function extent(lines, { from, to, logarithmic }) {
  let low = Infinity, high = -Infinity, end = 0;
  for (const { x, y } of lines) {
    for (let row = 0; row < x.length; row += 1) {
      if (!finite(y[row]) || (logarithmic && y[row] <= 0)) continue;
      end = Math.max(end, x[row]);
      if (x[row] < from || x[row] > to) continue;
      low = Math.min(low, y[row]);
      high = Math.max(high, y[row]);
    }
  }
  return { low, high, end: end || 1 };
}

/** Round values for the grid between two others. */
export function ticks(low, high, logarithmic, wanted = 5) {
  if (logarithmic) return powers(low, high);
  const rough = (high - low) / wanted, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((value) => value >= rough * 0.999);
  const found = [];
  for (let value = Math.ceil(low / step) * step; value <= high + step / 1e6; value += step) found.push(value);
  return found;
}

function powers(low, high) {
  const found = [], factors = Math.log10(high / low) < 2 ? [1, 2, 5] : [1];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
    for (const factor of factors) found.push(factor * 10 ** power);
  }
  return found.filter((value) => value >= low && value <= high);
}

/** The row whose place is nearest to `at`; places ascend. */
export function nearest(places, at) {
  let found = 0;
  for (let row = 1; row < places.length; row += 1) {
    if (Math.abs(places[row] - at) < Math.abs(places[found] - at)) found = row;
  }
  return found;
}
