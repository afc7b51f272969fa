// A trained network in the engine's memory, or several whose probabilities are averaged.

import { activationNumber, lastActivation, Layout, lower } from "./lowering.js";
import { parametersOf, walk } from "./layers.js";

const BATCH = 64; // images together, as in resources.py: enough to be quick, few enough to lie in the cache
const size = (shape) => shape.reduce((product, side) => product * side, 1);

/** Memory to compute one network in, with its parameters. */
export class Placed {
  /**
   * @param {object} engine
   * @param {object} network - its JSON
   * @param {Map<string, Float32Array>} parameters
   */
  constructor(engine, network, parameters) {
    Object.assign(this, { engine, network, workspaces: new Map() });
    this.layout = new Layout(parametersOf(network), engine.panels);
    this.vector = engine.memory.allocate(4 * this.layout.length);
    this.activation = lastActivation(network);
    this.write(parameters);
  }

  write(parameters) {
    const vector = this.engine.memory.floats(this.vector, this.layout.length);
    for (const [name, { shape }] of this.layout.parameters) {
      const values = parameters.get(name);
      if (values?.length !== size(shape)) throw new Error(`the weights' '${name}' is missing or not of shape ${shape.join(" x ")}`);
      this.layout.pack(name, values, vector);
    }
  }

  read() {
    const vector = this.engine.memory.floats(this.vector, this.layout.length);
    return new Map([...this.layout.parameters.keys()].map((name) => [name, this.layout.unpack(name, vector)]));
  }

  /** Write the last layer's outputs for images in the engine's memory, (count, classes), to an address. */
  predict(images, count, outputs, { fuse = true } = {}) {
    const { address } = this.workspace(count, fuse), activation = activationNumber(this.activation);
    this.engine.exports.predict(address, this.vector, images, BigInt(count), activation, outputs);
  }

  /** Memory for batches of up to so many images; the larger one of two kinds is kept. */
  workspace(count, fuse = true) {
    const batch = fuse ? Math.min(count, BATCH) : count, before = this.workspaces.get(fuse);
    if (before?.batch >= batch) return before;
    if (before) this.engine.exports.workspace_free(before.address);
    const layers = lower(this.network, this.layout, { fuse });
    const made = { batch, layers, address: this.engine.workspace(layers.map((layer) => layer.fields), batch, false) };
    this.workspaces.set(fuse, made);
    return made;
  }

  free() {
    for (const { address } of this.workspaces.values()) this.engine.exports.workspace_free(address);
    this.workspaces.clear();
    this.engine.memory.free(this.vector);
  }
}

export class Network {
  /**
   * @param {object} engine
   * @param {object} header - of browser_model.py: the network's JSON, class names, weights' names, shapes and places
   * @param {ArrayBuffer} weights
   */
  constructor(engine, header, weights) {
    Object.assign(this, { engine, header, title: header.title, accuracy: header.accuracy });
    this.inputShape = header.network.input_shape;
    this.classNames = header.class_names;
    this.preparation = header.preparation;
    this.layers = walk(header.network).map(({ name, kind, shape, input, settings }) => ({ name, kind, shape, input, ...settings, kind }));
    /** Of each "layer/kind": its shape and values. Of several networks together, the first one's. */
    this.parameters = new Map();
    const members = header.members ?? 1, all = readWeights(header.weights, weights);
    this.placed = Array.from({ length: members }, (_, number) => {
      const before = members > 1 ? `member_${number + 1}/` : "";
      return new Placed(engine, header.network, valuesOf(all, before));
    });
    for (const [name, { shape }] of parametersOf(header.network)) this.parameters.set(name, { shape, values: all.get(`${members > 1 ? "member_1/" : ""}${name}`) });
  }

  /**
   * Return class probabilities, (n, classes).
   *
   * @param {Float32Array} images - (n, height, width, channels): paper 0, ink 1
   */
  classify(images) {
    const pixels = size(this.inputShape), count = images.length / pixels, classes = this.classNames.length;
    if (!Number.isInteger(count)) throw new Error(`${images.length} numbers are no images of ${this.inputShape.join(" x ")}`);
    if (!count) return new Float32Array(0);
    const sum = new Float64Array(count * classes);
    for (const placed of this.placed) add(sum, this.#outputs(placed, images, count), placed.activation === "softmax", classes);
    return tempered(sum.map((value) => value / this.placed.length), this.header.temperature ?? 1, classes);
  }

  #outputs(placed, images, count, options) {
    const { memory } = this.engine, classes = this.classNames.length;
    const address = memory.allocate(4 * images.length + 64), outputs = memory.allocate(4 * count * classes + 64);
    try {
      memory.floats(address, images.length).set(images);
      placed.predict(address, count, outputs, options);
      return memory.floats(outputs, count * classes).slice();
    } finally {
      memory.free(address);
      memory.free(outputs);
    }
  }

  /**
   * Return what every layer puts out for one image, the image itself first.
   *
   * Of several networks together these are the first one's.
   *
   * @param {Float32Array} image - (height, width, channels)
   * @returns {{name: string, kind: string, shape: number[], values: Float32Array}[]}
   */
  activations(image) {
    if (image.length !== size(this.inputShape)) throw new Error(`${image.length} numbers are no image of ${this.inputShape.join(" x ")}`);
    const [placed] = this.placed, found = [{ name: "input", kind: "Input", shape: this.inputShape, values: Float32Array.from(image) }];
    const outputs = this.#outputs(placed, image, 1, { fuse: false });
    const { layers, address } = placed.workspace(1, false);
    this.layers.forEach(({ name, kind, shape }, number) => {
      const place = layers.findIndex((layer) => layer.number === number && layer.name === name);
      // Flatten is not lowered: it changes nothing but the shape.
      const values = number === this.layers.length - 1 ? outputs
        : place < 0 ? found.at(-1).values
          : this.engine.memory.floats(this.engine.exports.layer_outputs(address, place), size(shape)).slice();
      found.push({ name, kind, shape, values });
    });
    return found;
  }

  free() { for (const placed of this.placed) placed.free(); }
}

const valuesOf = (all, before) => new Map([...all].filter(([name]) => name.startsWith(before)).map(([name, values]) => [name.slice(before.length), values]));

// Sigmoids, each a probability of its own, are divided by their sum; where all are 0, each class is as likely as another.
function add(sum, outputs, isSoftmax, classes) {
  for (let row = 0; row < outputs.length; row += classes) {
    let total = 1;
    if (!isSoftmax) {
      total = 0;
      for (let k = 0; k < classes; k += 1) total += outputs[row + k];
    }
    for (let k = 0; k < classes; k += 1) sum[row + k] += total > 0 ? outputs[row + k] / total : 1 / classes;
  }
}

// A temperature divides the logarithms, which then go through a softmax.
function tempered(probabilities, temperature, classes) {
  const found = Float32Array.from(probabilities);
  if (temperature === 1) return found;
  for (let row = 0; row < found.length; row += classes) {
    const logs = Array.from(probabilities.subarray(row, row + classes), (value) => Math.log(Math.max(value, SMALLEST)) / temperature);
    const most = Math.max(...logs), shares = logs.map((value) => Math.exp(value - most));
    const total = shares.reduce((one, other) => one + other, 0);
    shares.forEach((share, k) => { found[row + k] = share / total; });
  }
  return found;
}
const SMALLEST = 1.1754943508222875e-38; // the smallest normal number in float32

/** Read the weights' bytes: float32, or whole numbers of 16 bits with a scale. */
export function readWeights(described, bytes) {
  return new Map(described.map(({ name, shape, dtype, scale, offset }) => {
    const count = size(shape);
    if (dtype === "float32") return [name, new Float32Array(bytes, offset, count)];
    if (dtype === "int16") return [name, Float32Array.from(new Int16Array(bytes, offset, count), (value) => value * scale)];
    throw new Error(`the weights' '${name}' are of ${dtype}, expected float32 or int16`);
  }));
}
