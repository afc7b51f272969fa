"use strict";
// Everything is built from one JSON object; without this script the page shows the same as pictures.
(() => {
  const data = JSON.parse(document.getElementById("inspection").textContent);
  const COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8c6d1f", "#7f7f7f"];
  const byId = (id) => document.getElementById(id);
  const percent = (value) => `${(100 * value).toFixed(1)} %`;

  function element(name, attributes = {}, text = "") {
    const svg = ["svg", "path", "line", "text", "circle"].includes(name);
    const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    return made;
  }

  // Curves

  // As wide as it is shown, so that its letters are as large as the page's.
  const BOX = { left: 62, right: 16, top: 30, bottom: 42, width: 900, height: 420 };
  const shown = new Set(data.curves.map((_, number) => number));

  function scales(measure, logarithmic) {
    let low = Infinity, high = -Infinity, epochs = 1;
    for (const number of shown) {
      const curve = data.curves[number];
      epochs = Math.max(epochs, curve.epochs[curve.epochs.length - 1]);
      for (const values of Object.values(curve[measure])) {
        for (const value of values) {
          if (logarithmic && value <= 0) continue;
          low = Math.min(low, value);
          high = Math.max(high, value);
        }
      }
    }
    if (!(low < high)) { low = logarithmic ? 0.1 : 0; high = 1; }
    if (!logarithmic && measure === "cost") low = 0;
    const form = logarithmic ? Math.log10 : (value) => value;
    const bottom = form(low), span = form(high) - bottom || 1;
    const inner = { width: BOX.width - BOX.left - BOX.right, height: BOX.height - BOX.top - BOX.bottom };
    return {
      low, high, epochs,
      x: (epoch) => BOX.left + epoch / epochs * inner.width,
      y: (value) => BOX.top + (1 - (form(Math.max(value, low)) - bottom) / span) * inner.height,
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
    const measure = byId("measure").value;
    const logarithmic = byId("logarithmic").checked && measure === "cost";
    byId("logarithmic").disabled = measure !== "cost";
    const plot = byId("plot"), scale = scales(measure, logarithmic);
    plot.replaceChildren();
    for (const value of ticks(scale.low, scale.high, logarithmic)) {
      const y = scale.y(value);
      plot.append(element("line", { class: "grid", x1: BOX.left, x2: BOX.width - BOX.right, y1: y, y2: y }));
      const words = measure === "accuracy" ? percent(value) : String(Number(value.toPrecision(3)));
      plot.append(element("text", { x: BOX.left - 8, y: y + 4, "text-anchor": "end" }, words));
    }
    for (const value of ticks(0, scale.epochs, false)) {
      if (value !== Math.round(value)) continue;
      plot.append(element("text", { x: scale.x(value), y: BOX.height - 22, "text-anchor": "middle" }, String(value)));
    }
    plot.append(element("text", { x: (BOX.left + BOX.width) / 2, y: BOX.height - 4, "text-anchor": "middle" }, "Epoch"));
    const title = measure === "accuracy" ? "Images classified correctly" : `Cost (mean an image${logarithmic ? ", logarithmic" : ""})`;
    plot.append(element("text", { x: 8, y: 18 }, title));
    for (const number of shown) {
      const curve = data.curves[number];
      for (const [part, values] of Object.entries(curve[measure])) {
        const points = curve.epochs.map((epoch, row) => `${scale.x(epoch).toFixed(1)},${scale.y(values[row]).toFixed(1)}`);
        const line = { d: `M${points.join("L")}`, fill: "none", stroke: COLOURS[number % COLOURS.length], "stroke-width": 1.8 };
        if (part === "validation") line["stroke-dasharray"] = "6 4";
        plot.append(element("path", line));
      }
    }
    plot.dataset.scale = JSON.stringify({ epochs: scale.epochs });
  }

  function readCurves(event) {
    const plot = byId("plot"), area = plot.getBoundingClientRect();
    const { epochs } = JSON.parse(plot.dataset.scale), measure = byId("measure").value;
    const x = (event.clientX - area.left) / area.width * BOX.width;
    const epoch = Math.round((x - BOX.left) / (BOX.width - BOX.left - BOX.right) * epochs);
    if (epoch < 0 || epoch > epochs) return;
    plot.querySelectorAll(".cursor").forEach((line) => line.remove());
    const at = BOX.left + epoch / epochs * (BOX.width - BOX.left - BOX.right);
    plot.append(element("line", { class: "cursor", x1: at, x2: at, y1: BOX.top, y2: BOX.height - BOX.bottom, stroke: "currentColor", "stroke-dasharray": "2 3" }));
    const words = [...shown].flatMap((number) => {
      const curve = data.curves[number], row = curve.epochs.indexOf(epoch);
      if (row < 0) return [];
      const [training, validation] = [curve[measure].training[row], curve[measure].validation[row]];
      const write = measure === "accuracy" ? percent : (value) => String(Number(value.toPrecision(3)));
      return [`${curve.title} ${write(training)} / ${write(validation)}`];
    });
    byId("reading").textContent = `Epoch ${epoch}, training / validation: ${words.join("; ")}`;
  }

  function setUpCurves() {
    data.curves.forEach((curve, number) => {
      const label = element("label"), box = element("input", { type: "checkbox", checked: "" });
      box.addEventListener("change", () => { box.checked ? shown.add(number) : shown.delete(number); drawCurves(); });
      const swatch = element("i", { style: `background:${COLOURS[number % COLOURS.length]}` });
      label.append(box, swatch, curve.title);
      byId("legend").append(label);
    });
    byId("measure").addEventListener("change", drawCurves);
    byId("logarithmic").addEventListener("change", drawCurves);
    byId("plot").addEventListener("pointermove", readCurves);
    byId("curves").hidden = false;
    byId("static-curves").hidden = true;
    fitPlot();
    window.addEventListener("resize", fitPlot);
  }

  // Images

  function image(row, network) {
    const { sheet, columns, rows, height, width, labels } = data.images;
    const zoom = Math.max(1, Math.round(56 / Math.max(height, width)));
    const left = (row % columns) * width * zoom, top = Math.floor(row / columns) * height * zoom;
    const own = data.classes[labels[row]], answer = data.classes[network.answers[row]];
    const words = `${answer} ${percent(network.confidence[row])}`;
    const style = `width:${width * zoom}px;height:${height * zoom}px;background-image:url(${sheet});`
      + `background-size:${columns * width * zoom}px ${rows * height * zoom}px;background-position:-${left}px -${top}px`;
    const figure = element("figure", { "data-row": row, "data-label": own, "data-answer": answer });
    figure.append(element("span", { class: "image", role: "img", style, "aria-label": `a ${own}, taken for ${answer}` }), words);
    if (own !== answer) figure.append(element("br"), `${own} ${percent(network.own[row])}`);
    return figure;
  }

  function images(rows, network) {
    const box = element("div", { class: "images" });
    box.append(...rows.map((row) => image(row, network)));
    return box;
  }

  function showCell(network, label, answer, cell) {
    const rows = data.images.labels.map((own, row) => [own, row])
      .filter(([own, row]) => own === label && network.answers[row] === answer).map(([, row]) => row)
      .sort((one, other) => network.own[one] - network.own[other]).slice(0, 60);
    document.querySelectorAll("#confusion td").forEach((other) => other.removeAttribute("aria-selected"));
    cell.setAttribute("aria-selected", "true");
    const words = label === answer ? `${data.classes[label]}, classified correctly` : `${data.classes[label]}, taken for ${data.classes[answer]}`;
    byId("cell").replaceChildren(element("h3", {}, `${words}: ${cell.textContent} images, ${rows.length} shown`), images(rows, network));
  }

  function showNetwork(number) {
    const network = data.networks[number], size = data.classes.length;
    const counts = Array.from({ length: size }, () => new Array(size).fill(0));
    data.images.labels.forEach((label, row) => { counts[label][network.answers[row]] += 1; });
    const most = Math.max(1, ...counts.flatMap((line, label) => line.filter((_, answer) => answer !== label)));
    const head = element("tr");
    head.append(element("th"), ...data.classes.map((name) => element("th", { scope: "col" }, name)));
    const lines = counts.map((line, label) => {
      const row = element("tr");
      row.append(element("th", { scope: "row" }, data.classes[label]));
      line.forEach((count, answer) => {
        const cell = element("td", { "data-label": data.classes[label], "data-answer": data.classes[answer] });
        if (count) {
          const button = element("button", { "aria-label": `${count} images of ${data.classes[label]} taken for ${data.classes[answer]}` }, String(count));
          button.addEventListener("click", () => showCell(network, label, answer, cell));
          cell.append(button);
          if (label !== answer) cell.style.background = `rgba(var(--mark), ${0.12 + 0.7 * count / most})`;
        }
        row.append(cell);
      });
      return row;
    });
    byId("confusion").replaceChildren(element("caption", {}, `${network.title}: class (rows) and answer (columns)`), head, ...lines);
    byId("cell").replaceChildren();
    byId("worst").replaceChildren(images(network.worst, network));
  }

  function setUpNetworks() {
    const choice = byId("network");
    data.networks.forEach((network, number) => choice.append(element("option", { value: number }, network.title)));
    choice.addEventListener("change", () => showNetwork(Number(choice.value)));
    const best = data.networks.findIndex((network) => network.title === byId("confusion").dataset.best);
    choice.value = String(Math.max(best, 0));
    byId("choice").hidden = false;
    byId("static-worst").hidden = true;
    showNetwork(Number(choice.value));
  }

  function setUpPrinting() {
    const closed = [...document.querySelectorAll("details:not([open])")];
    window.addEventListener("beforeprint", () => closed.forEach((part) => { part.dataset.open = part.open; part.open = true; }));
    window.addEventListener("afterprint", () => closed.forEach((part) => { part.open = part.dataset.open === "true"; }));
  }

  setUpCurves();
  setUpNetworks();
  setUpPrinting();
})();
