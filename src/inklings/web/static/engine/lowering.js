// A network lowered to what the C library takes, by the rules of lowering.py and layout.py of the native engine.

import { activationOf, KINDS as RULES, walk } from "./layers.js";

// As numbered in network.h.
const [DENSE, CONV, MAX_POOL, GLOBAL_AVG_POOL, GLOBAL_MAX_POOL, DROPOUT, BATCH_NORM, ACTIVATION] = Array(8).keys();
const ACTIVATIONS = ["linear", "relu", "leaky_relu", "elu", "sigmoid", "tanh", "softmax"];
const ALIGNED = 64, SLACK = 64; // as in layout.py

export const activationNumber = (name) => {
  const number = ACTIVATIONS.indexOf(name);
  if (number < 0) throw new Error(`unknown activation '${name}'`);
  return number;
};

const FIELDS = {
  Dense: (layer) => ({ kind: DENSE, activation: activationNumber(layer.activation) }),
  Conv2D: (layer) => ({ kind: CONV, activation: activationNumber(layer.activation) }),
  MaxPool2D: () => ({ kind: MAX_POOL }),
  GlobalPool: (layer) => ({ kind: layer.kind === "average" ? GLOBAL_AVG_POOL : GLOBAL_MAX_POOL }),
  Dropout: (layer) => ({ kind: DROPOUT, dropout_threshold: Math.min(roundToEven(layer.rate * 2 ** 32), 2 ** 32 - 1), dropout_scale: 1 / (1 - layer.rate) }),
  BatchNorm: (layer) => ({ kind: BATCH_NORM, momentum: layer.momentum, epsilon: layer.epsilon }),
  Activation: (layer) => ({ kind: ACTIVATION, activation: activationNumber(layer.function) }),
};
const OFFSETS = { weights: ["weights", "scale"], biases: ["biases", "shift"], mean: ["mean"], variance: ["variance"] };

// As Python rounds: a half to the even neighbour.
function roundToEven(value) {
  const below = Math.floor(value), rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2) ? below + 1 : below;
}

const rounded = (count, step) => Math.ceil(count / step) * step;
const size = (shape) => shape.reduce((product, side) => product * side, 1);
const isPacked = (name) => name.endsWith("/weights");

/** Where each array of parameters lies in the one that holds all: weights in panels, everything else as it is. */
export class Layout {
  /**
   * @param {Map<string, {shape: number[]}>} parameters
   * @param {{panel: number, gap: number, lanes: number}} panels
   */
  constructor(parameters, panels) {
    Object.assign(this, panels, { parameters, offsets: {}, size: 0 });
    for (const [name, { shape }] of parameters) {
      this.offsets[name] = this.size;
      this.size += rounded(this.#count(name, shape), ALIGNED);
    }
    this.length = this.size + SLACK;
  }

  #count(name, shape) {
    if (!isPacked(name)) return size(shape);
    const rows = size(shape.slice(0, -1)), columns = shape.at(-1);
    return rows * rounded(columns, this.lanes) + this.gap * rounded(columns, this.panel);
  }

  /** Copy an array of parameters into the one that holds all, or out of it. */
  pack(name, values, vector) { this.#move(name, (place, from, count) => vector.set(values.subarray(from, from + count), place)); }
  unpack(name, vector) {
    const values = new Float32Array(size(this.parameters.get(name).shape));
    this.#move(name, (place, from, count) => values.set(vector.subarray(place, place + count), from));
    return values;
  }

  #move(name, copy) {
    const { shape } = this.parameters.get(name);
    let start = this.offsets[name];
    if (!isPacked(name)) return copy(start, 0, size(shape));
    const rows = size(shape.slice(0, -1)), columns = shape.at(-1);
    for (let first = 0; first < columns; first += this.panel) {
      const width = Math.min(columns - first, this.panel), stored = rounded(width, this.lanes);
      for (let row = 0; row < rows; row += 1) copy(start + row * stored, row * columns + first, width);
      start += (rows + this.gap) * stored;
    }
    return undefined;
  }
}

/**
 * Lower a network.
 *
 * @param {object} network - its JSON
 * @param {Layout} layout
 * @param {{fuse?: boolean}} options - fused, some layers' own outputs are not computed: an activation becomes the layer's
 *   before it, and a convolution's moves behind the pooling that follows
 * @returns {{fields: object, number: number, name: string}[]} without Flatten and the last activation, which is the loss's;
 *   of each the structure's fields and which of the network's layers it is
 */
export function lower(network, layout, { fuse = true } = {}) {
  const lowered = [], steps = walk(network);
  steps.forEach((step, number) => {
    const settings = number === steps.length - 1 ? { ...step.settings, activation: "linear", function: "linear" } : step.settings;
    if (step.kind === "Flatten") return;
    const before = lowered.at(-1)?.fields;
    if (fuse && step.kind === "Activation" && before && [DENSE, CONV, BATCH_NORM].includes(before.kind) && !before.activation) {
      before.activation = activationNumber(settings.function);
      return;
    }
    lowered.push({ fields: fieldsOf(step, settings, layout.offsets), number, name: step.name });
  });
  if (fuse) for (let place = 1; place < lowered.length; place += 1) swap(lowered[place - 1].fields, lowered[place].fields);
  return lowered.length ? lowered : [identity(network.input_shape)];
}

// Activations are monotonic: the maximum stays the maximum.
function swap(one, next) {
  if (one.kind === CONV && next.kind === MAX_POOL) [one.activation, next.activation] = [next.activation ?? 0, one.activation];
}

const sizes = (prefix, shape) => {
  const [height, width, channels] = [1, 1, ...shape].slice(-3);
  return { [`${prefix}height`]: height, [`${prefix}width`]: width, [`${prefix}channels`]: channels };
};

function fieldsOf({ name, kind, input, shape }, settings, offsets) {
  const fields = { ...FIELDS[kind](settings), ...sizes("", input), ...sizes("out_", shape) };
  Object.assign(fields, { kernel_height: 1, kernel_width: 1, stride_y: 1, stride_x: 1 });
  const window = RULES[kind].window?.(settings, input);
  if (window) {
    [fields.kernel_height, fields.kernel_width] = window.size;
    [fields.stride_y, fields.stride_x] = window.stride;
    [fields.pad_top, fields.pad_left] = window.before;
  }
  for (const [field, kinds] of Object.entries(OFFSETS)) {
    const found = kinds.map((each) => offsets[`${name}/${each}`]).find((offset) => offset !== undefined);
    fields[field] = found ?? -1;
  }
  return fields;
}

// Of a network without layers that compute: the pixels are the outputs.
function identity(shape) {
  const step = { name: "", kind: "Activation", input: shape, shape };
  return { fields: fieldsOf(step, { function: "linear" }, {}), number: 0, name: "" };
}

/** The activation of a network's last layer. */
export const lastActivation = (network) => activationOf(walk(network).at(-1));
