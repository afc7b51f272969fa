// A page that anyone can open: one network, and all that it takes to draw for it and to look inside, within one file.

import { Address } from "./address.js";
import { loadEngine } from "./engine/engine.js";
import { element } from "./parts/element.js";
import { startShell } from "./shell.js";
import { textOf, unpack } from "./source/packed.js";
import { mount as mountDraw } from "./views/draw.js";
import { mount as mountInside } from "./views/inside.js";

const main = document.querySelector("main");

async function begin() {
  const header = JSON.parse(textOf("header"));
  const [engine, weights] = await Promise.all([unpack("engine").then(loadEngine), unpack("weights")]);
  const network = Object.assign(engine.network(header, weights), { id: "network" });
  const context = { engine, models: [network], data: null, source: null, address: new Address({ inHash: true }) };
  const views = [
    { name: "draw", title: "Draw", load: async () => ({ mount: mountDraw }) },
    { name: "inside", title: "Inside", load: async () => ({ mount: mountInside }) },
  ];
  await startShell({ main, rooms: document.querySelector(".rooms"), views, context });
}

begin().catch((problem) => {
  main.replaceChildren(element("div", { class: "room" }, element("h1", {}, "This page cannot start"), element("p", { class: "error", role: "alert" }, problem.message)));
});
