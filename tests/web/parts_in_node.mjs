// Prints as JSON what the pages' parts make of some values, by the name of the case.
//
//   node parts_in_node.mjs STATIC

import { join } from "node:path";
import { pathToFileURL } from "node:url";

const load = (name) => import(pathToFileURL(join(process.argv[2], name)));
const { ordered } = await load("parts/table.js");
const { percent } = await load("parts/words.js");
const { Training } = await load("learn/training.js");
const { aOrAn } = await load("parts/naming.js");

const row = (text, sort) => ({ cells: [{ textContent: text, dataset: sort === undefined ? {} : { sort } }] });
const texts = ({ rows }) => rows.map(({ cells: [{ textContent }] }) => textContent);
const days = [row("3 Nov", "2026-11-03T10:00:00+00:00"), row("-", ""), row("28 Nov", "2026-11-28T10:00:00+00:00"), row("5 Nov", "2026-11-05T10:00:00+00:00")];
const titles = ["mlp", "8 filters, 64 units", "cnn2", "16 filters"].map((title) => row(title, title));
const shares = ["9.5 %", "-", ">99.9 %", "98.1 %"].map((text) => row(text));

// Whoever leaves while a training is asked for: what is answered afterwards.
async function followedAfterLeaving(act) {
  let answer = null, followed = 0;
  const asked = new Promise((resolve) => { answer = resolve; });
  const source = { training: () => asked, command: async () => ({}), follow: () => (followed += 1, () => { followed -= 1; }) };
  const training = new Training(source, "t1", () => {}), acting = act(training);
  training.leave();
  answer({ state: "running", rows: [], network: { layers: [] }, recipe: {}, data: {} });
  await acting;
  return followed;
}

console.log(JSON.stringify({
  days: texts(ordered(days, 0)), titles: texts(ordered(titles, 0)), shares: texts(ordered(shares, 0)), rising: texts(ordered(shares, 0, "descending")),
  percents: [0, 3e-4, 0.1234, 0.9997, 1].map((share) => percent(share)), rough: [0.004, 0.98, 0.996, 1 - 1e-9].map((share) => percent(share, 0)),
  followed: [await followedAfterLeaving((training) => training.attach()), await followedAfterLeaving((training) => training.command("pause"))],
  named: ["7", "8", "11", "12", "80", "T-shirt", "ankle boot"].map(aOrAn),
}));
