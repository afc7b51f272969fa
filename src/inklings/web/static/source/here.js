// Where a page that stands alone has its images and trainings from: from itself. It has those methods of source/server.js that take no server.

import { Generator } from "../engine/random.js";

const WRONG_LABELS = 0x3a11; // keeps these draws apart from a training's
const MOST = 6; // trainings that are remembered, each in a worker with memory of its own
const OVER = new Set(["finished", "stopped", "failed"]);

/**
 * @param {{classNames: string[], imageShape: number[], parts: Object<string, {images: Float32Array, labels: Int32Array}>, name: string}} data
 * @param {{module: WebAssembly.Module, worker: () => Worker}} engine - compiled; and what starts worker.js
 */
export function hereSource(data, { module, worker }) {
  const trainings = new Map();
  let count = 0;
  const find = (id) => {
    if (!trainings.has(id)) throw Object.assign(new Error("there is no such training"), { status: 404 });
    return trainings.get(id);
  };
  const size = data.imageShape.reduce((product, side) => product * side, 1);
  const slice = ({ images, labels }, first, most) => ({ images: images.slice(first * size, (first + most) * size), labels: labels.slice(first, first + most) });
  return {
    data: async () => ({ name: data.name, class_names: data.classNames, image_shape: data.imageShape, parts: Object.fromEntries(Object.entries(data.parts).map(([part, { labels }]) => [part, labels.length])) }),
    images: async (part, offset, limit) => slice(data.parts[part], offset, limit),

    trainings: async () => [...trainings.values()].reverse().map((training) => training.last).filter(Boolean),
    training: async (id) => ({ ...find(id).wanted, ...(await find(id).ask("state")) }),
    async start({ network, recipe = {}, data: { images = Infinity, label_noise: noise = 0 } = {}, title = "" }) {
      const id = `t${count += 1}`, { train, validation, test } = data.parts, chosen = slice(train, 0, images);
      mislabel(chosen.labels, noise, data.classNames.length, recipe.seed ?? 0);
      const wanted = { network: completed(network, data), recipe };
      const training = new Trained(id, title, worker(), { ...wanted, data: { images: chosen.labels.length, label_noise: noise } });
      try {
        await training.ask("begin", { module, wanted, data: { train: chosen, validation, watched: slice(test, 0, 200) } });
      } catch (problem) {
        training.end();
        throw problem;
      }
      trainings.set(id, training);
      forget(trainings);
      return { id, position: 0 };
    },
    command: async (id, name, query = {}) => find(id).ask("command", { command: name, query }),
    follow: (id, onEvent) => find(id).follow(onEvent),
  };
}

// The oldest that is over falls out, or else the oldest.
function forget(trainings) {
  if (trainings.size <= MOST) return;
  const [id, training] = [...trainings].find(([, each]) => OVER.has(each.last?.state)) ?? [...trainings][0];
  training.end();
  trainings.delete(id);
}

/** One training's worker: questions and their replies, and who follows its events. */
class Trained {
  constructor(id, title, worker, wanted) {
    Object.assign(this, { id, title, worker, wanted, asked: new Map(), followers: new Set(), number: 0, last: null });
    worker.onmessage = ({ data }) => this.#take(data);
    worker.onerror = (problem) => this.#fail(problem.message || "the training cannot start in this browser");
  }

  ask(name, values = {}) {
    const number = this.number += 1;
    this.worker.postMessage({ name, number, ...values });
    return new Promise((resolve, reject) => this.asked.set(number, { resolve, reject }));
  }

  follow(onEvent) {
    this.followers.add(onEvent);
    if (this.last) onEvent(this.last);
    return () => this.followers.delete(onEvent);
  }

  #take({ event, number, reply, error }) {
    if (event) {
      this.last = { id: this.id, title: this.title, ...event };
      for (const follower of this.followers) follower(this.last);
      return;
    }
    const { resolve, reject } = this.asked.get(number);
    this.asked.delete(number);
    if (error) reject(new Error(error));
    else resolve(reply && { id: this.id, title: this.title, ...reply });
  }

  #fail(message) {
    for (const { reject } of this.asked.values()) reject(new Error(message));
    this.asked.clear();
  }

  end() {
    this.worker.terminate();
    this.#fail("the training is no longer here");
  }
}

/** A network as the engine takes it: for these images and classes. */
const completed = ({ layers }, { imageShape, classNames }) => ({
  input_shape: imageShape, layers: layers.map((layer) => (layer.units === "classes" ? { ...layer, units: classNames.length } : layer)),
});

// Give a share of the images another class than theirs; the same ones for the same seed.
function mislabel(labels, share, classes, seed) {
  if (!share) return;
  const random = new Generator([seed, WRONG_LABELS]);
  for (let row = 0; row < labels.length; row += 1) {
    if (random.double() < share) labels[row] = (labels[row] + 1 + random.upTo(classes - 2)) % classes;
  }
}
