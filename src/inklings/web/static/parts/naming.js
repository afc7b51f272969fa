// How a class is spoken of.

const DIGITS = /^[0-9]$/, LETTER = /^\p{L}$/u;

/** What there is to draw: "a digit", "a letter", or "a picture" of classes with longer names. */
export function thingToDraw(classNames) {
  if (classNames.every((name) => DIGITS.test(name))) return "a digit";
  return classNames.every((name) => LETTER.test(name) || DIGITS.test(name)) ? "a letter" : "a picture";
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** A name within a sentence: one that is written from right to left would otherwise draw commas and numbers after it to its other side. */
export const isolated = (name) => (RIGHT_TO_LEFT.test(name) ? `\u2068${name}\u2069` : name);

/** "a 7", "an 8", "an 11", "a T-shirt", "an ankle boot". */
export function aOrAn(name) {
  const isVowel = name.length === 1 ? /[8aefhilmnorsx]/i.test(name) : /^([aeiou]|8|1[18]$)/i.test(name);
  return `${isVowel ? "an" : "a"} ${isolated(name)}`;
}

/** What begins a sentence: "Your first network". */
export const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);
