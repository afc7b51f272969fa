// The first layer's weights as small pictures, one for each filter or unit: the rules of lab/first_layer.py.

const MOST = 32, GREY = 128;

/**
 * @param {{name: string, kind: string, input: number[], shape: number[], parameters: object}[]} layers - of `walk`
 * @param {Map<string, Float32Array>} parameters
 * @returns {{shape: number[], values: number[]}|null} grey values, of which 128 is a weight of 0; null where they are no pictures
 */
export function firstLayerPictures(layers, parameters) {
  const first = layers.find((layer) => Object.keys(layer.parameters).length), [image] = layers;
  if (!first || !first.parameters.weights) return null;
  const before = layers.slice(0, layers.indexOf(first));
  if (before.some(({ kind }) => !["Flatten", "Dropout", "Activation"].includes(kind))) return null;
  const { shape } = first.parameters.weights, weights = parameters.get(`${first.name}/weights`);
  const sides = first.kind === "Conv2D" ? shape.slice(0, 3) : image.input, units = shape.at(-1), shown = Math.min(units, MOST);
  const size = weights.length / units, values = new Float32Array(shown * size);
  for (let unit = 0; unit < shown; unit += 1) for (let at = 0; at < size; at += 1) values[unit * size + at] = weights[at * units + unit];
  const scale = 127 / Math.max(values.reduce((most, value) => Math.max(most, Math.abs(value)), 0), 1e-12);
  return { shape: [shown, ...sides], values: Array.from(values, (value) => Math.min(255, Math.max(0, Math.round(GREY + value * scale)))) };
}
