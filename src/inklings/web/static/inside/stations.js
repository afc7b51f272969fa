// The stations of an image on its way through a network: layers that change nothing when it reads are left out.

import { kindOf } from "./arithmetic.js";

const SILENT = new Set(["flatten", "dropout"]);

const times = ([high, wide]) => `${high} × ${wide}`;
const pair = (value) => (Array.isArray(value) ? value : [value, value]);
const many = (count, one, several) => (count === 1 ? `one ${one}` : `${count} ${several}`);

/** What happens there, for someone of fourteen: a title and a sentence; what has been said of one layer is not said again of the next. */
const WORDS = {
  conv2d: (layer, [, , maps], before) => [many(maps, "filter", "filters"), before
    ? `Each looks at ${many(before, "map", "maps")} at once: at patterns made of the patterns before.`
    : `Each slides a window of ${times(pair(layer.kernel_size ?? 3))} over what comes in, and marks where it finds its own pattern.`],
  maxpool2d: (layer, shape, before, isFirst) => ["Pooling", isFirst
    ? `Of every ${times(pair(layer.pool_size ?? 2))} neighbours only the largest goes on. The picture shrinks, what was found stays.`
    : `Once more the largest of every ${times(pair(layer.pool_size ?? 2))}.`],
  globalpool: (layer, [maps]) => ["One number a map", `The ${layer.kind === "max" ? "largest" : "average"} value of each of the ${maps} maps.`],
  batchnorm: () => ["Normalised", "Every map is shifted and stretched, so that all speak equally loudly."],
  activation: (layer) => ["Switch", layer.function === "relu" ? "What is below zero becomes zero." : `Each number goes through ${layer.function ?? "a curve"}.`],
  dense: (layer, [units]) => [many(units, "unit", "units"), "Each looks at everything before it, weighs it, and adds it up."],
};

/**
 * @param {object} network - as the engine made it
 * @returns {{title: string, words: string, layer: object|null, place: number, source: number, kind: string, isAnswer: boolean}[]} `place` is that of its
 *   activations, `source` that of what it receives (pictures, where a flattening lies between)
 */
export function stationsOf(network) {
  const found = [{ title: "The image", words: network.inputShape[2] === 3 ? "What the network receives: numbers, of red, of green and of blue. Dark is much." : "What the network receives: numbers, shown as ink.", layer: null, kind: "input", place: 0, source: 0, isAnswer: false }];
  network.layers.forEach((layer, number) => {
    const kind = kindOf(layer), place = number + 1, isLast = place === network.layers.length;
    if (SILENT.has(kind)) return;
    const alike = found.filter((each) => each.kind === kind), maps = alike.at(-1)?.layer.shape[2];
    const [title, words] = (WORDS[kind] ?? (() => [layer.name, ""]))(layer, layer.shape, maps, !alike.length);
    const source = found.at(-1).place;
    if (isLast) found.push({ title: "The answer", words: `${layer.shape[0]} sums, one for each class, turned into shares of a whole.`, layer, kind, place, source, isAnswer: true });
    else found.push({ title, words, layer, kind, place, source, isAnswer: false });
  });
  return found;
}
