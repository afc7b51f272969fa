// Bytes that lie within the page itself: compressed by gzip, as base64, each in a script element of its own that no browser
// runs.

/** Return an element's text, or null if the page has none of that name. */
export const textOf = (id) => document.getElementById(id)?.textContent ?? null;

/**
 * Unpack an element's bytes.
 *
 * @param {string} id
 * @returns {Promise<ArrayBuffer>}
 */
export async function unpack(id) {
  if (typeof DecompressionStream === "undefined") throw new Error("This browser is too old for the page. Firefox 113, Safari 16.4, Chrome 97 or anything newer opens it.");
  const text = atob(textOf(id).trim()), bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}
