// NumPy's random numbers, so that a training here has the initial weights, the order of images and the dropout masks that
// the same seed gives in Python (engines/randomness.py, networks/initializer.py).
//
// SeedSequence and PCG64 as in NumPy's bit_generator.pyx and pcg64.c (M. O'Neill, PCG, 2014), normal numbers by
// the ziggurat of Marsaglia and Tsang (2000) with 256 layers.

const LOW = (1n << 64n) - 1n, ALL = (1n << 128n) - 1n, FACTOR = 0x2360ed051fc65da44385df649fccf645n;

/** Return words of 32 bits that follow from some whole numbers: `SeedSequence(entropy).generate_state(count)`. */
export function seedWords(entropy, count) {
  const words = entropy.flatMap(wordsOf), pool = [0, 0, 0, 0];
  let factor = 0x43b0d7e5;
  const hash = (value) => {
    const mixed = value ^ factor;
    factor = Math.imul(factor, 0x931e8875);
    return fold(Math.imul(mixed, factor));
  };
  const mix = (one, other) => fold(Math.imul(one, 0xca01f9dd) - Math.imul(other, 0x4973f715));
  for (let i = 0; i < 4; i += 1) pool[i] = hash(words[i] ?? 0);
  for (let from = 0; from < 4; from += 1) for (let to = 0; to < 4; to += 1) if (from !== to) pool[to] = mix(pool[to], hash(pool[from]));
  for (const word of words.slice(4)) for (let to = 0; to < 4; to += 1) pool[to] = mix(pool[to], hash(word));
  let other = 0x8b51f9dd;
  return Uint32Array.from({ length: count }, (_, i) => {
    const mixed = pool[i % 4] ^ other;
    other = Math.imul(other, 0x58f38ded);
    return fold(Math.imul(mixed, other));
  });
}

const fold = (value) => (value ^ (value >>> 16)) >>> 0;

function wordsOf(number) {
  const words = [];
  for (let rest = BigInt(number); rest || !words.length; rest >>= 32n) words.push(Number(rest & 0xffffffffn));
  return words;
}

/** `numpy.random.default_rng(entropy)`, as far as it is used here. */
export class Generator {
  constructor(entropy) {
    const [low, high] = [0, 1].map((odd) => seedWords(entropy, 8).filter((_, i) => i % 2 === odd));
    const words = [...low].map((word, i) => BigInt(high[i]) << 32n | BigInt(word));
    this.increment = ((words[2] << 64n | words[3]) << 1n | 1n) & ALL;
    this.state = this.increment;
    this.state = (this.state + (words[0] << 64n | words[1])) & ALL;
    this.#step();
    this.half = null;
  }

  #step() { this.state = (this.state * FACTOR + this.increment) & ALL; }

  /** 64 random bits. */
  bits() {
    this.#step();
    // The halves folded into one, turned by as many places as the upper six bits say (XSL-RR).
    const folded = (this.state >> 64n ^ this.state) & LOW, turn = this.state >> 122n;
    return (folded >> turn | folded << (64n - turn)) & LOW;
  }

  /** 32 random bits; of 64, the lower ones first. */
  word() {
    if (this.half !== null) {
      const kept = this.half;
      this.half = null;
      return kept;
    }
    const bits = this.bits();
    this.half = Number(bits >> 32n);
    return Number(bits & 0xffffffffn);
  }

  /** A number from 0 to below 1. */
  // 53 bits: as many as a number of float64 holds.
  double() { return Number(this.bits() >> 11n) / 2 ** 53; }

  /** A whole number from 0 to `most`, which is below 2^31: as many bits as it takes, drawn until they fit. */
  upTo(most) {
    const mask = 2 ** (32 - Math.clz32(most)) - 1;
    for (;;) {
      const found = (this.word() & mask) >>> 0;
      if (found <= most) return found;
    }
  }

  /** The numbers from 0 to below `count`, shuffled. */
  permutation(count) {
    const order = Int32Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i -= 1) {
      const j = this.upTo(i);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }

  /** A number of the standard normal distribution. */
  normal() {
    for (;;) {
      const bits = this.bits(), layer = Number(bits & 0xffn), place = Number(bits >> 9n & 0xfffffffffffffn);
      const x = place * ZIGGURAT.width[layer] * (bits >> 8n & 1n ? -1 : 1);
      if (place < ZIGGURAT.inside[layer]) return x;
      if (layer === 0) return this.#tail(place);
      const [above, below] = [ZIGGURAT.height[layer - 1], ZIGGURAT.height[layer]];
      if ((above - below) * this.double() + below < Math.exp(-0.5 * x * x)) return x;
    }
  }

  #tail(place) {
    for (;;) {
      const x = -Math.log1p(-this.double()) / EDGE, y = -Math.log1p(-this.double());
      if (y + y > x * x) return Math.floor(place / 256) % 2 ? -(EDGE + x) : EDGE + x;
    }
  }
}

// The ziggurat's tables: 256 layers of equal area under exp(-x^2 / 2), of which the lowest has the tail beyond EDGE.
const EDGE = 3.6541528853610088, AREA = 0.00492867323397465524494;
const ZIGGURAT = (() => {
  const density = (x) => Math.exp(-0.5 * x * x), steps = 2 ** 52;
  const width = new Float64Array(256), inside = new Float64Array(256), height = new Float64Array(256);
  let x = EDGE, last = EDGE;
  const base = AREA / density(EDGE);
  inside[0] = Math.floor(EDGE / base * steps);
  inside[1] = 0;
  width[0] = base / steps;
  width[255] = EDGE / steps;
  height[0] = 1;
  height[255] = density(EDGE);
  for (let layer = 254; layer >= 1; layer -= 1) {
    x = Math.sqrt(-2 * Math.log(AREA / x + density(x)));
    inside[layer + 1] = Math.floor(x / last * steps);
    last = x;
    height[layer] = density(x);
    width[layer] = x / steps;
  }
  return { width, inside, height };
})();

/** Draw a parameter's initial values: `Initializer.draw`. */
export function draw(random, { distribution, scale }, shape) {
  const count = shape.reduce((size, side) => size * side, 1), field = shape.slice(0, -2).reduce((size, side) => size * side, 1);
  const [inputs, outputs] = [field * shape.at(-2), field * shape.at(-1)];
  const fill = (value) => Float64Array.from({ length: count }, value);
  const uniform = (limit) => fill(() => -limit + 2 * limit * random.double());
  switch (distribution) {
    case "zeros": return fill(() => 0);
    case "constant": return fill(() => scale);
    case "uniform": return uniform(scale);
    case "glorot_uniform": return uniform(scale * Math.sqrt(6 / (inputs + outputs)));
    case "he_normal": return fill(() => random.normal()).map((value) => value * scale * Math.sqrt(2 / inputs));
    case "truncated_normal": return truncated(random, fill(() => random.normal())).map((value) => value * scale);
    default: throw new Error(`unknown distribution '${distribution}' of initial values`);
  }
}

function truncated(random, values) {
  for (let round = 0; round < 64; round += 1) {
    const beyond = [...values.keys()].filter((i) => Math.abs(values[i]) > 2);
    if (!beyond.length) break;
    for (const i of beyond) values[i] = random.normal();
  }
  return values;
}

const WEIGHTS = 0x1417, SHUFFLES = 0x5f1e, MASKS = 0x3a5c; // keep streams apart that have the same seed

/** A network's initial parameters by "layer/kind": `initial_parameters`. */
export function initialParameters(parameters, seed) {
  const random = new Generator([seed, WEIGHTS]);
  return new Map([...parameters].map(([name, { start, shape }]) => [name, Float32Array.from(draw(random, start, shape))]));
}

/** The images of all batches of an epoch, one after the other: `batch_order`. */
export function batchOrder(seed, epoch, images, batchSize) {
  return new Generator([seed, SHUFFLES, epoch]).permutation(images).subarray(0, Math.floor(images / batchSize) * batchSize);
}

/** Two keys for each layer, by which dropout masks are made: `mask_keys`. */
export const maskKeys = (seed, layers) => seedWords([seed, MASKS], 2 * layers);
