// A pad to draw on, with mouse, finger or pen; or to lay a picture on.

import { button, element } from "../parts/element.js";
import { openPicture, pictureIn } from "./picture.js";
import { followPen } from "./pen.js";
import { clear, drawFrom, shown } from "./strokes.js";

/** Pixels along the side of what is read, and of what is kept: at this size nothing is smoothed away before it is normalised. */
const READ_SIDE = 256;

/** Width of strokes, by the pad's side. Scaled to MNIST's box, the middle one is as wide as its writers' pens were. */
const WIDTHS = [["Fine", 0.045], ["Medium", 0.075], ["Broad", 0.115]];

const PAPER = "#fffdf6", INK = "#1c1b2b";

/** A canvas that is read after every move is kept where the processor can read it. */
function readingCanvas() {
  const context = element("canvas", { width: READ_SIDE, height: READ_SIDE }).getContext("2d", { willReadFrequently: true });
  clear(context, READ_SIDE);
  return context;
}

function widthButtons(choose) {
  const buttons = WIDTHS.map(([name, width]) => {
    const dot = element("span", { class: "dot", "aria-hidden": "true" });
    dot.style.width = dot.style.height = `${220 * width}px`;
    const made = button(dot, () => pick(made, width), { "aria-label": `${name} pen`, title: `${name} pen` });
    return made;
  });
  function pick(chosen, width) {
    for (const each of buttons) each.setAttribute("aria-pressed", String(each === chosen));
    choose(width);
  }
  pick(buttons[1], WIDTHS[1][1]);
  return element("div", { class: "choices", role: "group", "aria-label": "Width of the pen" }, ...buttons);
}

/**
 * @param {{changed: (state: {isEmpty: boolean, isStroke: boolean}) => void, failed: (message: string) => void, history?: object[]}} told - `changed` is called after each move,
 *   `isStroke` while a stroke is being drawn; `history` is what was drawn before, on this pad or another, and is added to
 * @returns {{element: HTMLElement, controls: HTMLElement, read: () => ({picture: ImageData, clean: boolean}|null), png: () => Promise<Blob>,
 *   load: (file: Blob) => Promise<void>, lay: (canvas: HTMLCanvasElement) => void, clear: () => void, unmount: () => void}}
 */
export function pad({ changed, failed, history = [] }) {
  const reading = readingCanvas();
  const surface = element("canvas", { class: "pad-paper plate", role: "img", "aria-label": "Drawing pad: draw here with a mouse, a finger or a pen" });
  const hint = element("p", { class: "pad-hint", "aria-hidden": "true" }, "Draw here");
  const view = surface.getContext("2d", { desynchronized: false });
  let width = WIDTHS[1][1], side = 0, stroke = null;

  const isEmpty = () => {
    const { picture, strokes } = shown(history);
    return !picture && strokes.length === 0;
  };

  function tell() {
    hint.hidden = !isEmpty();
    // Not `disabled`: a button that is would lose the keyboard's focus when it is pressed.
    undoing.setAttribute("aria-disabled", String(history.length === 0));
    clearing.setAttribute("aria-disabled", String(isEmpty()));
    changed({ isEmpty: isEmpty(), isStroke: stroke !== null });
  }

  function redraw() {
    const { picture, strokes } = shown(history);
    clear(view, side, PAPER);
    clear(reading, READ_SIDE);
    if (picture) {
      const scale = side / Math.max(picture.width, picture.height), wide = picture.width * scale, high = picture.height * scale;
      view.imageSmoothingEnabled = scale < 3;
      view.drawImage(picture, (side - wide) / 2, (side - high) / 2, wide, high);
    }
    for (const each of strokes) {
      drawFrom(view, side, each, 0, INK);
      drawFrom(reading, READ_SIDE, each, 0);
    }
  }

  const stop = followPen(surface, {
    began() {
      // Ink on a photograph would be read as the photograph's: a stroke begins a new drawing. Undo brings the picture back.
      if (shown(history).picture) {
        history.push({ kind: "clear", withNext: true });
        redraw();
      }
      stroke = { kind: "stroke", points: [] };
      history.push(stroke);
    },
    moved(points) {
      const first = stroke.points.length;
      for (const { x, y, pressure } of points) stroke.points.push({ x, y, width: width * (0.5 + pressure) });
      drawFrom(view, side, stroke, first, INK);
      drawFrom(reading, READ_SIDE, stroke, first);
      tell();
    },
    ended() {
      stroke = null;
      tell();
    },
    dropped() {
      history.pop();
      stroke = null;
      redraw();
    },
  });

  function undo() {
    if (stroke) return;
    history.pop();
    if (history.at(-1)?.withNext) history.pop();
    redraw();
    tell();
  }

  function clearAll() {
    if (isEmpty()) return;
    history.push({ kind: "clear" });
    redraw();
    tell();
  }

  function lay(canvas) {
    history.push({ kind: "picture", canvas });
    redraw();
    tell();
  }

  async function load(file) {
    try {
      lay(await openPicture(file));
    } catch (error) {
      failed(error.message);
    }
  }

  const chooser = element("input", { type: "file", accept: "image/*", hidden: true, tabindex: -1, "aria-label": "A picture to read" });
  chooser.addEventListener("change", () => {
    if (chooser.files[0]) load(chooser.files[0]);
    // So that the same file can be chosen again.
    chooser.value = "";
  });
  const undoing = button("Undo", undo, { title: "Undo (Ctrl+Z)" }), clearing = button("Clear", clearAll);
  const controls = element("div", { class: "pad-controls row" }, undoing, clearing,
    widthButtons((chosen) => { width = chosen; }), button("Picture or photo…", () => chooser.click()), chooser);
  const whole = element("div", { class: "pad" }, surface, hint);

  function resized() {
    const wanted = Math.round(surface.clientWidth * Math.min(devicePixelRatio || 1, 3));
    if (!wanted || wanted === side) return;
    surface.width = surface.height = side = wanted;
    redraw();
  }
  const watcher = new ResizeObserver(resized);
  watcher.observe(surface);

  const over = (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    whole.classList.toggle("dropping", event.type === "dragover");
  };
  const dropped = (event) => {
    over(event);
    const file = pictureIn(event.dataTransfer);
    if (file) load(file);
    else if (event.dataTransfer?.files.length) failed("That is no picture. Drop a JPEG, a PNG or a photograph.");
  };
  const pasted = (event) => {
    const file = pictureIn(event.clipboardData);
    if (file) load(file);
  };
  const pressed = (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || event.shiftKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    event.preventDefault();
    undo();
  };
  // On the whole page: a file that misses the pad would otherwise replace the page.
  const heard = [["dragover", over], ["dragleave", over], ["drop", dropped], ["paste", pasted], ["keydown", pressed]];
  for (const [name, listener] of heard) document.addEventListener(name, listener);
  // What is there already is read at once, not when the pad has its size.
  redraw();
  tell();

  return {
    element: whole, controls, load, lay, undo, clear: clearAll,
    read() {
      const { picture } = shown(history);
      if (isEmpty()) return null;
      const canvas = picture ?? reading.canvas;
      return { picture: canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height), clean: !picture };
    },
    png: () => new Promise((resolve) => (shown(history).picture ?? reading.canvas).toBlob(resolve, "image/png")),
    unmount() {
      stop();
      watcher.disconnect();
      for (const [name, listener] of heard) document.removeEventListener(name, listener);
    },
  };
}
