// Training under way: the steps that Python takes with the same network, recipe, images and seed.

import { parametersOf, walk } from "./layers.js";
import { lastActivation, lower } from "./lowering.js";
import { DATASET, OBJECTIVE, OPTIMISER } from "./memory.js";
import { Placed } from "./network.js";
import { batchOrder, initialParameters, maskKeys } from "./random.js";
import { checkLoss, completeRecipe, countSteps, learningRate, momentsOf, objectiveFields, optimiserFields, penalised } from "./recipe.js";

const STOPPED = "the training was freed";

export class Training {
  /**
   * @param {object} engine
   * @param {{network: object, recipe?: object, seed?: number, start?: Map<string, Float32Array>}} wanted - the JSON of network
   *   and recipe; the seed, if it is not the recipe's; and initial parameters, if they are not to be drawn from it
   * @param {Float32Array} images - (n, height, width, channels)
   * @param {ArrayLike<number>} labels - (n,)
   */
  constructor(engine, { network, recipe = {}, seed, start }, images, labels) {
    Object.assign(this, { engine, network, recipe: completeRecipe({ ...recipe, ...(seed === undefined ? {} : { seed }) }) });
    checkLoss(this.recipe, lastActivation(network));
    this.classes = walk(network).at(-1).shape[0];
    this.pixels = network.input_shape.reduce((product, side) => product * side, 1);
    this.count = this.#check(images, labels);
    const { batch, perEpoch, steps, epochs } = countSteps(this.recipe, this.count);
    Object.assign(this, { batch, perEpoch, epochs, total: steps, step: 0, orders: new Map() });
    this.seedOfOrder = this.recipe.order_seed ?? this.recipe.seed;
    this.held = [];
    this.placed = new Placed(engine, network, start ?? initialParameters(parametersOf(network), this.recipe.seed));
    this.workspace = this.#createWorkspace();
    this.data = this.#hold(this.#dataset(images, labels));
    this.moments = Array.from({ length: momentsOf(this.recipe) }, () => this.#hold(engine.memory.allocate(4 * this.placed.layout.length)));
    this.#describe();
  }

  // Beyond the end of an array C would read, or write, whatever lies there.
  #check(images, labels) {
    const count = images.length / this.pixels;
    if (!Number.isInteger(count) || !count) throw new Error(`${images.length} numbers are no images of ${this.network.input_shape.join(" x ")}`);
    if (labels.length !== count) throw new Error(`${count} images, expected as many labels, found ${labels.length}`);
    const wrong = Array.prototype.find.call(labels, (label) => !(Number.isInteger(label) && label >= 0 && label < this.classes));
    if (wrong !== undefined) throw new Error(`a label is ${wrong}, expected 0 to ${this.classes - 1}`);
    return count;
  }

  #hold(address) {
    this.held.push(address);
    return address;
  }

  #createWorkspace() {
    const names = [...parametersOf(this.network).keys()], keys = maskKeys(this.seedOfOrder, this.network.layers.length);
    const regularised = penalised(this.recipe, names);
    const layers = lower(this.network, this.placed.layout).map(({ fields, number, name }) => ({
      ...fields, dropout_key: keys[2 * number], dropout_key_2: keys[2 * number + 1], regularised: Number(regularised.includes(`${name}/weights`)),
    }));
    return this.engine.workspace(layers, this.batch, true);
  }

  /** Copy images and labels into the engine's memory; returns the address of a `Dataset`. */
  #dataset(images, labels) {
    const { memory } = this.engine;
    const pixels = this.#hold(memory.allocate(4 * images.length + 64)), answers = this.#hold(memory.allocate(8 * labels.length));
    memory.floats(pixels, images.length).set(images);
    memory.longs(answers, labels.length).set(Array.from(labels, BigInt));
    return memory.structures(DATASET, { images: pixels, labels: answers });
  }

  #describe() {
    const { memory } = this.engine, { class_weights: weights } = this.recipe;
    const address = weights ? this.#hold(memory.allocate(8 * weights.length)) : 0;
    if (weights) memory.doubles(address, weights.length).set(weights);
    this.objective = this.#hold(memory.structures(OBJECTIVE, objectiveFields(this.recipe, address)));
    this.plainLoss = this.#hold(memory.structures(OBJECTIVE, objectiveFields({ loss: this.recipe.loss, reduction: "mean", label_smoothing: 0 }, 0)));
    this.optimiser = this.#hold(memory.structures(OPTIMISER, optimiserFields(this.recipe, this.moments)));
  }

  /** The epoch that the next step belongs to, from 1, and how many of its steps are done. */
  get epochNow() { return Math.floor(this.step / this.perEpoch) + 1; }
  get stepInEpoch() { return this.step % this.perEpoch; }
  get isOver() { return this.step >= this.total; }

  /** Take the steps that are left of this epoch; returns what `steps` does. */
  epoch() { return this.steps(this.perEpoch - this.stepInEpoch); }

  /** Take so many steps, or as many as are left; returns the mean objective before them, per image; NaN of none. */
  steps(count) {
    const losses = [];
    let left = Math.min(count, this.total - this.step);
    while (left > 0) {
      const some = Math.min(left, this.perEpoch - this.stepInEpoch);
      losses.push(...this.#take(some));
      left -= some;
    }
    const share = this.recipe.reduction === "sum" ? this.batch : 1;
    return losses.reduce((sum, loss) => sum + loss, 0) / losses.length / share;
  }

  #take(count) {
    if (!this.workspace) throw new Error(STOPPED);
    const { memory, exports } = this.engine, rows = this.#orderOf(this.epochNow);
    const own = rows.subarray(this.stepInEpoch * this.batch, (this.stepInEpoch + count) * this.batch);
    const order = memory.allocate(8 * own.length), rates = memory.allocate(8 * count), losses = memory.allocate(8 * count);
    memory.longs(order, own.length).set(Array.from(own, BigInt));
    memory.doubles(rates, count).set(Array.from({ length: count }, (_, i) => learningRate(this.recipe, this.step + i, this.total)));
    const steps = [BigInt(count), BigInt(this.batch), rates, BigInt(this.step), BigInt(this.step), losses];
    exports.train(this.workspace, this.placed.vector, this.objective, this.optimiser, this.data, order, ...steps);
    const found = [...memory.doubles(losses, count)];
    for (const address of [order, rates, losses]) memory.free(address);
    this.step += count;
    return found;
  }

  // The last one is kept: an epoch may be taken step by step.
  #orderOf(epoch) {
    if (!this.orders.has(epoch)) this.orders = new Map([[epoch, batchOrder(this.seedOfOrder, epoch, this.count, this.batch)]]);
    return this.orders.get(epoch);
  }

  /**
   * Evaluate images with the parameters as they are now.
   *
   * @returns {{loss: number, accuracy: number}} the mean loss without penalties, smoothing and weights
   */
  evaluate(images, labels) {
    if (!this.workspace) throw new Error(STOPPED);
    const count = this.#check(images, labels), { memory, exports } = this.engine, before = this.held.length;
    const data = this.#hold(this.#dataset(images, labels)), sums = this.#hold(memory.allocate(16));
    exports.evaluate(this.placed.workspace(count).address, this.placed.vector, this.plainLoss, data, BigInt(count), sums);
    const [loss, right] = memory.doubles(sums, 2);
    for (const address of this.held.splice(before)) memory.free(address);
    return { loss: loss / count, accuracy: right / count };
  }

  /** Return the last layer's outputs for images, (n, classes): probabilities, of sigmoids each its own. */
  classify(images) {
    const { memory } = this.engine, count = images.length / this.pixels;
    const pixels = memory.allocate(4 * images.length + 64), outputs = memory.allocate(4 * count * this.classes + 64);
    memory.floats(pixels, images.length).set(images);
    this.placed.predict(pixels, count, outputs);
    const found = memory.floats(outputs, count * this.classes).slice();
    memory.free(pixels);
    memory.free(outputs);
    return found;
  }

  /** Copies of the parameters as they are now, by "layer/kind". */
  parameters() { return this.placed.read(); }

  /** What `restore` goes on from, exactly: the step, the parameters and what the optimiser remembers. */
  snapshot() {
    const copy = (address) => this.engine.memory.floats(address, this.placed.layout.length).slice();
    return { step: this.step, vector: copy(this.placed.vector), moments: this.moments.map(copy) };
  }

  restore({ step, vector, moments }) {
    const { memory } = this.engine, { length } = this.placed.layout;
    if (vector.length !== length || moments.length !== this.moments.length) throw new Error("the snapshot is of another network or optimiser");
    memory.floats(this.placed.vector, length).set(vector);
    this.moments.forEach((address, place) => memory.floats(address, length).set(moments[place]));
    this.step = step;
  }

  /** Give back all memory; nothing can be computed afterwards. */
  free() {
    if (!this.workspace) return;
    this.engine.exports.workspace_free(this.workspace);
    this.workspace = 0;
    for (const address of this.held.splice(0)) this.engine.memory.free(address);
    this.placed.free();
  }
}
