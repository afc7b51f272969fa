// A network as a few words in the address, its shapes and what they cost, and as the engine takes it.
//
//   conv-8-5_pool-2_dense-64    eight filters of 5 x 5, pooling by 2 x 2, 64 units, then one output for each class

export const KINDS = {
  conv: { title: "Convolution", settings: { filters: [2, 4, 8, 16, 32], window: [3, 5, 7] }, first: { filters: 8, window: 5 } },
  pool: { title: "Pooling", settings: { window: [2, 3, 4] }, first: { window: 2 } },
  dense: { title: "Dense", settings: { units: [5, 10, 25, 50, 64, 100, 200, 400, 800] }, first: { units: 50 } },
};
export const MOST_LAYERS = 8;
const ofImages = (layer) => layer.kind !== "dense";

/** Read layers; what no layer can be is left out, and numbers out of range are brought to the nearest within it. */
export function parseLayers(text) {
  const found = [];
  for (const word of text.split("_").slice(0, MOST_LAYERS)) {
    const [kind, ...numbers] = word.split("-");
    if (!(kind in KINDS)) continue;
    const layer = { kind };
    Object.entries(KINDS[kind].settings).forEach(([name, choices], place) => {
      layer[name] = within(choices, Number(numbers[place] || NaN)) ?? KINDS[kind].first[name];
    });
    found.push(layer);
  }
  return inOrder(found);
}

// An address may ask for any number between those that are offered, or for fewer.
function within(choices, wanted) {
  return Number.isFinite(wanted) ? Math.min(Math.max(Math.round(wanted), 1), choices.at(-1)) : null;
}

// Convolution and pooling need an image, and behind a dense layer there is none.
const inOrder = (layers) => [...layers.filter(ofImages), ...layers.filter((layer) => !ofImages(layer))];

export function writeLayers(layers) {
  const words = layers.map(({ kind, ...settings }) => [kind, ...Object.values(settings)].join("-"));
  return words.join("_") || "none";
}

export function addLayer(layers, kind) {
  return inOrder([...layers, { kind, ...KINDS[kind].first }]);
}

/**
 * What each layer puts out and costs, the output for the classes last.
 *
 * @returns {{rows: {shape: number[], parameters: number, products: number, problem: string|null}[], parameters: number, products: number, problem: string|null}}
 */
export function measure(layers, imageShape, classes) {
  let shape = imageShape;
  const rows = [...layers, { kind: "dense", units: classes }].map((layer) => {
    const row = KINDS_OF[layer.kind](layer, shape);
    shape = row.shape;
    return row;
  });
  const sum = (name) => rows.reduce((total, row) => total + row[name], 0);
  const problem = rows.find((row) => row.problem)?.problem ?? null;
  return { rows, parameters: sum("parameters"), products: sum("products"), problem };
}

const size = (shape) => shape.reduce((product, side) => product * side, 1);

const KINDS_OF = {
  conv({ filters, window }, [height, width, channels]) {
    const weights = window * window * channels * filters;
    return { shape: [height, width, filters], parameters: weights + filters, products: height * width * weights, problem: null };
  },
  pool({ window }, [height, width, channels]) {
    const shape = [Math.floor(height / window), Math.floor(width / window), channels];
    const problem = Math.min(shape[0], shape[1]) < 1 ? `A window of ${window} x ${window} does not fit into ${height} x ${width}.` : null;
    return { shape: problem ? [1, 1, channels] : shape, parameters: 0, products: 0, problem };
  },
  dense({ units }, shape) {
    const weights = size(shape) * units;
    return { shape: [units], parameters: weights + units, products: weights, problem: null };
  },
};

/** What toNetwork made a network of: the layers, and the dropout. */
export function fromNetwork({ layers }) {
  // Sides of a window, of which a network of Learn's has two alike.
  const side = (size) => [size].flat()[0];
  const kinds = {
    Conv2D: ({ filters, kernel_size: size }) => ({ kind: "conv", filters, window: side(size) }),
    MaxPool2D: ({ pool_size: size }) => ({ kind: "pool", window: side(size) }),
    Dense: ({ units }) => ({ kind: "dense", units }),
  };
  // The last is the output for the classes.
  const known = layers.slice(0, -1).filter(({ layer }) => layer in kinds);
  return { layers: known.map((layer) => kinds[layer.layer](layer)), dropout: layers.find(({ layer }) => layer === "Dropout")?.rate ?? 0 };
}

/** The layers as the engine takes them; dropout follows every dense layer, or goes before the output if there is none. */
export function toNetwork(layers, dropout) {
  const images = layers.filter(ofImages), dense = layers.filter((layer) => !ofImages(layer));
  const drop = dropout > 0 ? [{ layer: "Dropout", rate: dropout }] : [];
  return {
    layers: [
      ...images.map((layer) => (layer.kind === "conv"
        ? { layer: "Conv2D", filters: layer.filters, kernel_size: layer.window, padding: "same", activation: "relu" }
        : { layer: "MaxPool2D", pool_size: layer.window })),
      { layer: "Flatten" },
      ...(dense.length ? [] : drop),
      ...dense.flatMap(({ units }) => [{ layer: "Dense", units, activation: "relu" }, ...drop]),
      { layer: "Dense", units: "classes", activation: "softmax" },
    ],
  };
}
