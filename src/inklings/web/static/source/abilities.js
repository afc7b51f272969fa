// What a page can do beyond computing: the lab asks its server, an exported page has no one to ask.

/**
 * @param {object} context - what a view is given
 * @returns {{keep: ((label: string, png: Blob) => Promise<{count: number}>)|null,
 *   novelty: ((network: object, image: Float32Array) => Promise<{score: number, threshold: number, novel: boolean}>)|null,
 *   explain: ((network: object, image: Float32Array, kind: string, label: number) => Promise<Float32Array>)|null}} null where the page cannot
 */
export function abilities({ source, keep, novelty, explain }) {
  const can = source?.can ?? {};
  return {
    keep: keep ?? (can.drawings ? (label, png) => source.keepDrawing(label, png) : null),
    novelty: novelty ?? (can.novelty ? (network, image) => source.novelty(network.id, image) : null),
    explain: explain ?? (can.explain ? (network, image, kind, label) => source.explain(network.id, image, kind, label) : null),
  };
}
