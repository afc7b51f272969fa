// A pad to draw on, with mouse, finger or pen; or to lay a picture on.

import { button, element } from "../parts/element.js";
import { openPicture, pictureIn } from "./picture.js";
import { followPen } from "./pen.js";
import { expectReadable } from "./readable.js";
import { clear, drawFrom, isDot, shown } from "./strokes.js";

/** Pixels along the side of what is read, and of what is kept: at this size nothing is smoothed away before it is normalised. */
const READ_SIDE = 256;

/** Actions that can be taken back, and the pictures among them, which take two megabytes each. */
const MOST_ACTIONS = 400, MOST_PICTURES = 12;

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

/** A button that opens the picture someone chooses; on phones it offers the camera too. */
function pictureButton(open) {
  const chooser = element("input", { type: "file", accept: "image/*", hidden: true, tabindex: -1, "aria-label": "A picture to read" });
  chooser.addEventListener("change", () => {
    if (chooser.files[0]) open(chooser.files[0]);
    // So that the same file can be chosen again.
    chooser.value = "";
  });
  return [button("Picture…", () => chooser.click(), { title: "Open a picture, or take a photo" }), chooser];
}

/** Files, and links, which a browser would otherwise follow away from this page. */
const isDroppable = ({ dataTransfer }) => ["Files", "text/uri-list"].some((type) => dataTransfer?.types.includes(type));

const isUndo = (event) => (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z" && !/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);

export class Pad {
  /**
   * @param {{changed: (state: {isEmpty: boolean, isStroke: boolean}) => void, failed: (message: string) => void, history?: object[]}} told - `changed` is
   *   called after each move, `isStroke` while a stroke is being drawn; `history` is what was drawn before, on this pad or another, and is added to
   */
  constructor({ changed, failed, history = [] }) {
    Object.assign(this, { told: { changed, failed }, history, reading: readingCanvas(), side: 0, stroke: null });
    this.surface = element("canvas", { class: "pad-paper plate", role: "img", "aria-label": "Drawing pad: draw here with a mouse, a finger or a pen" });
    this.view = this.surface.getContext("2d");
    this.hint = element("p", { class: "pad-hint", "aria-hidden": "true" }, "Draw here");
    this.element = element("div", { class: "pad" }, this.surface, this.hint);
    this.undoing = button("Undo", () => this.undo(), { title: "Undo (Ctrl+Z)" });
    this.clearing = button("Clear", () => this.clear());
    this.controls = element("div", { class: "pad-controls row" }, this.undoing, this.clearing,
      widthButtons((chosen) => { this.width = chosen; }), ...pictureButton((file) => this.load(file)));
    this.#listen();
    // What is there already is read at once, not when the pad has its size.
    this.#redraw();
    this.#tell();
  }

  get isEmpty() {
    const { picture, strokes } = shown(this.history);
    return !picture && strokes.length === 0;
  }

  /** Whether there is no more than a dot, as where a pen has just been put down: scaled up as all drawings are, it would be a blot that says nothing. */
  get isDot() {
    const { picture, strokes } = shown(this.history);
    return !picture && strokes.length > 0 && isDot(strokes);
  }

  #listen() {
    this.stopPen = followPen(this.surface, {
      began: () => this.#began(), moved: (points) => this.#moved(points), ended: () => this.#ended(), dropped: () => this.#dropped(),
    });
    this.watcher = new ResizeObserver(() => this.#resized());
    this.watcher.observe(this.surface);
    const over = (event) => this.#over(event), paste = (event) => this.#take(event.clipboardData);
    const undo = (event) => {
      if (!isUndo(event)) return;
      event.preventDefault();
      this.undo();
    };
    const drop = (event) => {
      this.#over(event);
      if (this.#take(event.dataTransfer) || !isDroppable(event)) return;
      if (event.dataTransfer.files.length) this.told.failed("That is not a picture. Drop a JPEG, a PNG or a photograph.");
      // Of another page's picture some browsers give the address alone, from which this page may load nothing.
      else if (this.element.contains(event.target)) this.told.failed("That is only the address of a picture. Copy the picture and paste it here, or save it and drop the file.");
    };
    // On the whole page: a file that misses the pad would otherwise replace the page.
    this.heard = [["dragover", over], ["dragleave", over], ["drop", drop], ["paste", paste], ["keydown", undo]];
    for (const [name, listener] of this.heard) document.addEventListener(name, listener);
  }

  // What was drawn longest ago can no longer be taken back; what is seen now is never taken away.
  #forget() {
    const { history } = this, seen = history.findLastIndex((action) => action.kind !== "stroke");
    const isTooMuch = () => history.length > MOST_ACTIONS || history.filter(({ kind }) => kind === "picture").length > MOST_PICTURES;
    for (let left = seen; left > 0 && isTooMuch(); left -= 1) history.shift();
  }

  #tell() {
    this.#forget();
    const { isEmpty } = this;
    this.hint.hidden = !isEmpty;
    // Not `disabled`: a button that is would lose the keyboard's focus when it is pressed.
    this.undoing.setAttribute("aria-disabled", String(this.history.length === 0));
    this.clearing.setAttribute("aria-disabled", String(isEmpty));
    this.told.changed({ isEmpty, isStroke: this.stroke !== null });
  }

  #redraw() {
    const { picture, strokes } = shown(this.history), { view, side, reading } = this;
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

  #resized() {
    const wanted = Math.round(this.surface.clientWidth * Math.min(devicePixelRatio || 1, 3));
    if (!wanted || wanted === this.side) return;
    this.surface.width = this.surface.height = this.side = wanted;
    this.#redraw();
  }

  #began() {
    // Ink on a photograph would be read as the photograph's: a stroke begins a new drawing. Undo brings the picture back.
    if (shown(this.history).picture) {
      this.history.push({ kind: "clear", withNext: true });
      this.#redraw();
    }
    this.stroke = { kind: "stroke", points: [] };
    this.history.push(this.stroke);
  }

  #moved(points) {
    const { stroke } = this, first = stroke.points.length;
    for (const { x, y, pressure } of points) stroke.points.push({ x, y, width: this.width * (0.5 + pressure) });
    drawFrom(this.view, this.side, stroke, first, INK);
    drawFrom(this.reading, READ_SIDE, stroke, first);
    this.#tell();
  }

  #ended() {
    this.stroke = null;
    this.#tell();
  }

  #dropped() {
    this.history.pop();
    this.stroke = null;
    this.#redraw();
  }

  #over(event) {
    if (!isDroppable(event)) return;
    event.preventDefault();
    this.element.classList.toggle("dropping", event.type === "dragover");
  }

  #take(transfer) {
    const file = pictureIn(transfer);
    if (file) this.load(file);
    return file !== null;
  }

  undo() {
    if (this.stroke) return;
    this.history.pop();
    if (this.history.at(-1)?.withNext) this.history.pop();
    this.#redraw();
    this.#tell();
  }

  clear() {
    if (this.isEmpty) return;
    this.history.push({ kind: "clear" });
    this.#redraw();
    this.#tell();
  }

  /** Open a picture from a file and lay it on the pad. */
  async load(file) {
    try {
      this.history.push({ kind: "picture", canvas: await openPicture(file) });
    } catch (error) {
      this.told.failed(error.message);
      return;
    }
    this.#redraw();
    this.#tell();
  }

  /**
   * What is to be normalised; null if nothing is there, or a dot. `clean`: it was drawn here, on white paper.
   *
   * @throws {DrawingError} the browser does not let the page see it
   */
  read() {
    if (this.isEmpty || this.isDot) return null;
    expectReadable();
    const { picture } = shown(this.history), canvas = picture ?? this.reading.canvas;
    const { data, height, width } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return { picture: { data, height, width, transparent: canvas.transparent, deep: canvas.deep }, clean: !picture };
  }

  /** What is on the pad, as a file to keep. */
  png() {
    return new Promise((resolve) => (shown(this.history).picture ?? this.reading.canvas).toBlob(resolve, "image/png"));
  }

  unmount() {
    this.stopPen();
    this.watcher.disconnect();
    for (const [name, listener] of this.heard) document.removeEventListener(name, listener);
  }
}
