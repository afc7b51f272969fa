// Numbers as people read them.

/** A share as a percentage, which no line is broken within: 0.1234 is "12.3 %"; never "100.0 %" or "0.0 %" of what is not quite so. */
export function percent(share, digits = 1) {
  const text = (100 * share).toFixed(digits), least = 10 ** -digits;
  if (Number(text) === 100 && share < 1 - 1e-7) return `>${(100 - least).toFixed(digits)}\u00a0%`;
  if (Number(text) === 0 && share > 1e-7) return `<${least.toFixed(digits)}\u00a0%`;
  return `${text}\u00a0%`;
}

/** A whole number with its thousands apart: 12345 is "12,345". */
export const whole = (value) => Math.round(value).toLocaleString("en");

/** The first three digits that matter: 0.012345 is "0.0123". */
export const short = (value) => String(Number(value.toPrecision(3)));

/** "1 image", "2 images". */
export const count = (number, one, several = `${one}s`) => `${whole(number)} ${number === 1 ? one : several}`;
