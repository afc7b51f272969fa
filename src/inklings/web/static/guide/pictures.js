// A small picture for each tour: what its card is about, at a glance.

import { svg } from "../parts/svg.js";

const INK = "#1c1b2b", EDGE = "#8b8375", EMPTY = "#ece4d4", WARM = "#b23a16", COOL = "#24598f";

const line = (d, stroke, more = {}) => svg("path", { d, stroke, fill: "none", "stroke-width": 3, "stroke-linecap": "round", "stroke-linejoin": "round", ...more });
const box = (x, y, side, more) => svg("rect", { x, y, width: side, height: side, ...more });
const ring = (x, y, side) => box(x, y, side, { fill: "none", stroke: WARM, "stroke-width": 3 });
const arrow = (x, y) => line(`M${x} ${y}h20m-7 -7l7 7l-7 7`, WARM);

/** Rows of cells: a dot is an empty one, 1 to 4 are stronger and stronger, and so are a to d, of the other colour. */
function cells(rows, { left, top, side, between = 2, colour = INK, other = COOL }) {
  return rows.flatMap((row, down) => [...row].map((letter, across) => {
    const strength = Math.max(" 1234".indexOf(letter), " abcd".indexOf(letter)), fill = strength < 1 ? EMPTY : letter > "9" ? other : colour;
    return box(left + across * (side + between), top + down * (side + between), side, { fill, "fill-opacity": strength < 1 ? 1 : strength / 4 });
  }));
}

/** Red where ink speaks for a 0, and blue in its middle. */
const weight = () => cells([".243.", "24a42", "42d24", "24a42", ".342."], { left: 63, top: 8, side: 14, colour: WARM });

function overfitting() {
  const axes = line("M20 84V12M20 84H184", EDGE, { "stroke-width": 2 });
  return [axes, line("M22 78C50 22 80 16 182 14", WARM), line("M22 80C50 44 84 40 182 44", WARM, { "stroke-dasharray": "7 7" })];
}

function dropout() {
  const layers = [[40, [20, 47, 74], "111"], [102, [11, 35, 59, 83], "1010"], [164, [33, 61], "11"]];
  const unit = (cx, cy, isOn) => svg("circle", { cx, cy, r: 8, fill: isOn ? INK : "none", stroke: isOn ? INK : EDGE, "stroke-width": 2, "stroke-dasharray": isOn ? null : "3 3" });
  const wires = layers.slice(1).flatMap(([x, places, on], number) => places.flatMap((y, to) => (on[to] === "1"
    ? layers[number][1].filter((_, from) => layers[number][2][from] === "1").map((start) => line(`M${layers[number][0]} ${start}L${x} ${y}`, EDGE, { "stroke-width": 1 })) : [])));
  return [...wires, ...layers.flatMap(([x, places, on]) => places.map((y, place) => unit(x, y, on[place] === "1")))];
}

const convolution = () => [
  ...cells(["..44.", ".4.4.", "...4.", "..4..", ".4444"], { left: 26, top: 8, side: 14 }), ring(41, 23, 48), arrow(120, 47), ...cells(["3"], { left: 154, top: 33, side: 28 }),
];

const pooling = () => [
  ...cells(["12.3", "..1.", ".421", "1..2"], { left: 24, top: 6, side: 20, between: 1 }),
  ...[[45, 6], [87, 6], [45, 48], [66, 48]].map(([x, y]) => ring(x + 1, y + 1, 18)),
  arrow(122, 47), ...cells(["23", "42"], { left: 152, top: 26, side: 20, between: 1 }),
];

const slow = () => [
  svg("circle", { cx: 102, cy: 53, r: 35, fill: "none", stroke: INK, "stroke-width": 3 }), line("M94 7H110M102 7V17M102 23v4M102 79v4M72 53h4M128 53h4", INK), line("M102 53V32M102 53L118 62", WARM),
];

const PICTURES = { weight, overfitting, dropout, convolution, pooling, slow };

/** The picture of a tour, which says nothing that its card does not say in words. */
export const pictureOf = (name) => svg("svg", { viewBox: "0 0 204 94", class: "tour-picture plate", "aria-hidden": "true" }, ...PICTURES[name]());
