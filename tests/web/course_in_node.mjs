// Runs a watched training as the page's worker does, and prints what its buttons did as JSON.
//
//   node course_in_node.mjs STATIC

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const root = process.argv[2], load = (name) => import(pathToFileURL(join(root, name)));
const [{ loadEngine }, { Course }, { diagnose }] = await Promise.all(["engine/engine.js", "learn/course.js", "learn/rules.js"].map(load));
const engine = await loadEngine(readFileSync(join(root, "engine/inklings.wasm")));

// Stripes, across or down, on which a network learns in a moment.
const images = new Float32Array(120 * 36), labels = Int32Array.from({ length: 120 }, (_, row) => row % 2);
for (let row = 0; row < 120; row += 1) for (let at = 0; at < 36; at += 1) images[row * 36 + at] = ((row % 2 ? at % 6 : Math.floor(at / 6)) + (row >> 1)) % 2;
const data = { images, labels }, network = { input_shape: [6, 6, 1], layers: [{ layer: "Conv2D", filters: 4, activation: "relu" }, { layer: "Flatten" }, { layer: "Dense", units: 2, activation: "softmax" }] };
const begin = (recipe) => new Course(engine, { network, recipe }, { train: data, validation: data, watched: { images: images.slice(0, 10 * 36), labels } });
const run = (course) => {
  while (course.isRunning) course.work(20);
  return { state: course.state, epoch: course.epoch, step: course.training.step, rows: course.rows.length };
};
const weights = (course) => [...course.training.parameters().get("dense_1/weights")];

const course = begin({ epochs: 12, batch_size: 20, learning_rate: 0.01 }), done = { first: course.rows.length, end: run(course) };
const event = course.describe(), end = weights(course);
Object.assign(done, { answers: event.answers, filters: event.filters.shape, values: event.filters.values, accuracy: event.row.validation_accuracy, fields: Object.keys(event).sort() });
const press = (name, query) => {
  course.command(name, query);
  return run(course);
};
done.back = press("back", { epoch: 5 });
done.step = press("step");
done.epoch = press("epoch");
done.resumed = press("resume");
done.sameAgain = weights(course).every((value, place) => value === end[place]);
done.again = press("again");
done.sameAfterAgain = weights(course).every((value, place) => value === end[place]);
course.command("again");
course.work(0.1);
course.command("pause");
done.paused = course.state;
course.command("stop");
done.stopped = course.state;
try {
  course.command("resume");
} catch (problem) {
  done.refused = problem.message;
}
const failed = begin({ epochs: 5, optimiser: "sgd", learning_rate: 1e30 });
done.failed = { ...run(failed), message: failed.message };

const rows = (train, validation, gap = 0) => train.map((loss, epoch) => ({ epoch, train_loss: loss, validation_loss: validation[epoch], train_accuracy: 0.9, validation_accuracy: 0.9 - gap }));
const falling = Array.from({ length: 20 }, (_, epoch) => 2 * 0.8 ** epoch);
done.diagnosis = {
  healthy: diagnose(rows(falling, falling)),
  overFitting: diagnose(rows(falling, falling.map((loss, epoch) => (epoch < 8 ? loss : 0.4 + 0.05 * epoch)))),
  gap: diagnose(rows(falling, falling, 0.2)),
  jumps: diagnose(rows(falling.map((loss, epoch) => loss + (epoch % 3 ? 0 : 1)), falling)),
};
console.log(JSON.stringify(done));
