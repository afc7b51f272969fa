// A grid of images, each of which shows whether it is classified correctly: two hundred of them on one canvas.
//
// Wrong ones are orange and carry the answer in a corner, right ones are blue and carry nothing: nobody needs to tell the
// colours apart.

import { element } from "./element.js";
import { aOrAn, isolated } from "./naming.js";

const RIGHT = { paper: [223, 236, 245], ink: [20, 74, 118] };
const WRONG = { paper: [252, 222, 203], ink: [150, 52, 10] };
const UNKNOWN = { paper: [243, 238, 227], ink: [70, 67, 84] };
const GAP = 2; // pixels of the image between two tiles

/**
 * @param {{images: Float32Array, labels: Int32Array, shape: number[], classNames: string[], chosen?: (place: number) => void}} content
 * @returns {{element: HTMLElement, update: (answers: number[]|null) => number, stop: () => void}} `update` returns how many are right
 */
export function tiles({ images, labels, shape, classNames, chosen = () => {} }) {
  const canvas = element("canvas", { class: "tiles", role: "img", tabindex: 0 });
  const words = element("p", { class: "caption" });
  const box = element("div", { class: "tiles-box" }, canvas, words);
  const painter = new Painter(canvas, images, labels.length, shape);
  let answers = null, place = null, resting = "";

  function describe(number) {
    const own = classNames[labels[number]];
    if (!answers) return `Image ${number + 1}: ${aOrAn(own)}.`;
    return answers[number] === labels[number] ? `Image ${number + 1}: ${aOrAn(own)}, read correctly.` : `Image ${number + 1}: ${aOrAn(own)}, taken for ${isolated(classNames[answers[number]])}.`;
  }

  function update(found) {
    answers = found && found.length === labels.length ? found : null;
    let right = 0;
    for (let number = 0; number < labels.length; number += 1) {
      const state = !answers ? "unknown" : answers[number] === labels[number] ? "right" : "wrong";
      right += state === "right";
      painter.set(number, state, state === "wrong" ? classNames[answers[number]] : "");
    }
    painter.draw();
    resting = answers ? `${right} of ${labels.length} test images right.` : `${labels.length} test images, which it never learns from.`;
    canvas.setAttribute("aria-label", resting);
    words.textContent = place === null ? resting : describe(place);
    return right;
  }

  function point(number) {
    place = number;
    painter.mark(number);
    // Spoken while someone points; how many are right changes many times a second, and is left to who asks for it.
    words.setAttribute("aria-live", number === null ? "off" : "polite");
    words.textContent = number === null ? resting : describe(number);
  }

  steer(canvas, painter, { pointed: () => place, point, chosen });
  const stop = watchSize(box, () => painter.fit(box.clientWidth));
  update(null);
  return { element: box, update, stop };
}

/** Let mouse, finger and keys point at a tile, and choose it. */
function steer(canvas, painter, { pointed, point, chosen }) {
  canvas.addEventListener("pointermove", (event) => point(painter.at(event)));
  canvas.addEventListener("pointerleave", () => point(null));
  canvas.addEventListener("click", (event) => { const number = painter.at(event); if (number !== null) chosen(number); });
  canvas.addEventListener("blur", () => point(null));
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: painter.columns, ArrowUp: -painter.columns }[event.key];
    if (step) point(Math.max(0, Math.min(painter.count - 1, pointed() === null ? 0 : pointed() + step)));
    else if (event.key === "Enter" && pointed() !== null) chosen(pointed());
    else return;
    event.preventDefault();
  });
}

function watchSize(box, changed) {
  const watching = new ResizeObserver(changed), unwatch = watchPixelRatio(changed);
  watching.observe(box);
  return () => {
    watching.disconnect();
    unwatch();
  };
}

// A window that moves to another screen has other pixels without another size.
function watchPixelRatio(changed) {
  let query = null;
  function watch() {
    query?.removeEventListener("change", watch);
    if (query) changed();
    query = matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    query.addEventListener("change", watch);
  }
  watch();
  return () => query.removeEventListener("change", watch);
}

// One canvas pixel for each screen pixel, so that images and letters are sharp on any screen and at any zoom.
class Painter {
  constructor(canvas, images, count, [height, width, channels]) {
    Object.assign(this, { canvas, count, height, width, columns: 20, side: 0, marked: null });
    this.states = new Array(count).fill("unknown");
    this.letters = new Array(count).fill("");
    this.stale = new Set();
    this.sheets = Object.fromEntries(Object.entries({ right: RIGHT, wrong: WRONG, unknown: UNKNOWN })
      .map(([name, colours]) => [name, sheet(images, count, height, width, channels, colours)]));
    this.context = canvas.getContext("2d");
  }

  set(number, state, letter) {
    if (this.states[number] === state && this.letters[number] === letter) return;
    this.states[number] = state;
    this.letters[number] = letter;
    this.stale.add(number);
  }

  fit(cssWidth) {
    const ratio = window.devicePixelRatio || 1;
    const side = Math.max(8, Math.floor(cssWidth * ratio / this.columns));
    const wide = side * this.columns, high = side * Math.ceil(this.count / this.columns);
    if (wide === this.canvas.width && high === this.canvas.height) return;
    Object.assign(this.canvas, { width: wide, height: high });
    this.side = side;
    for (let number = 0; number < this.count; number += 1) this.stale.add(number);
    this.draw();
  }

  draw() {
    if (!this.side) return;
    for (const number of this.stale) this.#tile(number);
    this.stale.clear();
  }

  mark(number) {
    if (number === this.marked) return;
    if (this.marked !== null) this.stale.add(this.marked);
    this.marked = number;
    if (number !== null) this.stale.add(number);
    this.draw();
  }

  #tile(number) {
    const { context, side } = this, gap = Math.max(1, Math.round(side * GAP / 28));
    const left = number % this.columns * side, top = Math.floor(number / this.columns) * side, inner = side - gap;
    context.imageSmoothingEnabled = false;
    context.clearRect(left, top, side, side);
    context.drawImage(this.sheets[this.states[number]], 0, number * this.height, this.width, this.height, left, top, inner, inner);
    if (this.letters[number]) this.#letter(this.letters[number], left, top, inner);
    if (number !== this.marked) return;
    context.strokeStyle = "#1c1b2b";
    context.lineWidth = Math.max(2, side / 14);
    context.strokeRect(left + context.lineWidth / 2, top + context.lineWidth / 2, inner - context.lineWidth, inner - context.lineWidth);
  }

  // Within its tile, however wide the letters are: on the one before it they would stay.
  #letter(text, left, top, most) {
    const { context, side } = this, size = Math.round(side * 0.4);
    context.font = `700 ${size}px system-ui, sans-serif`;
    const shown = text.length > 3 ? text.slice(0, 3) : text, width = Math.min(context.measureText(shown).width + size * 0.4, most);
    const right = left + most;
    context.fillStyle = "#9a3a0c";
    context.fillRect(right - width, top, width, size * 1.1);
    context.fillStyle = "#fff";
    context.textBaseline = "top";
    context.fillText(shown, right - width + size * 0.2, top + size * 0.1, width - size * 0.4);
  }

  at(event) {
    const area = this.canvas.getBoundingClientRect();
    const column = Math.floor((event.clientX - area.left) / area.width * this.columns);
    const row = Math.floor((event.clientY - area.top) / area.width * this.columns);
    const number = row * this.columns + column;
    return column >= 0 && column < this.columns && number >= 0 && number < this.count ? number : null;
  }
}

/** All images below one another in two colours. */
function sheet(images, count, height, width, channels, { paper, ink }) {
  const canvas = element("canvas", { width, height: height * count });
  const context = canvas.getContext("2d"), picture = context.createImageData(width, height * count);
  for (let pixel = 0; pixel < count * height * width; pixel += 1) {
    let value = 0;
    for (let channel = 0; channel < channels; channel += 1) value += images[pixel * channels + channel];
    const share = Math.min(1, Math.max(0, value / channels));
    for (let part = 0; part < 3; part += 1) picture.data[4 * pixel + part] = paper[part] + (ink[part] - paper[part]) * share;
    picture.data[4 * pixel + 3] = 255;
  }
  context.putImageData(picture, 0, 0);
  return canvas;
}
