// The images that a page carries, as web/page_images.py writes them.

/**
 * @param {{parts: Object<string, number>, image_shape: number[], low: number, high: number}} header
 * @param {ArrayBuffer} content
 * @returns {Object<string, {images: Float32Array, labels: Int32Array}>} by the part's name
 */
export function readImages({ parts, image_shape: shape, low, high }, content) {
  const size = shape.reduce((product, side) => product * side, 1), count = Object.values(parts).reduce((sum, each) => sum + each, 0);
  const bytes = new Uint8Array(content, 0, count * size), words = new DataView(content, count * size);
  let first = 0;
  return Object.fromEntries(Object.entries(parts).map(([name, own]) => {
    const images = Float32Array.from(bytes.subarray(first * size, (first + own) * size), (byte) => low + byte * (high - low) / 255);
    const labels = Int32Array.from({ length: own }, (_, row) => words.getUint16(2 * (first + row), true));
    first += own;
    return [name, { images, labels }];
  }));
}
