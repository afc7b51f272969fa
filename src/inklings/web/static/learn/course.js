// A training that is watched, and may be paused, stepped through and sent back: what lab/training.py is for the lab.

import { walk } from "../engine/layers.js";
import { diagnose } from "./rules.js";
import { firstLayerPictures } from "./first_layer.js";

const KEPT_NUMBERS = 16e6; // in all snapshots together: 64 MB

export class Course {
  /**
   * @param {object} engine
   * @param {{network: object, recipe: object}} wanted
   * @param {{train: Images, validation: Images, watched: Images}} data - each {images: Float32Array, labels: Int32Array}
   */
  constructor(engine, wanted, data) {
    Object.assign(this, { data, state: "running", rows: [], message: "", snapshots: new Map(), layers: walk(wanted.network) });
    this.training = engine.training(wanted, data.train.images, data.train.labels);
    this.snapshots.set(0, this.training.snapshot());
    this.#goTo();
    this.#record();
  }

  get epoch() { return this.rows.at(-1).epoch; }
  get isRunning() { return this.state === "running"; }

  // Where it pauses: at the end, unless a step or an epoch was asked for.
  #goTo({ step = this.training.total, pauses = false } = {}) { this.goal = { step: Math.min(step, this.training.total), pauses }; }

  /** Train for about so many milliseconds, or until there is nothing to do. */
  work(milliseconds) {
    const until = performance.now() + milliseconds;
    while (this.isRunning && performance.now() < until) this.#advance(until);
  }

  #advance(until) {
    const { training } = this, left = Math.min(training.perEpoch - training.stepInEpoch, this.goal.step - training.step);
    let loss = 0;
    for (let done = 0; done < left && Number.isFinite(loss) && performance.now() < until; done += 1) loss = training.steps(1);
    if (!Number.isFinite(loss)) return this.#fail();
    const ended = training.stepInEpoch === 0 || training.isOver;
    if (ended && Math.ceil(training.step / training.perEpoch) > this.epoch) this.#record();
    if (this.isRunning && training.step >= this.goal.step) this.state = this.goal.pauses && !training.isOver ? "paused" : "finished";
    return undefined;
  }

  #record() {
    const { training, data } = this, train = training.evaluate(data.train.images, data.train.labels);
    const validation = training.evaluate(data.validation.images, data.validation.labels);
    if (![train.loss, validation.loss].every(Number.isFinite)) return this.#fail();
    this.rows.push({
      epoch: Math.ceil(training.step / training.perEpoch), step: training.step, train_loss: train.loss, train_accuracy: train.accuracy,
      validation_loss: validation.loss, validation_accuracy: validation.accuracy,
    });
    this.#keep();
    return undefined;
  }

  #fail() {
    Object.assign(this, { state: "failed", message: "The loss became too large to compute with. Try a smaller learning rate." });
  }

  // Every epoch's, as long as there is room; then every other one's, from which the rest is reached again.
  #keep() {
    this.snapshots.set(this.epoch, this.training.snapshot());
    const { vector, moments } = this.snapshots.get(0), most = Math.max(4, Math.floor(KEPT_NUMBERS / (vector.length * (1 + moments.length))));
    if (this.snapshots.size <= most) return;
    const known = [...this.snapshots.keys()].sort((one, other) => one - other);
    known.forEach((epoch, place) => { if (place % 2 && epoch !== this.epoch) this.snapshots.delete(epoch); });
  }

  /** Do what a button says: pause, resume, step, epoch, back, stop or again. */
  command(name, { epoch = 0 } = {}) {
    const { training } = this, wasPaused = this.state === "paused";
    if (name === "pause") this.state = this.isRunning ? "paused" : this.state;
    else if (name === "stop") this.state = ["finished", "failed"].includes(this.state) ? this.state : "stopped";
    else if (name === "again") this.#back(0);
    else if (name === "back") this.#back(Number(epoch), true);
    else if (!wasPaused) throw new Error(`the training is ${this.state}, expected a paused one`);
    else {
      const nextEpoch = training.step - training.stepInEpoch + training.perEpoch;
      this.#goTo({ resume: {}, step: { step: training.step + 1, pauses: true }, epoch: { step: nextEpoch, pauses: true } }[name]);
      this.state = "running";
    }
  }

  #back(epoch, pauses = false) {
    if (!(epoch >= 0 && epoch <= this.training.epochs)) throw new Error(`there is no epoch ${epoch}`);
    const nearest = Math.max(...[...this.snapshots.keys()].filter((each) => each <= epoch));
    this.training.restore(this.snapshots.get(nearest));
    this.rows = this.rows.filter((row) => row.epoch <= nearest);
    for (const each of this.snapshots.keys()) if (each > nearest) this.snapshots.delete(each);
    this.message = "";
    this.#goTo(pauses ? { step: epoch * this.training.perEpoch, pauses } : {});
    this.state = pauses && nearest === epoch ? "paused" : "running";
  }

  /** What an event says: the last row, and what the network looks like now. */
  describe() {
    const { training } = this;
    return {
      state: this.state, epoch: this.epoch, step: training.step, steps_per_epoch: training.perEpoch, epochs: training.epochs, position: 0,
      row: this.rows.at(-1), answers: this.#answers(), filters: firstLayerPictures(this.layers, training.parameters()),
      diagnosis: diagnose(this.rows), message: this.message,
    };
  }

  #answers() {
    const { training, data } = this, outputs = training.classify(data.watched.images), { classes } = training;
    return Array.from({ length: outputs.length / classes }, (_, row) => {
      const own = outputs.subarray(row * classes, (row + 1) * classes);
      return own.indexOf(Math.max(...own));
    });
  }

  free() { this.training.free(); }
}
