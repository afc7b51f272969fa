// A training in a worker of its own, so that the page stays as quick as ever.
//
// The page sends {name: "begin", module, wanted, data}, then {name: "command" | "state", number, ...}; it is sent events, at
// most ten a second, and a reply to each number.

import { Course } from "../learn/course.js";
import { loadEngine } from "./engine.js";

const SLICE = 40, BETWEEN_EVENTS = 100; // milliseconds
const turn = new MessageChannel(); // timers would wait 4 ms each time
let course = null, waits = false, last = 0;

function tell() {
  last = performance.now();
  postMessage({ event: course.describe() });
}

function go() {
  if (waits || !course.isRunning) return;
  waits = true;
  turn.port2.postMessage(null);
}

turn.port1.onmessage = () => {
  waits = false;
  if (!course.isRunning) return; // paused meanwhile
  try {
    course.work(SLICE);
  } catch (problem) {
    Object.assign(course, { state: "failed", message: problem.message });
  }
  if (!course.isRunning || performance.now() - last > BETWEEN_EVENTS) tell();
  go();
};

const answers = {
  async begin({ module, wanted, data }) {
    course = new Course(await loadEngine(module), wanted, data);
    tell();
    go();
  },
  command({ command, query }) {
    course.command(command, query);
    tell();
    go();
  },
  state: () => ({ ...course.describe(), rows: course.rows }),
};

onmessage = async ({ data: { name, number, ...asked } }) => {
  try {
    postMessage({ number, reply: (await answers[name](asked)) ?? null });
  } catch (problem) {
    postMessage({ number, error: problem.message });
  }
};
