"use strict";
// Everything is built from one JSON object; without this script the page shows the same as pictures.
(() => {
  const data = JSON.parse(document.getElementById("inspection").textContent);
  const COLOURS = data.colours;
  const byId = (id) => document.getElementById(id);
  const percent = (value) => `${(100 * value).toFixed(1)} %`;

  function element(name, attributes = {}, text = "") {
    const svg = ["svg", "path", "line", "text", "circle"].includes(name);
    const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    return made;
  }

  // The parts share this scope: the page is one file, so they are put in here and not loaded.
{% include "curves.js" %}

{% include "images.js" %}

{% include "flips.js" %}


  function setUpPrinting() {
    const closed = [...document.querySelectorAll("details:not([open])")];
    window.addEventListener("beforeprint", () => closed.forEach((part) => { part.dataset.open = part.open; part.open = true; }));
    window.addEventListener("afterprint", () => closed.forEach((part) => { part.open = part.dataset.open === "true"; }));
  }

  setUpCurves();
  setUpNetworks();
  setUpFlips();
  setUpPrinting();
})();
