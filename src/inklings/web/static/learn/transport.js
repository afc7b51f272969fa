// The buttons under which a training runs: start, pause, a step, an epoch, back, again, and another beside it.

import { button, element } from "../parts/element.js";
import { whole } from "../parts/words.js";

/**
 * `changed` is whether settings have been changed since the training was started.
 *
 * @param {{start: () => void, command: (name: string, query?: object) => void, beside: () => void}} actions
 * @returns {{element: HTMLElement, more: HTMLElement, show: (training: object|null, changed?: boolean) => void, busy: (busy: boolean) => void}}
 */
export function transport({ start, command, beside }) {
  let shown = null, working = false;
  const main = button("Start", () => pressMain(), { class: "button main large", "data-control": "start" });
  const step = button("One step", () => command("step"), { "data-control": "step", title: "Learn from one batch of images" });
  const epoch = button("One epoch", () => command("epoch"), { "data-control": "epoch", title: "Learn from every training image once" });
  const again = button("Again, same weights", () => command("again"), { class: "button small", "data-control": "again", title: "From the start, with the same initial weights" });
  const another = button("Another beside it", beside, { class: "button small", "data-control": "beside", title: "Keep these curves, change one thing, and start a second training" });
  const fresh = button("New start", start, { class: "button small", "data-control": "fresh", title: "Start a new training with the settings as they are now" });
  const slider = element("input", { type: "range", min: 0, max: 0, step: 1, "aria-label": "Epoch" });
  const where = element("output", { class: "number label" });
  const back = element("label", { class: "back", "data-control": "back" }, element("span", { class: "label" }, "Epoch"), slider, where);
  const box = element("div", { class: "transport", role: "group", "aria-label": "Training" }, main, step, epoch, back);
  const more = element("div", { class: "row more" }, again, another, fresh);

  function pressMain() {
    if (!shown) start();
    else if (shown.running) command("pause");
    else if (shown.state === "paused") command("resume");
    else start();
  }

  // Dragging only tells where it would go; letting go goes there.
  slider.addEventListener("input", () => { where.textContent = `back to ${slider.value}`; });
  slider.addEventListener("change", () => { if (Number(slider.value) < shown.epoch) command("back", { epoch: slider.value }); });

  function show(training, changed = false) {
    shown = training;
    fresh.classList.toggle("main", changed);
    const running = Boolean(training?.running);
    setWords(main, !training || training.over ? "Start" : running ? "Pause" : "Go on");
    for (const part of [step, epoch]) part.disabled = working || !training || running || training.state === "failed";
    again.disabled = another.disabled = fresh.disabled = working || !training;
    more.classList.toggle("absent", !training);
    main.disabled = working;
    back.classList.toggle("absent", !training || !training.epoch);
    if (training && document.activeElement !== slider) moveSlider(training, running);
  }

  function moveSlider(training, running) {
    slider.max = Math.max(training.epochs, training.epoch);
    slider.value = training.epoch;
    slider.disabled = working || running;
    const within = training.stepsPerEpoch ? training.step % training.stepsPerEpoch : 0;
    where.textContent = `${whole(training.epoch)} of ${whole(training.epochs)}${within && !running ? `, ${within} of ${training.stepsPerEpoch} steps` : ""}`;
  }

  return { element: box, more, show, busy(now) { working = now; show(shown, fresh.classList.contains("main")); } };
}

const setWords = (made, words) => { if (made.textContent !== words) made.textContent = words; };
