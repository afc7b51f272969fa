// Loads networks from what a lab would answer, and prints which there were as JSON.
//
//   node live_models_in_node.mjs STATIC HEADER WEIGHTS

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [root, header, weights] = process.argv.slice(2);
globalThis.fetch = async () => new Response(readFileSync(join(root, "engine/inklings.wasm")));
const { LiveModels } = await import(pathToFileURL(join(root, "live_models.js")));
const refuse = (status, words) => { throw Object.assign(new Error(words), { status }); };

const answers = { m1: () => new Uint8Array(readFileSync(weights)).buffer, m2: () => refuse(422, "the run is damaged") };
const source = {
  models: async () => Object.keys(answers).map((id) => ({ id, title: id, learning: false })),
  header: async () => JSON.parse(readFileSync(header, "utf8")),
  weights: async (id) => answers[id](),
};
const turn = () => new Promise((resolve) => setTimeout(resolve, 50));
const live = new LiveModels(source), told = [];
live.listen((models) => told.push(models.map(({ id }) => id)));
await live.start();
answers.m3 = answers.m1;
await live.start();
await turn();
await live.start();
await turn();

// An address may name one that has just been trained.
answers.m6 = answers.m1;
await live.start("m6");
const awaited = live.models.map(({ id }) => id);

// The lab falls silent in the middle of an answer.
answers.m4 = answers.m1;
answers.m5 = () => refuse(0, "the lab does not answer");
const tryTo = async (times) => {
  for (let time = 0; time < times; time += 1) {
    await live.start();
    await turn();
  }
  return live.engine.memory.buffer.byteLength;
};
const before = await tryTo(2), after = await tryTo(40);
console.log(JSON.stringify({ told, awaited, kept: live.models.map(({ id }) => id), grown: after - before }));
