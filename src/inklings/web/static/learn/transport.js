// The buttons under which a training runs: start, pause, a step, an epoch, back, again, and another beside it.

import { button, element } from "../parts/element.js";
import { whole } from "../parts/words.js";

/**
 * `show(training, changed)` shows a training, or null before there is one; `changed` is whether settings have been changed since it was
 * started.
 *
 * @param {{start: () => void, command: (name: string, query?: object) => void, beside: () => void}} actions
 * @returns {Transport} with `element`, and `more`, what there is once a training has been started
 */
export const transport = (actions) => new Transport(actions);

const BUTTONS = {
  step: ["One step", "Learn from one batch of images"],
  epoch: ["One epoch", "Learn from every training image once"],
  again: ["Again, same weights", "From the start, with the same initial weights"],
  another: ["Another beside it", "Keep these curves, change one thing, and start a second training"],
  fresh: ["New start", "Start a new training with the settings as they are now"],
};

class Transport {
  constructor({ start, command, beside }) {
    Object.assign(this, { start, command, shown: null, working: false, isDragged: false });
    const actions = { step: () => command("step"), epoch: () => command("epoch"), again: () => command("again"), another: beside, fresh: start };
    for (const [name, [words, title]] of Object.entries(BUTTONS)) {
      const look = name === "step" || name === "epoch" ? "button" : "button small";
      this[name] = button(words, actions[name], { class: look, title, "data-control": name === "another" ? "beside" : name });
    }
    this.main = button("Start", () => this.pressMain(), { class: "button main large", "data-control": "start" });
    this.slider = element("input", { type: "range", min: 0, max: 0, step: 1, "aria-label": "Epoch" });
    this.where = element("output", { class: "number label" });
    this.back = element("label", { class: "back", "data-control": "back" }, element("span", { class: "label" }, "Epoch"), this.slider, this.where);
    this.element = element("div", { class: "transport", role: "group", "aria-label": "Training" }, this.main, this.step, this.epoch, this.back);
    this.more = element("div", { class: "row more" }, this.again, this.another, this.fresh);
    // Dragging only tells where it would go; letting go goes there.
    this.slider.addEventListener("input", () => {
      this.isDragged = true;
      this.where.textContent = `back to ${this.slider.value}`;
    });
    this.slider.addEventListener("change", () => {
      this.isDragged = false;
      if (Number(this.slider.value) < this.shown.epoch) command("back", { epoch: this.slider.value });
      else this.show(this.shown);
    });
  }

  pressMain() {
    if (this.shown?.running) this.command("pause");
    else if (this.shown?.state === "paused") this.command("resume");
    else this.start();
  }

  show(training, changed = false) {
    this.shown = training;
    const running = Boolean(training?.running), idle = this.working || !training;
    this.fresh.classList.toggle("main", changed);
    setWords(this.main, !training || training.over ? "Start" : running ? "Pause" : "Go on");
    const waits = idle || training.state !== "paused";
    for (const name of ["step", "epoch"]) {
      this[name].disabled = waits;
      this[name].title = waits ? `${BUTTONS[name][1]}: ${whyNot(training)}` : BUTTONS[name][1];
    }
    this.again.disabled = this.another.disabled = this.fresh.disabled = idle;
    this.more.classList.toggle("absent", !training);
    this.main.disabled = this.working;
    this.back.classList.toggle("absent", !training?.epoch);
    if (training && !this.isDragged) this.#moveSlider(training, running);
  }

  #moveSlider(training, running) {
    this.slider.max = Math.max(training.epochs, training.epoch);
    this.slider.value = training.epoch;
    this.slider.disabled = this.working || running;
    const within = training.stepsPerEpoch ? training.step % training.stepsPerEpoch : 0;
    this.where.textContent = `${whole(training.epoch)} of ${whole(training.epochs)}${within && !running ? `, ${within} of ${training.stepsPerEpoch} steps` : ""}`;
  }

  busy(now) {
    this.working = now;
    this.show(this.shown, this.fresh.classList.contains("main"));
  }
}

function whyNot(training) {
  if (!training) return "start a training first, and pause it";
  return training.over ? "this training is over; go back to an earlier epoch, or start again" : "pause the training first";
}

const setWords = (made, words) => { if (made.textContent !== words) made.textContent = words; };
