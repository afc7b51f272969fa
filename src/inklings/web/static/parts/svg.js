// Elements of a drawing in SVG, from attributes.

const SPACE = "http://www.w3.org/2000/svg";

/** svg("line", {x1: 0, ...}, child, ...): what is null or undefined is left out. */
export function svg(name, attributes = {}, ...children) {
  const made = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}
