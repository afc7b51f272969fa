// Making elements: element("p", {class: "caption"}, "words", otherElement). Text is always set as text.

/**
 * @param {string} name
 * @param {Object<string, unknown>} attributes - `on...` adds a listener; false, null and undefined are left out; true is an empty attribute.
 * @param {...(Node|string|null)} children
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** A button, which never sends a form. */
export function button(words, pressed, attributes = {}) {
  return element("button", { type: "button", class: "button", onclick: pressed, ...attributes }, words);
}
