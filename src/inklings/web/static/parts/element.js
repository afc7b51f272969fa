// Elements from a name, properties and children, since pages are built without a framework.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an HTML element. Properties that start with "on" are listeners, `class`, `for`, `aria-*`, `data-*` and `role`
 * are attributes, all others are properties of the element; null and undefined are left out.
 */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) setProperty(made, key, value);
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

function setProperty(made, key, value) {
  if (value === null || value === undefined) return;
  if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
  else if (key === "class") made.className = value;
  else if (key in made && !key.includes("-") && key !== "role" && key !== "list") made[key] = value;
  else made.setAttribute(key, value);
}

/** Make an SVG element from attributes. */
export function svg(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

/** Write a share as a percentage: 0.1234 is "12.3 %". */
export const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;

/** Write a whole number with its thousands apart. */
export const whole = (value) => Math.round(value).toLocaleString("en");

/** Write a number by its first three digits that matter. */
export const short = (value) => String(Number(value.toPrecision(3)));
