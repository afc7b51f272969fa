// A recipe as its JSON has it: defaults, steps, learning rates and the engine's structures, by the rules of
// training/recipe.py, schedule.py and optimisers.py.

const DEFAULTS = {
  optimiser: "adam", learning_rate: 1e-3, schedule: {}, momentum: 0.9, weight_decay: 0.01, batch_size: 50, epochs: 20, steps: null,
  loss: "crossentropy", reduction: "mean", label_smoothing: 0, l1: 0, l2: 0, regularise: "all", class_weights: null,
  augmentation: {}, early_stopping: null, seed: 0, order_seed: null,
};
const RULES = { sgd: 1, momentum: 2, nesterov: 3, adam: 4, adamw: 4 }; // as numbered in optimiser.h
const MOMENTS = { sgd: 0, momentum: 1, nesterov: 1, adam: 2, adamw: 2 };
const BETA_1 = 0.9, BETA_2 = 0.999, EPSILON = 1e-8;
const ACTIVATION_OF_LOSS = { crossentropy: "softmax", binary_crossentropy: "sigmoid" };

const SHAPES = {
  constant: () => 1,
  linear: (progress, final) => 1 + progress * (final - 1),
  cosine: (progress, final) => final + (1 - final) * (1 + Math.cos(Math.PI * progress)) / 2,
  exponential: (progress, final) => final ** progress,
};

/** Fill in what a recipe leaves out. */
export const withDefaults = (given) => ({ ...DEFAULTS, ...given });

/** Fill in what a recipe leaves out; an Error for what only Python trains with. */
export function completeRecipe(given) {
  const unknown = Object.keys(given).find((name) => !(name in DEFAULTS));
  if (unknown) throw new Error(`the recipe has no setting '${unknown}'`);
  const recipe = withDefaults(given);
  if (!(recipe.optimiser in RULES)) throw new Error(`a page cannot train by ${recipe.optimiser}, expected one of ${Object.keys(RULES).join(", ")}`);
  if (!(recipe.loss in ACTIVATION_OF_LOSS)) throw new Error(`unknown loss '${recipe.loss}'`);
  if (Object.keys(recipe.augmentation).length) throw new Error("a page cannot change its training images at random: leave the augmentation out");
  if (typeof recipe.class_weights === "string") throw new Error("a page needs the weights of classes as numbers");
  return recipe;
}

/** Refuse a network whose last activation does not suit the loss. */
export function checkLoss(recipe, activation) {
  const expected = ACTIVATION_OF_LOSS[recipe.loss];
  if (activation !== expected) throw new Error(`the loss ${recipe.loss} expects ${expected} as the last activation, found ${activation}`);
}

/** How many steps a training on so many images takes. */
export function countSteps(recipe, images) {
  const batch = Math.min(recipe.batch_size, images), perEpoch = Math.floor(images / batch);
  const steps = recipe.steps ?? recipe.epochs * perEpoch;
  return { batch, perEpoch, steps, epochs: Math.ceil(steps / perEpoch) };
}

/** The learning rate of a step, counted from 0, of so many. */
export function learningRate({ learning_rate: rate, schedule }, step, steps) {
  const { kind = "constant", final = 0, warm_up: warmUp = 0 } = schedule;
  if (step < warmUp) return rate * (step + 1) / (warmUp + 1);
  const progress = Math.min(Math.max((step - warmUp) / Math.max(steps - warmUp - 1, 1), 0), 1);
  return rate * SHAPES[kind](progress, final);
}

/** Which weights the penalties apply to. */
export function penalised({ l1, l2, regularise }, names) {
  if (!l1 && !l2) return [];
  const weights = names.filter((name) => name.endsWith("/weights"));
  return regularise === "hidden" ? weights.slice(0, -1) : weights;
}

/** How many arrays of the parameters' size the optimiser remembers. */
export const momentsOf = ({ optimiser }) => MOMENTS[optimiser];

/** The fields of `Optimiser`; moments are addresses. */
export function optimiserFields(recipe, [first = 0, second = 0]) {
  const isAdam = recipe.optimiser.startsWith("adam"), { l1, l2 } = recipe;
  return {
    rule: RULES[recipe.optimiser], momentum: isAdam ? BETA_1 : recipe.momentum, beta2: isAdam ? BETA_2 : 0, epsilon: isAdam ? EPSILON : 0,
    weight_decay: recipe.optimiser === "adamw" ? recipe.weight_decay : 0, l1, l2, first_moment: first, second_moment: second,
  };
}

/** The fields of `Objective` in training; class weights are an address. */
export function objectiveFields(recipe, classWeights) {
  return {
    binary: Number(recipe.loss === "binary_crossentropy"), mean: Number(recipe.reduction === "mean"),
    smoothing: recipe.label_smoothing, class_weights: classWeights,
  };
}
