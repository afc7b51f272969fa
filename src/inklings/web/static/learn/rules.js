// What is wrong with a training, in words: the rules of evaluation/rules.py that hold while it is still going on, by the
// same thresholds.

const OVER_FITTING_RISE = 0.1, LARGE_GAP = 0.1, LEAST_CHANGE = 0.01, LEAST_TREND = 3, TREND_SHARE = 0.1;
const RISEN_AGAIN = 0.1, LEAST_RISEN = 0.1, MANY_JUMPS = 0.2, LEAST_JUMPS = 2, JUMP = 0.2, LEAST_JUMP = 0.05;
const FEW_EPOCHS = 5, SMOOTHED_SHARE = 0.05;

const percent = (share) => `${(100 * share).toFixed(1)} %`;
const short = (loss) => Number(loss.toPrecision(3)).toString();
const median = (values) => {
  const sorted = [...values].sort((one, other) => one - other), middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** The noise of single epochs taken away by the median of a window; near the ends, of the nearest whole window. */
function smooth(values) {
  if (values.length < FEW_EPOCHS) return values;
  const width = Math.max(3, 2 * Math.round(SMOOTHED_SHARE * values.length / 2) + 1), half = (width - 1) / 2;
  const inside = (at) => Math.min(Math.max(at - half, 0), values.length - width);
  return values.map((_, at) => median(values.slice(inside(at), inside(at) + width)));
}

/**
 * @param {{epoch: number, train_loss: number, train_accuracy: number, validation_loss: number, validation_accuracy: number}[]} rows -
 *   epoch 0, before training, and every epoch since
 * @returns {string[]} "kind: evidence; what to try" for each thing that is wrong, as the lab's server says it
 */
export function diagnose(rows) {
  const since = rows.slice(1);
  if (!since.length) return [];
  const overshoots = rateTooHigh(since);
  return [overshoots ?? overFitting(since)].filter(Boolean);
}

function rateTooHigh(rows) {
  const losses = rows.map((row) => row.train_loss), smoothed = smooth(losses), lowest = Math.min(...smoothed), last = smoothed.at(-1);
  const jumps = losses.filter((loss, at) => at && loss - losses[at - 1] > Math.max(JUMP * losses[at - 1], LEAST_JUMP)).length;
  const say = (evidence) => `learning rate too high: ${evidence}; try a smaller learning rate`;
  if (last > (1 + RISEN_AGAIN) * lowest && last > lowest + LEAST_RISEN) return say(`the training loss, which should fall, rose again from ${short(lowest)} to ${short(last)}`);
  if (jumps >= Math.max(LEAST_JUMPS, MANY_JUMPS * losses.length)) return say(`the training loss jumped up in ${jumps} of ${losses.length} epochs`);
  return null;
}

function overFitting(rows) {
  const losses = smooth(rows.map((row) => row.validation_loss)), lowest = Math.min(...losses), best = losses.indexOf(lowest);
  const isTrend = losses.length - 1 - best >= Math.max(LEAST_TREND, TREND_SHARE * losses.length);
  const rises = isTrend && losses.at(-1) - lowest > LEAST_CHANGE && losses.at(-1) / lowest - 1 >= OVER_FITTING_RISE;
  const { train_accuracy: train, validation_accuracy: validation } = rows.at(-1);
  if (!rises && train - validation < LARGE_GAP) return null;
  const course = rises ? `the validation loss has risen since epoch ${rows[best].epoch}, from ${short(lowest)} to ${short(losses.at(-1))}, and ` : "";
  return `over-fitting: ${course}training accuracy is ${percent(train)}, validation accuracy ${percent(validation)}; try more images, dropout or an L2 penalty`;
}
