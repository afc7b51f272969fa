// What one number inside a network is made of. All numbers are the engine's own: its parameters and its activations.

const pair = (value) => (Array.isArray(value) ? value : [value, value]);

/** What kind a layer is, in small letters: "conv2d", "maxpool2d", "dense", "flatten", ... */
export const kindOf = (layer) => (layer.layer ?? layer.kind).toLowerCase();

/** Where a layer's windows lie on its input: their size, stride and the rows and columns of padding before the first pixel. */
export function windowsOf(layer, [height, width]) {
  const size = pair(layer.pool_size ?? layer.kernel_size ?? (kindOf(layer) === "conv2d" ? 3 : 2));
  const stride = pair(layer.stride ?? (kindOf(layer) === "conv2d" ? 1 : size));
  const isSame = (layer.padding ?? (kindOf(layer) === "conv2d" ? "same" : "valid")) === "same";
  const before = [height, width].map((length, axis) => {
    const count = Math.ceil(length / stride[axis]);
    return isSame ? Math.floor(Math.max((count - 1) * stride[axis] + size[axis] - length, 0) / 2) : 0;
  });
  return { size, stride, before };
}

/** The window under one output pixel: its first row and column may be negative, where it reaches over the border. */
export function windowAt(layer, shape, row, column) {
  const { size, stride, before } = windowsOf(layer, shape);
  return { top: row * stride[0] - before[0], left: column * stride[1] - before[1], height: size[0], width: size[1] };
}

/** The numbers of one channel under a window; null beyond the border. */
function patchOf({ values, shape: [height, width, channels = 1] }, { top, left, height: high, width: wide }, channel) {
  return Array.from({ length: high * wide }, (_, place) => {
    const row = top + Math.floor(place / wide), column = left + (place % wide);
    return row < 0 || column < 0 || row >= height || column >= width ? null : values[(row * width + column) * channels + channel];
  });
}

/**
 * One output of a convolution.
 *
 * @param {{kind: string, name: string, activation?: string}} layer
 * @param {Map<string, {shape: number[], values: Float32Array}>} parameters
 * @param {{values: Float32Array, shape: number[]}} input - what the layer received
 * @param {{values: Float32Array, shape: number[]}} output - what it made of it
 * @param {number} [channel] - which channel of the input is shown; the one that adds most, up or down, if not given
 * @returns {{window: object, channel: number, patch: (number|null)[], kernel: number[], products: number[], sums: number[], sum: number, bias: number,
 *   before: number, after: number}} `sums` holds the products' sum for each channel of the input, `after` is the engine's own number
 */
export function convolutionAt(layer, parameters, input, output, { row, column, map }, channel = null) {
  const { shape: [high, wide, channels, filters], values: weights } = parameters.get(`${layer.name}/weights`);
  const bias = parameters.get(`${layer.name}/biases`)?.values[map] ?? 0;
  const window = windowAt(layer, input.shape, row, column);
  const kernelOf = (one) => Array.from({ length: high * wide }, (_, place) => weights[(place * channels + one) * filters + map]);
  const productsOf = (patch, kernel) => patch.map((value, place) => (value ?? 0) * kernel[place]);
  const add = (numbers) => numbers.reduce((sum, number) => sum + number, 0);
  const sums = Array.from({ length: channels }, (_, one) => add(productsOf(patchOf(input, window, one), kernelOf(one))));
  const most = sums.reduce((best, sum, one) => (Math.abs(sum) > Math.abs(sums[best]) ? one : best), 0);
  const shown = channel ?? most, patch = patchOf(input, window, shown), kernel = kernelOf(shown);
  const [, width, maps] = output.shape, sum = add(sums);
  return {
    window, channel: shown, patch, kernel, products: productsOf(patch, kernel), sums, sum, bias,
    before: sum + bias, after: output.values[(row * width + column) * maps + map],
  };
}

/** One output of a max pooling: the numbers in its window and which of them was kept. */
export function poolingAt(layer, input, output, { row, column, map }) {
  const window = windowAt(layer, input.shape, row, column), patch = patchOf(input, window, map);
  const [, width, maps] = output.shape, after = output.values[(row * width + column) * maps + map];
  const kept = patch.reduce((best, value, place) => (value !== null && (best < 0 || value > patch[best]) ? place : best), -1);
  return { window, patch, kept, after };
}

/**
 * One unit of a dense layer.
 *
 * @returns {{weights: Float32Array, products: Float32Array, sum: number, bias: number, before: number, after: number}} in the order of the input
 */
export function unitAt(layer, parameters, input, output, unit) {
  const { shape: [inputs, units], values } = parameters.get(`${layer.name}/weights`);
  const bias = parameters.get(`${layer.name}/biases`)?.values[unit] ?? 0;
  const weights = Float32Array.from({ length: inputs }, (_, place) => values[place * units + unit]);
  const products = weights.map((weight, place) => weight * input.values[place]);
  let sum = 0;
  for (let place = 0; place < inputs; place += 1) sum += weights[place] * input.values[place];
  return { weights, products, sum, bias, before: sum + bias, after: output.values[unit] };
}
