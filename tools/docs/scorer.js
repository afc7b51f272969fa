// What the search lists first. As Sphinx counts by itself, but for whoever asks how before whoever asks why: what explains and
// leads comes before decisions and benchmarks that have the same word.
const ahead = { learn: 4, start: 3, guide: 3, story: 2, decisions: -4, measured: -4 };

var Scorer = {
  score: ([page, , , , score]) => score + (ahead[page.split("/")[0]] ?? 0),
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
