// Everything that can be set before a training, as it stands in the address.

import { withDefaults } from "../engine/recipe.js";
import { fromNetwork, parseLayers, toNetwork, writeLayers } from "./layers.js";

const AUGMENTATION = {
  none: {},
  little: { shift: 1, rotate: 8, scale: 0.08 },
  lot: { shift: 2, rotate: 15, scale: 0.15, elastic: 0.6 },
};

const percent = (value) => `${Math.round(100 * value)} %`;

/** What can be dialled: its name, its values, how they are written, and what it does in a line. */
export const DIALS = {
  images: { title: "Training images", values: [50, 100, 200, 500, 1000, 2000], write: (value) => value.toLocaleString("en"), about: "How many examples it learns from." },
  epochs: { title: "Epochs", values: [5, 10, 20, 40, 80, 160, 320], write: (value) => value.toLocaleString("en"), about: "How often it sees all of them." },
  rate: { title: "Learning rate", values: [0.00001, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3], write: (value) => String(value), about: "How far each step goes." },
  dropout: { title: "Dropout", values: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], write: (value) => (value ? percent(value) : "off"), about: "Units switched off at random in each step." },
  l2: { title: "L2 penalty", values: [0, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03], write: (value) => (value ? String(value) : "off"), about: "A price on large weights." },
  noise: { title: "Wrong labels", values: [0, 0.1, 0.2, 0.3, 0.4, 0.5], write: (value) => (value ? percent(value) : "none"), about: "Training images that carry a wrong label." },
};
export const CHANGES = { none: "none", little: "a little", lot: "a lot" };

const COUNTED = new Set(["images", "epochs"]); // there is no half of one

/** What an address may ask for beyond the places of a dial: as far as a lab trains. */
const LIMITS = { images: [1, Infinity], epochs: [1, 2000], rate: [1e-7, 10], dropout: [0, 0.95], l2: [0, 1], noise: [0, 0.5] };

const FIRST = { layers: "conv-8-5_pool-2_dense-64", images: 1000, epochs: 40, rate: 0.001, dropout: 0, l2: 0, noise: 0, augment: "none", seed: 0 };

/** Read settings from an address; what is not in it, or makes no sense, is as in the sensible beginning. */
export function readSettings(query) {
  const settings = { ...FIRST };
  for (const name of Object.keys(DIALS)) {
    const wanted = numberIn(query.get(name), COUNTED.has(name)), [low, high] = LIMITS[name];
    if (!Number.isFinite(wanted) || wanted < low) continue;
    const within = Math.min(wanted, high);
    settings[name] = COUNTED.has(name) ? Math.round(within) : within;
  }
  const seed = Number(query.get("seed"));
  if (Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31) settings.seed = seed;
  if (query.get("augment") in AUGMENTATION) settings.augment = query.get("augment");
  if (query.get("layers")) settings.layers = writeLayers(parseLayers(query.get("layers")));
  return settings;
}

// As people write numbers: 0.01 and 0,01 are the same, and so are 1000, 1,000 and 1.000 of what is counted.
function numberIn(text, isCounted) {
  return Number((isCounted ? text?.replaceAll(/[.,](?=\d{3}(?!\d))/g, "") : text)?.replace(",", ".") || NaN);
}

/** What a source is asked to train. */
export function toRequest(settings, title) {
  return {
    title,
    network: toNetwork(parseLayers(settings.layers), settings.dropout),
    recipe: {
      optimiser: "adam", learning_rate: settings.rate, epochs: settings.epochs, seed: settings.seed, l2: settings.l2,
      ...(settings.augment === "none" ? {} : { augmentation: AUGMENTATION[settings.augment] }),
    },
    data: { images: settings.images, label_noise: settings.noise },
  };
}

/** The settings that a training was started with, as a source describes it. */
export function settingsOf({ network, recipe, data }) {
  const { layers, dropout } = fromNetwork(network), { learning_rate: rate, epochs, l2, seed, augmentation } = withDefaults(recipe);
  const augment = Object.keys(AUGMENTATION).find((name) => isSame(AUGMENTATION[name], augmentation)) ?? "none";
  return { layers: writeLayers(layers), images: data.images, epochs, rate, dropout, l2, noise: data.label_noise, augment, seed };
}

const isSame = (one, other) => [...Object.keys(one), ...Object.keys(other)].every((name) => one[name] === other[name]);

const lower = (title) => (/^[A-Z][a-z]/.test(title) ? title[0].toLowerCase() + title.slice(1) : title);
const NAMES = { layers: "the layers", augment: "images changed at random", seed: "the initial weights", ...Object.fromEntries(Object.entries(DIALS).map(([name, dial]) => [name, lower(dial.title)])) };

/**
 * What the other training has that the one has not.
 *
 * @returns {{name: string, words: string}[]} "dropout", and "dropout 50 % instead of off"
 */
export function differences(one, other) {
  return Object.keys(FIRST).filter((name) => String(one[name]) !== String(other[name])).map((name) => {
    const write = DIALS[name]?.write ?? (name === "augment" ? (value) => CHANGES[value] : null);
    return { name: NAMES[name], words: write ? `${NAMES[name]} ${write(other[name])} instead of ${write(one[name])}` : NAMES[name] };
  });
}

const LAYER_WORDS = ({ kind, filters, units }) => ({ conv: `${filters} filters`, pool: "pooling", dense: `${units} units` })[kind];

/** The settings of a training in one line, as its title. */
export function describe(settings) {
  const parts = [...parseLayers(settings.layers).map(LAYER_WORDS), `${settings.images} images`];
  if (parts.length === 1) parts.unshift("no hidden layer");
  if (settings.dropout) parts.push(`dropout ${percent(settings.dropout)}`);
  if (settings.l2) parts.push(`L2 ${settings.l2}`);
  if (settings.noise) parts.push(`${percent(settings.noise)} wrong labels`);
  if (settings.augment !== "none") parts.push(`images changed ${CHANGES[settings.augment]}`);
  return parts.join(", ");
}
