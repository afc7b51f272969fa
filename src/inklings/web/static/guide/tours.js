// The guided tours: six questions, each answered by a few steps that drive the page itself.
//
// A step names a view and what its address says there (`query`); `look` is what is pointed at, `act` what the tour does
// when the step is reached by "Next", as a first step never is. A query may be a function that finds it; a step without one leaves the address.

import { convolutional } from "./convolutional.js";

const SMALL = { images: 200, epochs: 40, rate: 0.001, dropout: 0, l2: 0, noise: 0, augment: "none", seed: 0 };
const OVERFITTING = { ...SMALL, layers: "dense-200", images: 100, epochs: 80 };
const start = (learn) => learn.start();
const pointAt = (kind) => (inside) => inside.lookInto(kind);
const startBeside = (changes) => async (learn) => {
  await learn.beside();
  learn.set(changes);
  await learn.start();
};

export const TOURS = [
  {
    name: "weight",
    title: "What is a weight?",
    about: "A network without any hidden layer, whose whole knowledge fits into ten pictures.",
    steps: [
      { view: "learn", query: { ...SMALL, layers: "none", images: 1000 }, look: ".builder", title: "Every pixel has a vote",
        text: "This network has no hidden layer. Each of the ten answers looks at all pixels, and for each pixel it has one number: a weight. It says how much ink there speaks for that answer, or against it." },
      { view: "learn", look: ".seen", act: start, title: "Watch the votes form",
        text: "At first the weights are random. With every step, each is nudged so that the right answer gets a little more. Red pixels speak for a digit, blue ones against it." },
      { view: "learn", look: ".seen", title: "Can you see the 0?",
        text: "Look at the first picture: it is blue in the middle, since ink in the middle means that it is not a 0. Nobody told it so. It found out by being corrected." },
      { view: "learn", look: ".watched", title: "What votes cannot do",
        text: "About one image in ten stays orange. A single vote for each pixel cannot say \"ink here, but only if there is none there\". That is what hidden layers are for." },
    ],
  },
  {
    name: "overfitting",
    title: "Learning by heart",
    about: "Over-fitting, seen as it happens: a network that knows every example and understands few.",
    steps: [
      { view: "learn", query: OVERFITTING, look: '[data-control="images"]', title: "Far too few examples",
        text: "This network has many thousands of weights, but only 100 pictures to learn from. It could simply learn them by heart." },
      { view: "learn", look: ".course", act: start, title: "Two curves part",
        text: "The solid line shows how many of its own 100 pictures it gets right, the dashed line how many of those it has never seen. Watch how far apart they get." },
      { view: "learn", look: ".course", title: "100 % is not what it seems",
        text: "It soon knows all of its own pictures by heart, but on new ones it is stuck. The gap between the lines is over-fitting." },
      { view: "learn", look: ".found", title: "The page says so in words",
        text: "Whatever goes wrong in a training is said here, with the numbers that show it and one thing to try." },
      { view: "learn", look: ".course", act: startBeside({ images: 1000 }), title: "The best cure: more examples",
        text: "The same network again, beside the first one, but with 1,000 pictures. They cannot all be learnt by heart, so it has to find what they have in common." },
    ],
  },
  {
    name: "dropout",
    title: "What does dropout do?",
    about: "Half of a network is switched off at random, and it gets better.",
    steps: [
      { view: "learn", query: { ...OVERFITTING, images: 1000, noise: 0.3 }, look: '[data-control="noise"]', title: "Three in ten are wrong",
        text: "1,000 pictures to learn from, but three in ten carry a wrong label. With its 200 hidden units the network can learn even those by heart." },
      { view: "learn", look: ".course", act: start, title: "First without dropout",
        text: "Let it run to its end. On its own pictures it becomes nearly perfect, wrong labels and all. Watch the dashed line, that of new pictures: it rises, and then it falls again." },
      { view: "learn", look: '[data-control="dropout"]', title: "Then switch half of it off",
        text: "With dropout, every step switches off a random half of the hidden units. None can rely on its neighbours, so each has to learn something that is useful by itself." },
      { view: "learn", look: ".course", act: startBeside({ dropout: 0.5 }), title: "Both, side by side",
        text: "Same pictures, same initial weights, one thing changed. With dropout the solid line climbs more slowly. Look at the dashed ones: which ends higher?" },
      { view: "learn", look: ".watched", title: "Now everything is switched on",
        text: "Only while it learns is half of it switched off. When it reads new pictures all units answer together, like many small networks taking a vote." },
    ],
  },
  {
    name: "convolution",
    title: "What does a convolution see?",
    about: "A small window slides over the picture and looks for one thing everywhere.",
    steps: [
      { view: "learn", query: { ...SMALL, layers: "conv-8-5_pool-2", images: 1000 }, look: ".builder", title: "One window for the whole picture",
        text: "A dense unit has a weight for every pixel. A filter has only 5 × 5 weights, and looks through them at every place of the picture in turn." },
      { view: "learn", look: ".seen", act: start, title: "Eight filters form",
        text: "At first they are noise. Soon some look for an edge that goes up, some for one that goes across, some for the end of a stroke." },
      { view: "inside", query: convolutional, look: ".station.conv2d", title: "Through the filters' eyes",
        text: "Here a picture flows through the layers of a network, one after the other. Each small map shows where one filter has found what it looks for." },
      { view: "inside", look: ".lens", act: pointAt("conv2d"), title: "Check the arithmetic",
        text: "Point at a pixel of a map, or go there with the arrow keys: you see the patch of the picture under the window, times the filter, and the sum. That is all a convolution does." },
    ],
  },
  {
    name: "pooling",
    title: "What does pooling forget?",
    about: "Of every few neighbours only the strongest is passed on. That loses something, on purpose.",
    steps: [
      { view: "learn", query: { ...SMALL, layers: "conv-8-5_pool-2_dense-64", images: 1000 }, look: ".builder", title: "Four become one",
        text: "Pooling by 2 × 2 keeps the largest of four neighbours. See the shapes on the right of each layer: the picture is half as wide and half as high." },
      { view: "inside", query: convolutional, look: ".lens", act: pointAt("maxpool2d"), title: "See which one was kept",
        text: "Point at a pixel of the smaller map: its window shows the values that come in, and the one that was kept. Where exactly it stood within the window is forgotten." },
      { view: "learn", query: { ...SMALL, layers: "conv-8-5_dense-64", images: 1000 }, look: ".builder .total", title: "What forgetting saves",
        text: "Without pooling the dense layer has four times as many weights to learn. A digit that moves by one pixel stays the same digit: where exactly a stroke is may well be forgotten." },
      { view: "learn", query: { ...SMALL, layers: "conv-8-5_pool-4_dense-64", images: 1000 }, look: ".course", act: start, title: "Too much of it",
        text: "With windows of 4 × 4 only a map of 5 × 5 is left of the picture. Is it still enough to tell a 4 from a 9? Watch, and look at the mistakes." },
    ],
  },
  {
    name: "slow",
    title: "Why is a run slow?",
    about: "Weights, multiplications, images, epochs: what a training costs, and which dial decides it.",
    steps: [
      { view: "learn", query: { ...SMALL, layers: "dense-100", images: 1000, epochs: 20 }, look: ".builder .total", title: "Count the multiplications",
        text: "Nearly all of the time goes into multiplying weights with what comes in. This network needs some forty thousand for each image, and about three times as many to learn from it." },
      { view: "learn", look: ".transport", act: start, title: "Small is fast",
        text: "20 epochs of 1,000 images: that makes 20,000 images to learn from. It is done in about the time it takes to read this." },
      { view: "learn", query: { ...SMALL, layers: "conv-32-5_pool-2_dense-100", images: 1000, epochs: 20 }, look: ".builder .total", title: "A convolution is expensive",
        text: "32 filters of 5 × 5 have few weights, but they are used again at every place of the picture: some fifteen times the multiplications." },
      { view: "learn", look: ".transport", act: start, title: "And takes its time",
        text: "The same images, the same epochs. Compare how fast the counter moves. Weights cost memory, multiplications cost time." },
      { view: "compare", query: {}, look: "main thead", title: "What did it cost, and was it worth it?",
        text: "Every training is kept here with its seconds and its accuracy. The most expensive is not always the best." },
    ],
  },
];

export const tourCalled = (name) => TOURS.find((tour) => tour.name === name) ?? null;
