// Small sums that Python's libraries have and JavaScript has not.

/** The nearest whole number; halves go to the even one, as in Python and NumPy. */
export function round(value) {
  const below = Math.floor(value), part = value - below;
  if (part !== 0.5) return part < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/** Percentiles by linear interpolation, as NumPy's; `values` is a typed array and stays as it is. */
export function percentiles(values, wanted) {
  const sorted = values.slice().sort();
  return wanted.map((share) => {
    const place = (share / 100) * (sorted.length - 1), below = Math.floor(place);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
  });
}

/** The median, each value weighted. */
export function weightedMedian(values, weights) {
  const order = Array.from(values.keys()).sort((a, b) => values[a] - values[b]);
  const half = order.reduce((sum, place) => sum + weights[place], 0) / 2;
  let total = 0;
  for (const place of order) {
    total += weights[place];
    if (total >= half) return values[place];
  }
  return values[order.at(-1)];
}
