// Where the lab's models, images, trainings and runs come from: its server, under the same origin.
//
// source/here.js gives the same events, from a worker of the page itself; it lacks the methods of what it cannot do.

/** What a request was refused with, in one line for people. */
export class SourceError extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

const ENDED = new Set(["finished", "stopped", "failed"]);
const SILENT = "The lab does not answer. It is asked again every few seconds.";
const STALE = "The lab has been started again since this page was opened. Open the address that its terminal shows now.";
const PAUSES = [500, 1000, 2000, 4000, 8000]; // milliseconds before the lab is asked again, longer each time

async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { credentials: "same-origin", ...options });
  } catch {
    throw new SourceError("The lab does not answer. Is `inklings lab` still running?");
  }
  if (answer.ok) return answer;
  // Each start has a token of its own, and nothing else of this page's is refused so.
  if (answer.status === 403) throw new SourceError(STALE, 403);
  const found = await answer.json().catch(() => ({}));
  throw new SourceError(found.error || `The lab answered ${answer.status}.`, answer.status);
}

const json = async (path, options) => (await ask(path, options)).json();
const bytes = async (path, options) => (await ask(path, options)).arrayBuffer();
const post = (path, body) => json(path, {
  method: "POST",
  ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
});
const at = (...parts) => `/api/${parts.map(encodeURIComponent).join("/")}`;

/** Return the lab's server as a source. */
export function serverSource() {
  return {
    /** The models there are: `[{id, title, network, accuracy, interval, trained_on, learning}]`. */
    models: () => json(at("models")),
    header: (id) => json(at("models", id)),
    weights: (id) => bytes(`${at("models", id)}/weights`),
    mistakes: (id) => json(`${at("models", id)}/mistakes`),
    novelty: (id, image) => json(`${at("models", id)}/novelty`, { method: "POST", body: image }),
    explain: (id, image, kind, label) => explain(id, image, kind, label),

    data: () => json(at("data")),
    images: (part, offset, limit, shape) => images(part, offset, limit, shape),
    keepDrawing: (label, png) => json(`${at("drawings")}?label=${encodeURIComponent(label)}`, { method: "POST", body: png }),
    drawings: () => json(at("drawings")),

    /** All trainings of this session, and one's whole state. */
    trainings: () => json(at("trainings")),
    training: (id) => json(at("trainings", id)),
    /** Start a training: `{network, recipe, data: {images, label_noise}, title}`; resolves to `{id, position}`. */
    start: (wanted) => post(at("trainings"), wanted),
    /** One of pause, resume, step, epoch, back (with `{epoch}`), stop, again. */
    command: (id, name, query = {}) => post(`${at("trainings", id, name)}?${new URLSearchParams(query)}`),
    /** Call `onEvent` with every event of a training; returns a function that stops it. */
    follow: (id, onEvent, onTrouble = () => {}) => follow(id, onEvent, onTrouble),

    runs: () => json(at("runs")),
    run: (id) => json(at("runs", id)),
    reportAddress: (id) => `${at("runs", id)}/report`,
  };
}

async function explain(id, image, kind, label) {
  const query = new URLSearchParams({ kind, class: label });
  const answer = await ask(`${at("models", id)}/explain?${query}`, { method: "POST", body: image });
  return new Float32Array(await answer.arrayBuffer());
}

async function images(part, offset, limit, shape) {
  const query = new URLSearchParams({ part, offset, limit });
  const answer = await ask(`/api/data/images?${query}`);
  const count = Number(answer.headers.get("X-Count")), body = await answer.arrayBuffer();
  const pixels = count * shape.reduce((product, size) => product * size, 1);
  return { images: new Float32Array(body, 0, pixels), labels: new Int32Array(body, 4 * pixels, count) };
}

// One stream for a page, and none while it is hidden: a browser has six connections for an origin, and six open tabs
// would leave none for anything else. A page that comes back, from another tab or by the back button, opens its stream
// again, and is sent the whole state first.
function follow(id, onEvent, onTrouble) {
  const stream = new Stream(id, onEvent, onTrouble);
  const changed = () => (document.hidden ? stream.close() : stream.open()), heard = [
    [document, "visibilitychange", changed], [window, "pagehide", () => stream.close()], [window, "pageshow", () => stream.open()],
  ];
  for (const [target, name, listener] of heard) target.addEventListener(name, listener);
  stream.open();
  return () => {
    stream.end();
    for (const [target, name, listener] of heard) target.removeEventListener(name, listener);
  };
}

/** The events of a training; a lab that does not answer is asked again and again. */
class Stream {
  constructor(id, onEvent, onTrouble) {
    Object.assign(this, { id, onEvent, onTrouble, opened: null, timer: 0, failures: 0, over: false });
  }

  open() {
    if (this.over || this.opened || document.hidden) return;
    this.opened = new EventSource(`${at("trainings", this.id)}/events`);
    this.opened.onmessage = (message) => this.#take(JSON.parse(message.data));
    this.opened.onerror = () => this.#fail();
  }

  close() {
    clearTimeout(this.timer);
    this.opened?.close();
    this.opened = null;
  }

  end() {
    this.over = true;
    this.close();
  }

  #take(event) {
    if (this.failures) this.onTrouble(null);
    this.failures = 0;
    // A stream that has ended would be opened again and again by the browser.
    if (ENDED.has(event.state)) this.close();
    this.onEvent(event);
  }

  #fail() {
    this.close();
    if (this.over || document.hidden) return;
    this.failures += 1;
    if (this.failures > 1) this.#say();
    this.timer = setTimeout(() => this.open(), PAUSES[Math.min(this.failures, PAUSES.length) - 1]);
  }

  // A stream does not say why it was refused; a request does.
  async #say() {
    const words = await ask(at("trainings", this.id)).then(() => SILENT, (problem) => (problem.status ? problem.message : SILENT));
    if (this.failures && !this.over) this.onTrouble(words);
  }
}
