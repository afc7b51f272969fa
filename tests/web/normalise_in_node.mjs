// Normalises pictures of grey bytes by the page's own module: node normalise_in_node.mjs MODULES SIDE SIZE KIND CLEAN < pictures > inputs
import { readFileSync, writeSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [modules, sideText, sizeText, kind, clean] = process.argv.slice(2);
const { normalise } = await import(pathToFileURL(`${modules}/drawing/normalise.js`));
const bytes = readFileSync(0), side = Number(sideText), size = Number(sizeText), area = side * side;
const count = bytes.length / area, inputs = new Float32Array(count * size * size);
const times = [];
for (let number = 0; number < count; number += 1) {
  const data = new Uint8ClampedArray(4 * area).fill(255);
  for (let pixel = 0; pixel < area; pixel += 1) data[4 * pixel] = data[4 * pixel + 1] = data[4 * pixel + 2] = bytes[number * area + pixel];
  const start = performance.now();
  const { image } = normalise({ data, height: side, width: side }, { kind, size: [size, size], channels: 1, invert: true }, { clean: clean === "clean" });
  times.push(performance.now() - start);
  inputs.set(image, number * size * size);
}
times.sort((a, b) => a - b);
process.stderr.write(`median ${times[count >> 1].toFixed(2)} ms, p95 ${times[Math.floor(0.95 * count)].toFixed(2)} ms\n`);
const out = Buffer.from(inputs.buffer);
for (let sent = 0; sent < out.length; ) sent += writeSync(1, out, sent);
