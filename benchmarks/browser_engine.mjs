// How fast the engine for browsers is, in Node: the same V8 as in Chrome.
//
//   node benchmarks/browser_engine.mjs
//
// Medians, and in brackets the quickest, in milliseconds; epochs a second by the clock, and by the processor's time, which a
// busy machine does not change.

import { readFileSync } from "node:fs";

const at = (name) => new URL(`../src/inklings/web/static/engine/${name}`, import.meta.url);
const [{ loadEngine }, { initialParameters }, { parametersOf }] = await Promise.all(["engine.js", "random.js", "layers.js"].map((name) => import(at(name))));
const engine = await loadEngine(readFileSync(at("inklings.wasm")));

const dense = (units, activation = "relu") => ({ layer: "Dense", units, activation });
const layered = (...layers) => ({ input_shape: [20, 20, 1], layers });
const block = (filters) => [{ layer: "Conv2D", filters, kernel_size: 5, activation: "relu" }, { layer: "MaxPool2D", padding: "same" }];
const NETWORKS = {
  mlp: layered({ layer: "Flatten" }, dense(800), dense(10, "softmax")),
  cnn2: layered(...block(32), ...block(64), { layer: "Flatten" }, dense(1024), dense(10, "softmax")),
};

function placed(network) {
  const values = initialParameters(parametersOf(network), 0), places = [];
  let offset = 0;
  for (const [name, { shape }] of parametersOf(network)) {
    places.push({ name, shape, dtype: "float32", offset });
    offset += 4 * values.get(name).length;
  }
  const bytes = new Float32Array(offset / 4);
  for (const { name, offset: first } of places) bytes.set(values.get(name), first / 4);
  return engine.network({ network, class_names: [..."0123456789"], weights: places }, bytes.buffer);
}

function time(work, times) {
  for (let i = 0; i < 5; i += 1) work();
  const taken = Array.from({ length: times }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  }).sort((one, other) => one - other);
  return `${taken[times >> 1].toFixed(2)} (${taken[0].toFixed(2)})`;
}

const images = Float32Array.from({ length: 1000 * 400 }, (_, place) => Math.max(0, Math.sin(place * 12.9898) * 2 - 1));
const labels = Int32Array.from({ length: 1000 }, (_, row) => row % 10);
for (const [name, network] of Object.entries(NETWORKS)) {
  const made = placed(network), [one, fifty] = [images.slice(0, 400), images.slice(0, 50 * 400)];
  console.log(`${name.padEnd(5)} one image ${time(() => made.classify(one), 200)} ms, 50 images ${time(() => made.classify(fifty), 30)} ms`);
}

const training = engine.training({ network: layered({ layer: "Flatten" }, dense(100), dense(10, "softmax")), recipe: { epochs: 60 } }, images, labels);
training.epoch();
const start = performance.now(), before = process.cpuUsage().user;
while (!training.isOver) {
  training.epoch();
  training.evaluate(images, labels);
}
const seconds = (performance.now() - start) / 1000, used = (process.cpuUsage().user - before) / 1e6;
console.log(`400-100-10 on 1,000 images, each epoch evaluated: ${(59 / seconds).toFixed(1)} epochs a second, ${(59 / used).toFixed(1)} of the processor's time`);
