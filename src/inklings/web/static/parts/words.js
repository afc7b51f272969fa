// Numbers as people read them.

/** A share as a percentage, which no line is broken within: 0.1234 is "12.3 %". */
export const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)}\u00a0%`;

/** A whole number with its thousands apart: 12345 is "12,345". */
export const whole = (value) => Math.round(value).toLocaleString("en");

/** The first three digits that matter: 0.012345 is "0.0123". */
export const short = (value) => String(Number(value.toPrecision(3)));

/** "1 image", "2 images". */
export const count = (number, one, several = `${one}s`) => `${whole(number)} ${number === 1 ? one : several}`;
