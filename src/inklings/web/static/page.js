// A page that anyone can open: one network, and all that it takes to draw for it and to look inside, within one file; with
// images, to train on them as well.

import { Address } from "./address.js";
import { loadEngine } from "./engine/engine.js";
import { element } from "./parts/element.js";
import { startShell } from "./shell.js";
import { hereSource } from "./source/here.js";
import { textOf, unpack } from "./source/packed.js";
import { readImages } from "./source/page_images.js";
import { mount as mountDraw } from "./views/draw.js";
import { mount as mountInside } from "./views/inside.js";
import { mount as mountLearn } from "./views/learn.js";

const main = document.querySelector("main");
const view = (name, title, mount) => ({ name, title, load: async () => ({ mount }) });

async function begin() {
  const header = JSON.parse(textOf("header"));
  const [engine, weights] = await Promise.all([unpack("engine").then(loadEngine), unpack("weights")]);
  const network = Object.assign(engine.network(header, weights), { id: "network" });
  const context = { engine, models: [network], data: null, source: null, address: new Address({ inHash: true }) };
  const views = [view("draw", "Draw", mountDraw), view("inside", "Inside", mountInside)];
  if (textOf("images")) {
    await bringImages(context);
    views.push(view("learn", "Learn", learn));
  }
  // For the curious, in the browser's console: inklings.models[0].classify(...).
  globalThis.inklings = context;
  if (context.address.hides("nav")) document.querySelector(".entrance").hidden = true;
  await startShell({ main, rooms: document.querySelector(".rooms"), views, context });
}

async function bringImages(context) {
  const described = JSON.parse(textOf("data")), parts = readImages(described, await unpack("images"));
  const data = { name: described.name, classNames: described.class_names, imageShape: described.image_shape, parts };
  const script = URL.createObjectURL(new Blob([await unpack("worker")], { type: "text/javascript" }));
  context.source = hereSource(data, { module: context.engine.module, worker: () => new Worker(script) });
  context.data = { ...data, parts: described.parts, images: (part, offset, limit) => context.source.images(part, offset, limit) };
}

async function learn(root, context) {
  const mounted = await mountLearn(root, context);
  // A page does not change its training images at random.
  for (const control of root.querySelectorAll('[data-control="augment"]')) control.hidden = true;
  return mounted;
}

begin().catch((problem) => {
  main.replaceChildren(element("div", { class: "room" }, element("h1", {}, "This page cannot start"), element("p", { class: "error", role: "alert" }, problem.message)));
});
