// The layers as a network's JSON has them: names, shapes and parameters by the rules of
// networks/layers.py and networks/image_layers.py.

const ONES = { distribution: "constant", scale: 1 }, ZEROS = { distribution: "zeros" };
// What the JSON leaves out, since it equals the default.
const WEIGHTED = { activation: "linear", weights: { distribution: "glorot_uniform" }, biases: ZEROS };

const pair = (value) => (Array.isArray(value) ? value : [value, value]);
const product = (shape) => shape.reduce((size, side) => size * side, 1);
const distribution = (value) => ({ scale: 1, ...(typeof value === "string" ? { distribution: value } : value) });

function weightsAndBiases(shape, { weights, biases }) {
  const found = { weights: { shape, start: distribution(weights), trainable: true } };
  if (biases) found.biases = { shape: shape.slice(-1), start: distribution(biases), trainable: true };
  return found;
}

/** A window that slides over an image: how many fit, and the zeros above and to the left. */
export function windowOf({ size, stride, padding }, shape) {
  const sides = [0, 1].map((axis) => {
    const [length, wide, step] = [shape[axis], pair(size)[axis], pair(stride)[axis]];
    if (padding === "valid") return { count: Math.floor((length - wide) / step) + 1, before: 0 };
    const count = Math.ceil(length / step);
    return { count, before: Math.floor(Math.max((count - 1) * step + wide - length, 0) / 2) };
  });
  const counts = sides.map((side) => side.count);
  if (Math.min(...counts) < 1) throw new Error(`a window of ${pair(size).join(" x ")} does not fit into ${shape.slice(0, 2).join(" x ")}`);
  return { size: pair(size), stride: pair(stride), counts, before: sides.map((side) => side.before) };
}

const image = (kind, shape) => {
  if (shape.length !== 3) throw new Error(`${kind} expects an image, found ${shape.join(" x ")}`);
  return shape;
};

// Of each kind: what its names begin with, its defaults, its output's shape and its parameters by kind.
export const KINDS = {
  Dense: {
    label: "dense", defaults: WEIGHTED,
    output(layer, shape) {
      if (shape.length !== 1) throw new Error(`Dense expects a vector, found ${shape.join(" x ")}: put Flatten before it`);
      return [layer.units];
    },
    parameters: (layer, shape) => weightsAndBiases([...shape, layer.units], layer),
  },
  Conv2D: {
    label: "conv2d", defaults: { kernel_size: 3, padding: "same", stride: 1, ...WEIGHTED },
    window: (layer, shape) => windowOf({ ...layer, size: layer.kernel_size }, shape),
    output(layer, shape) { return [...this.window(layer, image("Conv2D", shape)).counts, layer.filters]; },
    parameters: (layer, shape) => weightsAndBiases([...pair(layer.kernel_size), shape[2], layer.filters], layer),
  },
  MaxPool2D: {
    label: "maxpool2d", defaults: { pool_size: 2, padding: "valid" },
    window: (layer, shape) => windowOf({ ...layer, size: layer.pool_size, stride: layer.stride ?? layer.pool_size }, shape),
    output(layer, shape) { return [...this.window(layer, image("MaxPool2D", shape)).counts, shape[2]]; },
  },
  GlobalPool: { label: "globalpool", defaults: { kind: "average" }, output: (layer, shape) => [image("GlobalPool", shape)[2]] },
  Flatten: { label: "flatten", defaults: {}, output: (layer, shape) => [product(shape)] },
  Dropout: { label: "dropout", defaults: {}, output: (layer, shape) => shape },
  Activation: { label: "activation", defaults: {}, output: (layer, shape) => shape },
  BatchNorm: {
    label: "batchnorm", defaults: { momentum: 0.9, epsilon: 1e-3 }, output: (layer, shape) => shape,
    parameters(layer, shape) {
      const [start, rest] = [distribution(ONES), distribution(ZEROS)], own = { shape: shape.slice(-1), trainable: true };
      const kept = { ...own, trainable: false };
      return { scale: { ...own, start }, shift: { ...own, start: rest }, mean: { ...kept, start: rest }, variance: { ...kept, start } };
    },
  },
};

/**
 * Walk through a network's layers.
 *
 * @param {{input_shape: number[], layers: object[]}} network - as the JSON of networks/config.py
 * @returns {{name: string, kind: string, settings: object, input: number[], shape: number[], parameters: object}[]} one
 *   for each layer: its settings with the defaults, the shapes of its input and output, and its parameters by kind
 */
export function walk(network) {
  const counts = {};
  let shape = network.input_shape;
  return network.layers.map(({ layer: kind, ...given }) => {
    const rules = KINDS[kind];
    if (!rules) throw new Error(`unknown layer '${kind}'`);
    counts[rules.label] = (counts[rules.label] ?? 0) + 1;
    const settings = { ...rules.defaults, ...given }, input = shape;
    shape = rules.output(settings, input);
    const parameters = rules.parameters?.(settings, input) ?? {};
    return { name: `${rules.label}_${counts[rules.label]}`, kind, settings, input, shape, parameters };
  });
}

/** All parameters of a network, by "layer/kind", in the order in which they are drawn and stored. */
export function parametersOf(network) {
  return new Map(walk(network).flatMap(({ name, parameters }) => Object.entries(parameters).map(([kind, own]) => [`${name}/${kind}`, own])));
}

/** The activation that a layer applies last. */
export const activationOf = ({ kind, settings }) => (kind === "Activation" ? settings.function : settings.activation ?? "linear");
