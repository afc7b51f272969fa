// Does with the engine what a JSON file says, and prints what came of it as JSON.
//
//   node engine_in_node.mjs FOLDER    FOLDER/work.json: {module, models: [...], trainings: [...], times: [...]}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const folder = process.argv[2], work = JSON.parse(readFileSync(join(folder, "work.json"), "utf8"));
const { loadEngine } = await import(pathToFileURL(join(work.static, "engine/engine.js")));
const bytes = (name) => new Uint8Array(readFileSync(join(folder, name))).buffer;
const engine = await loadEngine(readFileSync(join(work.static, "engine/inklings.wasm")));
const done = { sources: engine.sources };
const images = new Float32Array(bytes("images.bin"));

done.models = work.models.map((name) => {
  const network = engine.network(JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")), bytes(`${name}.bin`));
  const size = network.inputShape.reduce((product, side) => product * side, 1);
  const probabilities = [...network.classify(images)], layers = network.activations(images.subarray(0, size));
  network.free();
  return { probabilities, layers: layers.map(({ name: layer, kind, shape, values }) => ({ name: layer, kind, shape, values: [...values] })) };
});

const labels = work.trainings.length ? new Int32Array(bytes("labels.bin")) : null;
done.trainings = work.trainings.map((wanted) => {
  const training = engine.training(wanted, images, labels), rows = [training.evaluate(images, labels)];
  const losses = [null], before = training.snapshot();
  while (!training.isOver) {
    losses.push(training.epoch());
    rows.push(training.evaluate(images, labels));
  }
  const end = training.parameters();
  training.restore(before);
  // Again, step by step: the same steps, and so the same weights to the last bit.
  while (!training.isOver) training.steps(1);
  const again = training.parameters();
  const isSame = [...end].every(([name, values]) => values.every((value, place) => value === again.get(name)[place]));
  const sizes = Object.fromEntries([...end].map(([name, values]) => [name, values.length]));
  training.free();
  return { rows, losses, isSame, sizes };
});

done.refused = (work.refused ?? []).map((wanted) => {
  try {
    engine.training(wanted, images, labels);
    return "";
  } catch (problem) {
    return problem.message;
  }
});

// The memory that is used must not grow however often networks come and go.
const pages = () => engine.exports.memory.buffer.byteLength, first = pages();
for (let round = 0; round < 20 && work.models.length; round += 1) {
  const [name] = work.models;
  const network = engine.network(JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")), bytes(`${name}.bin`));
  network.classify(images);
  network.free();
}
done.grown = pages() - first;
console.log(JSON.stringify(done));
