// The network into which tours about convolutions look: one of the lab's, or one that is trained for it.

import { describe, readSettings, toRequest } from "../learn/settings.js";

const BETWEEN_LOOKS = 300, PATIENCE = 60_000; // milliseconds
const UNDER_WAY = new Set(["queued", "running"]);
const SMALL = "layers=conv-8-5_pool-2_dense-64&images=500&epochs=15";

/** What Inside's address says of a network with a convolution and pooling; of any network if there is none and none can be trained. */
export async function convolutional({ source }) {
  const model = await find(source) ?? await train(source).then(() => find(source)).catch(() => null);
  return { ...(model && { model }), image: 0, part: "test" };
}

async function find(source) {
  for (const { id } of await source.models()) {
    // One that cannot be read, such as a damaged run, is no reason to end a tour.
    const header = await source.header(id).catch(() => null), kinds = header?.network.layers.map(({ layer }) => layer) ?? [];
    if (kinds.includes("Conv2D") && kinds.includes("MaxPool2D")) return id;
  }
  return null;
}

async function train(source) {
  const settings = readSettings(new URLSearchParams(SMALL)), until = Date.now() + PATIENCE;
  const { id } = await source.start(toRequest(settings, describe(settings)));
  while (Date.now() < until && UNDER_WAY.has((await source.training(id)).state)) await new Promise((resolve) => setTimeout(resolve, BETWEEN_LOOKS));
}
