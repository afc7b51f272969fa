// The loaded networks, ready to compute; one that still learns is fetched again until it has learnt.

const WAIT = 1000; // milliseconds between two looks at a network that still learns

export class LiveModels {
  constructor(source) {
    this.source = source;
    this.models = []; // always the same array: views keep it
    this.engine = null;
    this.listeners = new Set();
    this.started = null;
    this.looking = null;
    this.timer = 0;
  }

  /** Call a listener whenever the models have changed; returns a function that ends it. */
  listen(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Load engine and models, once; afterwards, look for networks that were trained meanwhile, without waiting for them.
   *
   * @param {string|null} [wanted] - the id of a network that is waited for
   */
  start(wanted = null) {
    if (this.models.length) {
      const looked = this.#again(), isThere = () => !wanted || this.models.some(({ id }) => id === wanted);
      // A look that was under way already may have begun before there was such a network.
      if (!isThere()) return looked.then(() => (isThere() ? undefined : this.#again()));
    }
    this.started ??= this.#load().catch((problem) => {
      this.started = null; // so that "try again" tries again
      throw problem;
    });
    return this.started;
  }

  async #load() {
    const { loadEngine } = await import("./engine/engine.js");
    const [engine, found] = await Promise.all([loadEngine(await fetch("/static/engine/inklings.wasm")), this.#listed()]);
    this.engine = engine;
    await this.#fetch(found);
    if (!this.models.length) throw new Error("None of the lab's networks can be read. Train one in Learn.");
  }

  // At the first use a small network is being trained: there is nothing to draw for until it has its first weights.
  async #listed() {
    for (let tries = 0; tries < 60; tries += 1) {
      const found = await this.source.models();
      if (found.length) return found;
      await new Promise((resolve) => setTimeout(resolve, WAIT));
    }
    throw new Error("The lab has no network yet. Is it still training its first one?");
  }

  async #fetch(found) {
    const settled = await Promise.allSettled(found.map((each) => this.#network(each)));
    const loaded = settled.map(({ value }) => value).filter(Boolean), failed = settled.find(({ status }) => status === "rejected");
    if (failed) {
      for (const network of loaded) if (!this.models.includes(network)) network.free();
      throw failed.reason;
    }
    const isSame = loaded.length === this.models.length && loaded.every((network, place) => network === this.models[place]);
    const before = this.models.splice(0, this.models.length, ...loaded);
    if (!isSame) for (const listener of this.listeners) listener(this.models);
    for (const network of before) if (!this.models.includes(network)) network.free();
    if (found.some((each) => each.learning) || !this.models.length) this.#later(WAIT);
  }

  #later(wait) { this.timer = setTimeout(() => this.#again(), wait); }

  async #network(entry) {
    const before = this.models.find((network) => network.id === entry.id);
    if (before && !before.learning && !entry.learning) return before;
    try {
      const [header, weights] = await Promise.all([this.source.header(entry.id), this.source.weights(entry.id)]);
      return Object.assign(this.engine.network(header, weights), {
        id: entry.id, title: entry.title, accuracy: entry.accuracy, interval: entry.interval, learning: entry.learning,
      });
    } catch (problem) {
      // One that has gone, or cannot be read, such as a damaged run: the others can be drawn for.
      if ([404, 409, 422].includes(problem.status)) return before ?? null;
      throw problem;
    }
  }

  #again() {
    this.looking ??= this.#look().finally(() => { this.looking = null; });
    return this.looking;
  }

  async #look() {
    clearTimeout(this.timer);
    try {
      await this.#fetch(await this.source.models());
    } catch {
      if (!this.models.length || this.models.some(({ learning }) => learning)) this.#later(5 * WAIT);
    }
  }
}
