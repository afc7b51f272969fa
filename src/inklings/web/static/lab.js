// The lab's page: its server as the source, and the views of the lab.

import { Address } from "./address.js";
import { LiveModels } from "./live_models.js";
import { serverSource } from "./source/server.js";
import { startShell } from "./shell.js";
import { startTours } from "./guide/tour.js";

const VIEWS = [
  { name: "draw", title: "Draw", load: () => import("./views/draw.js"), needsModels: true },
  { name: "inside", title: "Inside", load: () => import("./views/inside.js"), needsModels: true },
  { name: "learn", title: "Learn", load: () => import("./views/learn.js") },
  { name: "mistakes", title: "Mistakes", load: () => import("./views/mistakes.js") },
  { name: "compare", title: "Compare", load: () => import("./views/compare.js") },
  { name: "guide", title: "Guide", load: () => import("./views/guide.js") },
];

const source = serverSource();
const live = new LiveModels(source);
const context = {
  source,
  address: new Address(),
  models: live.models,
  onModels: (listener) => live.listen(listener),
  /** What there is to look at: loaded when a view first asks for it. */
  get data() { return data; },
  get engine() { return live.engine; },
};
let data = null;

async function loadData() {
  const found = await source.data();
  data = {
    name: found.name,
    classNames: found.class_names,
    imageShape: found.image_shape,
    parts: found.parts,
    images: (part, offset, limit) => source.images(part, offset, limit, found.image_shape),
  };
}

if (context.address.hides("nav")) document.querySelector(".entrance").hidden = true;
const known = loadData();
startShell({
  main: document.querySelector("main"),
  rooms: document.querySelector(".rooms"),
  views: VIEWS.map((view) => ({ ...view, load: () => Promise.all([view.load(), known]).then(([module]) => module) })),
  context,
  ready: () => live.start(context.address.get("model")),
});
startTours(context, document.querySelector("#tour"));
