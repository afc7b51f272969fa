// One training as it goes on: its rows so far, and what it last said.

import { settingsOf } from "./settings.js";

const CATCH_UP = 1000; // milliseconds
const OVER = new Set(["finished", "stopped", "failed"]);

export class Training {
  /**
   * @param {object} source
   * @param {string} id
   * @param {(training: Training) => void} changed - called at most as often as events come
   */
  constructor(source, id, changed) {
    Object.assign(this, { source, id, changed, rows: [], state: "queued", epoch: 0, step: 0, stepsPerEpoch: 0, epochs: 0 });
    Object.assign(this, { settings: null, answers: null, filters: null, diagnosis: [], message: "", trouble: null, position: 0 });
    Object.assign(this, { unfollow: null, isLeft: false });
  }

  get running() { return this.state === "running" || this.state === "queued"; }
  get over() { return OVER.has(this.state); }
  get last() { return this.rows.at(-1) ?? null; }

  /** Fetch the whole state, and follow the training from there. */
  async attach() {
    this.#takeAll(await this.source.training(this.id));
    this.changed(this);
    this.#follow();
  }

  /** Send a command, and go on listening: a finished training that is sent back is no longer finished. */
  async command(name, query) {
    await this.source.command(this.id, name, query);
    this.#takeAll(await this.source.training(this.id));
    this.changed(this);
    this.#follow();
  }

  /** Stop listening, to what is being asked for at this moment as well. */
  leave() {
    this.isLeft = true;
    this.#unfollow();
  }

  #unfollow() {
    this.unfollow?.();
    this.unfollow = null;
  }

  #follow() {
    this.#unfollow();
    if (this.over || this.isLeft) return;
    this.unfollow = this.source.follow(this.id, (event) => {
      this.#take(event);
      this.changed(this);
    }, (trouble) => {
      this.trouble = trouble;
      this.changed(this);
    });
  }

  #takeAll(state) {
    this.rows = state.rows;
    this.settings ??= settingsOf(state);
    this.#take({ ...state, row: null });
  }

  #take(event) {
    this.state = event.state ?? this.state;
    this.epoch = event.epoch ?? this.epoch;
    this.step = event.step ?? this.step;
    this.stepsPerEpoch = event.steps_per_epoch ?? this.stepsPerEpoch;
    this.epochs = event.epochs ?? this.epochs;
    this.position = event.position ?? 0;
    this.answers = event.answers ?? this.answers;
    this.filters = event.filters ?? this.filters;
    this.diagnosis = event.diagnosis ?? this.diagnosis;
    this.message = event.message ?? "";
    if (event.row) this.#add(event.row);
    // Sent back: what came after is no longer so.
    if (this.last && this.last.epoch > this.epoch) this.rows = this.rows.filter((row) => row.epoch <= this.epoch);
  }

  #add(row) {
    // A short training may be over before the first event, of which the last row is all that is sent.
    const missed = row.epoch > (this.last?.epoch ?? -1) + 1;
    this.rows = [...this.rows.filter((other) => other.epoch < row.epoch), row];
    if (missed) this.#catchUp();
  }

  // Events are at most ten a second, and none while the page is hidden: rows in between are fetched, once a second.
  async #catchUp() {
    if (this.catching) return;
    this.catching = true;
    try {
      await new Promise((resolve) => setTimeout(resolve, this.over ? 0 : CATCH_UP));
      const state = await this.source.training(this.id);
      const known = new Map(state.rows.concat(this.rows).map((row) => [row.epoch, row]));
      this.rows = [...known.values()].filter((row) => row.epoch <= this.epoch).sort((one, other) => one.epoch - other.epoch);
      this.changed(this);
    } catch {
      // The stream tells of a lab that does not answer, and the next row that was missed asks again.
    } finally {
      this.catching = false;
    }
  }
}
