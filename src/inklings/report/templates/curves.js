// The curves of training: drawn, chosen from, and read where the pointer is.

// As wide as it is shown, so that its letters are as large as the page's.
const BOX = { left: 62, right: 16, top: 30, bottom: 42, width: 900, height: 420 };
const shown = new Set(data.curves.map((_, number) => number));
const AXES = {
  epochs: { title: "Epoch", at: (value) => `Epoch ${Math.round(value)}`, whole: true },
  steps: { title: "Steps", at: (value) => `Step ${Math.round(value).toLocaleString("en")}`, whole: true },
  seconds: { title: "Seconds of training", at: (value) => `After ${Number(value.toPrecision(3))} seconds`, whole: false },
  images: { title: "Training images seen", at: (value) => `After ${Math.round(value).toLocaleString("en")} images`, whole: true },
};
const finite = (value) => value !== null && Number.isFinite(value);

// Of several repeats the extent is that of their means and, if they are shown, of the repeats themselves.
function lines(curve, axis, measure, withRuns) {
  const found = [], bands = (curve.bands[axis] || {})[measure] || {};
  for (const part of ["training", "validation"]) {
    const band = bands[part];
    const runs = curve.runs.filter((run) => run[axis]).map((run) => ({ part, x: run[axis], y: run[measure][part] }));
    if (withRuns || !band) found.push(...runs.map((run) => ({ ...run, faint: Boolean(band) })));
    if (band) found.push({ part, x: band.x, y: band.mean, band });
  }
  return found;
}

function chosen() {
  const runs = byId("runs"), measure = byId("measure").value;
  const logarithmic = byId("logarithmic").checked && measure === "cost";
  return { axis: byId("axis").value, measure, logarithmic, withRuns: !runs || runs.checked };
}

function scales({ axis, measure, logarithmic, withRuns }) {
  let low = Infinity, high = -Infinity, end = 0;
  for (const number of shown) {
    for (const line of lines(data.curves[number], axis, measure, withRuns)) {
      line.y.forEach((value, row) => {
        if (!finite(value) || (logarithmic && value <= 0)) return;
        low = Math.min(low, value);
        high = Math.max(high, value);
        end = Math.max(end, line.x[row]);
      });
    }
  }
  if (!(low < high)) { low = logarithmic ? 0.1 : 0; high = 1; }
  if (!logarithmic && measure === "cost") low = 0;
  end = end || 1;
  const form = logarithmic ? Math.log10 : (value) => value;
  const bottom = form(low), span = form(high) - bottom || 1;
  const inner = { width: BOX.width - BOX.left - BOX.right, height: BOX.height - BOX.top - BOX.bottom };
  return {
    low, high, end,
    x: (place) => BOX.left + place / end * inner.width,
    y: (value) => BOX.top + (1 - (form(Math.min(Math.max(value, low), high)) - bottom) / span) * inner.height,
  };
}

function ticks(low, high, logarithmic) {
  if (logarithmic) {
    const found = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
      for (const factor of Math.log10(high / low) < 2 ? [1, 2, 5] : [1]) found.push(factor * 10 ** power);
    }
    return found.filter((value) => value >= low && value <= high);
  }
  const rough = (high - low) / 5, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((value) => value >= rough);
  const found = [];
  for (let value = Math.ceil(low / step) * step; value <= high + step / 1e6; value += step) found.push(value);
  return found;
}

function fitPlot() {
  BOX.width = Math.max(280, byId("plot").clientWidth);
  BOX.height = Math.max(280, Math.min(440, 0.45 * BOX.width));
  byId("plot").setAttribute("viewBox", `0 0 ${BOX.width} ${BOX.height}`);
  drawCurves();
}

function drawCurves() {
  const choice = chosen(), { axis, measure, logarithmic } = choice;
  byId("logarithmic").disabled = measure !== "cost";
  const plot = byId("plot"), scale = scales(choice);
  plot.replaceChildren();
  for (const value of ticks(scale.low, scale.high, logarithmic)) {
    const y = scale.y(value);
    plot.append(element("line", { class: "grid", x1: BOX.left, x2: BOX.width - BOX.right, y1: y, y2: y }));
    const words = measure === "accuracy" ? percent(value) : String(Number(value.toPrecision(3)));
    plot.append(element("text", { x: BOX.left - 8, y: y + 4, "text-anchor": "end" }, words));
  }
  let last = -Infinity;
  for (const value of ticks(0, scale.end, false)) {
    if (AXES[axis].whole && value !== Math.round(value)) continue;
    const words = Number(value.toPrecision(6)).toLocaleString("en"), at = scale.x(value);
    if (at - last < 8 * words.length + 10) continue;  // no room beside the one before
    last = at;
    plot.append(element("text", { x: at, y: BOX.height - 22, "text-anchor": "middle" }, words));
  }
  plot.append(element("text", { x: (BOX.left + BOX.width) / 2, y: BOX.height - 4, "text-anchor": "middle" }, AXES[axis].title));
  const title = measure === "accuracy" ? "Images classified correctly" : `Cost (mean an image${logarithmic ? ", logarithmic" : ""})`;
  plot.append(element("text", { x: 8, y: 18 }, title));
  const all = [...shown].flatMap((number) => lines(data.curves[number], axis, measure, choice.withRuns)
    .map((line) => ({ ...line, colour: COLOURS[number % COLOURS.length] })));
  const point = (x, y) => `${scale.x(x).toFixed(1)},${scale.y(y).toFixed(1)}`;
  for (const { x, band, colour } of all.filter((line) => line.band)) {
    const rows = x.map((_, row) => row).filter((row) => finite(band.mean[row]) && finite(band.deviation[row]));
    const above = rows.map((row) => point(x[row], band.mean[row] + band.deviation[row]));
    const below = rows.map((row) => point(x[row], band.mean[row] - band.deviation[row])).reverse();
    plot.append(element("path", { class: "band", d: `M${above.concat(below).join("L")}Z`, fill: colour, "fill-opacity": 0.16, stroke: "none" }));
  }
  // The means last, so that no repeat covers them.
  for (const { part, x, y, faint, colour } of all.sort((one, other) => Boolean(other.faint) - Boolean(one.faint))) {
    const points = x.map((place, row) => [place, y[row]]).filter(([, value]) => finite(value)).map(([place, value]) => point(place, value));
    if (!points.length) continue;
    const line = { class: faint ? "run" : "line", d: `M${points.join("L")}`, fill: "none", stroke: colour, "stroke-width": faint ? 0.7 : 1.8 };
    if (faint) line["stroke-opacity"] = 0.35;
    if (part === "validation") line["stroke-dasharray"] = "6 4";
    plot.append(element("path", line));
  }
  plot.dataset.scale = JSON.stringify({ end: scale.end });
}

function nearest(places, at) {
  let found = 0;
  places.forEach((place, row) => { if (Math.abs(place - at) < Math.abs(places[found] - at)) found = row; });
  return found;
}

function readCurves(event) {
  const plot = byId("plot"), area = plot.getBoundingClientRect(), { axis, measure } = chosen();
  const { end } = JSON.parse(plot.dataset.scale), room = BOX.width - BOX.left - BOX.right;
  let at = ((event.clientX - area.left) / area.width * BOX.width - BOX.left) / room * end;
  if (AXES[axis].whole) at = Math.round(at);
  if (at < 0 || at > end) return;
  plot.querySelectorAll(".cursor").forEach((line) => line.remove());
  const x = BOX.left + at / end * room;
  plot.append(element("line", { class: "cursor", x1: x, x2: x, y1: BOX.top, y2: BOX.height - BOX.bottom, stroke: "currentColor", "stroke-dasharray": "2 3" }));
  const write = measure === "accuracy" ? percent : (value) => String(Number(value.toPrecision(3)));
  const words = [...shown].flatMap((number) => {
    const curve = data.curves[number], bold = lines(curve, axis, measure, false);
    const read = bold.map((line) => {
      const row = nearest(line.x, at);
      // Beyond a curve's end there is nothing to read.
      if (at > line.x[line.x.length - 1] || !finite(line.y[row])) return null;
      return write(line.y[row]) + (line.band ? ` ± ${write(line.band.deviation[row])}` : "");
    });
    return read.every((value) => value === null) ? [] : [`${curve.title} ${read.map((value) => value || "-").join(" / ")}`];
  });
  byId("reading").textContent = `${AXES[axis].at(at)}, training / validation: ${words.join("; ")}`;
}

function setUpCurves() {
  data.curves.forEach((curve, number) => {
    const label = element("label"), box = element("input", { type: "checkbox", checked: "" });
    box.addEventListener("change", () => { box.checked ? shown.add(number) : shown.delete(number); drawCurves(); });
    const swatch = element("i", { style: `background:${COLOURS[number % COLOURS.length]}` });
    label.append(box, swatch, curve.title);
    byId("legend").append(label);
  });
  for (const control of ["measure", "axis", "logarithmic", "runs"]) {
    if (byId(control)) byId(control).addEventListener("change", drawCurves);
  }
  for (const option of [...byId("axis").options]) {  // stored runs of an earlier version did not count images
    if (!data.curves.some((curve) => curve.runs.some((run) => run[option.value]))) option.remove();
  }
  byId("plot").addEventListener("pointermove", readCurves);
  byId("curves").hidden = false;
  byId("static-curves").hidden = true;
  fitPlot();
  window.addEventListener("resize", fitPlot);
}
