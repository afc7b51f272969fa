// Inklings' own engine, the C that the command trains with, compiled to WebAssembly (build_native/webassembly.py).
//
//   const engine = await loadEngine(await fetch("engine/inklings.wasm"));
//   const network = engine.network(header, weights);   // of browser_model.py
//   network.classify(image);                           // probabilities

import { LAYER, Memory, STRUCTURES } from "./memory.js";
import { Network } from "./network.js";
import { Training } from "./training.js";

/**
 * Load the engine.
 *
 * @param {ArrayBuffer|Uint8Array|Response|WebAssembly.Module} source - inklings.wasm
 * @returns {Promise<Engine>}
 */
export async function loadEngine(source) {
  const module = source instanceof WebAssembly.Module ? source : await WebAssembly.compile(await bytesOf(source));
  return new Engine(module, await WebAssembly.instantiate(module, {}));
}

async function bytesOf(source) {
  if (typeof source?.arrayBuffer !== "function") return source;
  if (source.ok === false) throw new Error(`the engine was not found: ${source.status} ${source.url}`);
  return source.arrayBuffer();
}

export class Engine {
  constructor(module, { exports }) {
    exports._initialize();
    /** Compiled, to be sent to a worker, which then need not compile it again. */
    this.module = module;
    Object.assign(this, { exports, memory: new Memory(exports) });
    this.panels = { panel: Number(exports.panel_columns()), gap: Number(exports.panel_gap()), lanes: Number(exports.vector_lanes()) };
    this.#checkStructures();
  }

  // Fields in other places would be read without complaint, and wrong.
  #checkStructures() {
    const { memory, exports } = this, address = memory.allocate(8 * STRUCTURES.length);
    exports.structure_sizes(address);
    const found = [...memory.longs(address, STRUCTURES.length)].map(Number), expected = STRUCTURES.map(({ size }) => size);
    memory.free(address);
    if (String(found) !== String(expected)) throw new Error(`inklings.wasm and memory.js are of different versions: structures of ${found} bytes, expected ${expected}`);
  }

  /** Which sources the engine was compiled from. */
  get sources() {
    const bytes = new Uint8Array(this.memory.buffer), start = this.exports.compiled_from();
    return String.fromCharCode(...bytes.subarray(start, bytes.indexOf(0, start)));
  }

  /** Take a trained network: see network.js. */
  network(header, weights) { return new Network(this, header, weights); }

  /** Begin a training: see training.js. */
  training(wanted, images, labels) { return new Training(this, wanted, images, labels); }

  /** Allocate the memory that a network's layers are computed in; the caller frees it. */
  workspace(layers, batch, trains) {
    const described = this.memory.structures(LAYER, ...layers);
    const address = this.exports.workspace_create(described, layers.length, BigInt(batch), 1, Number(trains));
    this.memory.free(described);
    if (!address) throw new Error(`there is no memory for a batch of ${batch} images`);
    return address;
  }
}
