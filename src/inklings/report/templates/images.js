// Confusions, whose cells show their images, and the worst mistakes.

function thumbnail(place, words) {
  const { sheet, columns, rows, height, width, labels, rows_of_data: numbers } = data.images;
  const zoom = Math.max(1, Math.round(56 / Math.max(height, width)));
  const left = (place % columns) * width * zoom, top = Math.floor(place / columns) * height * zoom;
  const own = data.classes[labels[place]];
  const style = `width:${width * zoom}px;height:${height * zoom}px;background-image:url(${sheet});`
    + `background-size:${columns * width * zoom}px ${rows * height * zoom}px;background-position:-${left}px -${top}px`;
  const figure = element("figure", { "data-row": numbers[place], "data-label": own });
  figure.append(element("span", { class: "image", role: "img", style, "aria-label": `a ${own}${words}` }));
  return figure;
}

function image([place, taken, times, tested, confidence, probability]) {
  const own = data.classes[data.images.labels[place]], answer = data.classes[taken];
  const figure = thumbnail(place, `, taken for ${answer}`);
  figure.dataset.answer = answer;
  figure.append(`${answer} ${percent(confidence)}`);
  if (own !== answer) figure.append(element("br"), `${own} ${percent(probability)}`);
  if (data.repeats > 1) figure.append(element("br"), `${times} of ${tested} times`);
  return figure;
}

function images(entries, make = image) {
  const box = element("div", { class: "images" });
  box.append(...entries.map(make));
  return box;
}

function showCell(network, kind, cell) {
  const [label, answer] = kind.split(",").map(Number), entries = network.cells[kind] || [], all = network.images[kind];
  document.querySelectorAll("#confusion td").forEach((other) => other.removeAttribute("aria-selected"));
  cell.setAttribute("aria-selected", "true");
  const words = label === answer ? `${data.classes[label]}, classified correctly` : `${data.classes[label]}, taken for ${data.classes[answer]}`;
  const count = data.repeats > 1 ? `${cell.textContent} answers in ${network.repeats} repeats, of ${all} images` : `${all} images`;
  byId("cell").replaceChildren(element("h3", {}, `${words}: ${count}, ${entries.length} shown`), images(entries));
}

function showNetwork(number) {
  const network = data.networks[number], counts = network.confusion;
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
        button.addEventListener("click", () => showCell(network, `${label},${answer}`, cell));
        cell.append(button);
        if (label !== answer) cell.style.background = `rgba(var(--mark), ${0.12 + 0.7 * count / most})`;
      }
      row.append(cell);
    });
    return row;
  });
  byId("confusion").replaceChildren(element("caption", {}, `${network.title}: class (rows) and answer (columns)`), head, ...lines);
  byId("cell").replaceChildren();
  byId("worst").replaceChildren(images(network.worst));
}

function setUpNetworks() {
  const choice = byId("network");
  data.networks.forEach((network, number) => choice.append(element("option", { value: number }, network.title)));
  choice.addEventListener("change", () => showNetwork(Number(choice.value)));
  const best = data.networks.findIndex((network) => network.title === byId("confusion").dataset.best);
  choice.value = String(Math.max(best, 0));
  byId("choice").hidden = false;
  byId("static-worst").hidden = byId("static-confusion").hidden = true;
  showNetwork(Number(choice.value));
}
