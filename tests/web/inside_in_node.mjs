// What single numbers of a network are made of, by the page's own modules and engine: node inside_in_node.mjs MODULES HEADER WEIGHTS < image
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [modules, header, weights] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(`${modules}/${name}`));
const bytes = (path) => { const read = readFileSync(path); return read.buffer.slice(read.byteOffset, read.byteOffset + read.length); };
const { loadEngine } = await load("engine/engine.js");
const { convolutionAt, kindOf, poolingAt, unitAt } = await load("inside/arithmetic.js");
const { occlusion } = await load("inside/occlusion.js");
const { stationsOf } = await load("inside/stations.js");

const engine = await loadEngine(bytes(`${modules}/engine/inklings.wasm`));
const network = engine.network(JSON.parse(readFileSync(header, "utf8")), bytes(weights));
const read = readFileSync(0), image = new Float32Array(read.buffer.slice(read.byteOffset, read.byteOffset + read.length));
const activations = network.activations(image);

const explain = {
  conv2d: (layer, input, output, place) => convolutionAt(layer, network.parameters, input, output, place, 0),
  maxpool2d: (layer, input, output, place) => poolingAt(layer, input, output, place),
  dense: (layer, input, output, { map }) => unitAt(layer, network.parameters, input, output, map),
};
const found = stationsOf(network).slice(1).map(({ layer, place, source }) => {
  const input = activations[source], output = activations[place], [height, width, count] = output.shape.length === 3 ? output.shape : [1, 1, output.shape[0]];
  const places = [0, 1, 2, 3, 4].map((step) => ({ row: (7 * step) % height, column: (11 * step + 3) % width, map: (5 * step + 1) % count }));
  return {
    name: layer.name, source: input.name, places,
    pixels: places.map((where) => {
      const parts = explain[kindOf(layer)](layer, input, output, where);
      return Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, ArrayBuffer.isView(value) ? Array.from(value) : value]));
    }),
  };
});
const covered = await occlusion(network, image, 7);
process.stdout.write(JSON.stringify({ found, activations: activations.map(({ name, values }) => [name, Array.from(values)]), covered: Array.from(covered) }));
