// Follows a training that is over before its first event comes, and prints the epochs of its curve as JSON.
//
//   node training_in_node.mjs STATIC

import { join } from "node:path";
import { pathToFileURL } from "node:url";

const { Training } = await import(pathToFileURL(join(process.argv[2], "learn/training.js")));
const asked = { network: { layers: [{ layer: "Dense", units: "classes" }] }, recipe: {}, data: { images: 50, label_noise: 0 } };
const rows = [0, 1, 2, 3, 4].map((epoch) => ({ epoch, validation_accuracy: epoch / 10 }));
let times = 0;
const source = {
  training: async () => ({ ...asked, ...((times += 1) === 1 ? { state: "queued", rows: [] } : { state: "finished", epoch: 4, rows }) }),
  follow(id, onEvent) {
    setTimeout(() => onEvent({ state: "finished", epoch: 4, row: rows.at(-1) }));
    return () => {};
  },
};
const complete = new Promise((resolve) => {
  const training = new Training(source, "t1", () => { if (training.rows.length > 1) resolve(training.rows); });
  training.attach();
  setTimeout(() => resolve(training.rows), 5000).unref();
});
console.log(JSON.stringify((await complete).map(({ epoch }) => epoch)));
