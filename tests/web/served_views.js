// One view with one network, as the lab and an exported page mount it; its name stands in the query.
import { loadEngine } from "/static/engine/engine.js";
import { Address } from "/static/address.js";

const engine = await loadEngine(await fetch("/static/engine/inklings.wasm"));
const [header, weights, bytes] = await Promise.all([
  fetch("/header").then((answer) => answer.json()), fetch("/weights").then((answer) => answer.arrayBuffer()), fetch("/images").then((answer) => answer.arrayBuffer()),
]);
const network = Object.assign(engine.network(header, weights), { id: "small" });
const size = network.inputShape.reduce((product, side) => product * side, 1), count = bytes.byteLength / (4 * size + 4);
const images = new Float32Array(bytes, 0, count * size), labels = new Int32Array(bytes, 4 * count * size, count);
const context = {
  engine, models: [network], address: new Address({ inHash: true }),
  data: { classNames: network.classNames, imageShape: network.inputShape, parts: { test: count },
    images: async (part, first, many) => ({ images: images.slice(first * size, (first + many) * size), labels: labels.slice(first, first + many) }) },
  kept: [],
  source: {
    async keepDrawing(label, png) {
      context.kept.push([label, png.type, png.size]);
      return { count: context.kept.length };
    },
  },
};
window.context = context;
const name = new URLSearchParams(location.search).get("view");
const { mount } = await import(`/static/views/${name}.js`);
window.view = await mount(document.querySelector("main"), context);
document.body.dataset.ready = name;
