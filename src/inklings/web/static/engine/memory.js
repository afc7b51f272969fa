// The memory of the WebAssembly module, and its C structures as it lays them out.
//
// Addresses are numbers of bytes. A view is made anew whenever it is used: the memory may grow at any allocation, and all
// earlier views are empty then.

const FIELDS = {
  i32: { size: 4, write: (view, at, value) => view.setInt32(at, value, true) },
  u32: { size: 4, write: (view, at, value) => view.setUint32(at, value, true) },
  pointer: { size: 4, write: (view, at, value) => view.setUint32(at, value, true) },
  f64: { size: 8, write: (view, at, value) => view.setFloat64(at, value, true) },
  i64: { size: 8, write: (view, at, value) => view.setBigInt64(at, BigInt(value), true) },
};

/** A C structure: its fields' types by name, in order; each begins at a multiple of its own size, as C has it. */
class Structure {
  constructor(fields) {
    this.places = {};
    let end = 0, widest = 1;
    for (const [name, type] of Object.entries(fields)) {
      const { size } = FIELDS[type];
      end = roundUp(end, size);
      this.places[name] = { type, at: end };
      end += size;
      widest = Math.max(widest, size);
    }
    this.size = roundUp(end, widest);
  }

  /** Write fields; those that are not given are zero. */
  write(view, address, values) {
    for (const name of Object.keys(values)) if (!(name in this.places)) throw new Error(`the engine knows no field '${name}'`);
    for (const [name, { type, at }] of Object.entries(this.places)) FIELDS[type].write(view, address + at, values[name] ?? 0);
  }
}

const roundUp = (value, step) => Math.ceil(value / step) * step;
const each = (type, ...names) => Object.fromEntries(names.map((name) => [name, type]));

/** `Layer` in network.h. */
export const LAYER = new Structure({
  ...each("i32", "kind", "activation", "height", "width", "channels", "out_height", "out_width", "out_channels"),
  ...each("i32", "kernel_height", "kernel_width", "stride_y", "stride_x", "pad_top", "pad_left", "regularised"),
  ...each("u32", "dropout_key", "dropout_key_2", "dropout_threshold"),
  ...each("f64", "dropout_scale", "momentum", "epsilon"),
  ...each("i64", "weights", "biases", "mean", "variance"),
});
/** `Optimiser` in optimiser.h. */
export const OPTIMISER = new Structure({
  ...each("i32", "rule"),
  ...each("f64", "momentum", "beta2", "epsilon", "weight_decay", "l1", "l2"),
  ...each("pointer", "first_moment", "second_moment", "gradients"),
});
/** `Objective` and `Dataset` in training.h. */
export const OBJECTIVE = new Structure({ ...each("i32", "binary", "mean"), smoothing: "f64", class_weights: "pointer" });
export const DATASET = new Structure(each("pointer", "images", "labels", "weights", "warps"));
/** `Warps` in augment.h: images are not changed here, but its size is checked with the others'. */
export const WARPS = new Structure({
  ...each("i64", "height", "width", "channels"),
  ...each("pointer", "matrices", "shifts", "fields", "strokes", "erased", "basis_rows", "basis_columns"),
});
/** As structure_sizes of abi.c lists them. */
export const STRUCTURES = [LAYER, OPTIMISER, OBJECTIVE, DATASET, WARPS];

/** The module's memory. */
export class Memory {
  constructor(exports) {
    this.exports = exports;
  }

  get buffer() { return this.exports.memory.buffer; }

  /** Allocate bytes, all zero; an Error if there are none left. */
  allocate(bytes) {
    const address = this.exports.malloc(bytes);
    if (!address) throw new Error(`there is no memory for ${bytes.toLocaleString("en")} bytes more`);
    new Uint8Array(this.buffer, address, bytes).fill(0);
    return address;
  }

  free(address) { this.exports.free(address); }

  /** The numbers that lie at an address, for use before anything is allocated. */
  floats(address, count) { return new Float32Array(this.buffer, address, count); }
  doubles(address, count) { return new Float64Array(this.buffer, address, count); }
  longs(address, count) { return new BigInt64Array(this.buffer, address, count); }

  /** Allocate and fill a structure, or several that follow one another. */
  structures(structure, ...values) {
    const address = this.allocate(structure.size * values.length);
    const view = new DataView(this.buffer);
    values.forEach((own, place) => structure.write(view, address + place * structure.size, own));
    return address;
  }
}
