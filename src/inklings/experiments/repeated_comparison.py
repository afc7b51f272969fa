"""A comparison over repeats: means, paired tests, flips, and what they say in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from math import inf
from statistics import fmean, median_low
from typing import Any

import numpy as np

from inklings.arguments import checks_call
from inklings.errors import RecipeError
from inklings.evaluation.discordance import TestedImages
from inklings.evaluation.equivalence import MARGIN
from inklings.evaluation.mcnemar import McNemarTest
from inklings.evaluation.pair import Pair
from inklings.evaluation.paired import RepeatedScore, compare_pairs, summarise_repeats
from inklings.evaluation.statistics import Interval
from inklings.evaluation.until_sure import Answer, Verdict, decide_pairs
from inklings.experiments.comparison import Comparison
from inklings.experiments.flips import Flips, find_flips
from inklings.experiments.results import Result, ShownByResults, frame_of
from inklings.experiments.sources import SOURCES, describe_elsewhere
from inklings.experiments.trained import Contender
from inklings.training.history import History


@dataclass(frozen=True, eq=False)
class RepeatedComparison(ShownByResults):
    """Networks that were trained on the same splits again and again.

    Attributes
    ----------
    repeats : tuple of Comparison
        One per seed; all of the same networks in the same order. Of a comparison that goes on until each pair is
        answered, those that had no open pair left are missing in the later ones.
    interrupted : bool
        Whether it was interrupted before all networks were trained on all splits.
    margin : float
        Differences up to this fraction do not matter: networks may be "as accurate, within" it.
    varied : tuple of str
        What varies from repeat to repeat, of :data:`inklings.experiments.sources.SOURCES`.
    at_most : int or None
        How many repeats there may be, of a comparison that goes on until each pair is answered.
    answers : tuple of Answer
        Of such a comparison, what is known of each pair, in the order of the titles.

    Examples
    --------
    >>> import inklings
    >>> other = inklings.preset("mlp", (20, 20, 1), 10, hidden_units=10).with_recipe(epochs=2)
    >>> compared = inklings.compare(["softmax", other], repeats=2, quick=True)
    >>> len(compared.repeats), len(compared.pairs)
    (2, 1)
    """

    repeats: tuple[Comparison, ...]
    interrupted: bool = False
    margin: float = MARGIN
    varied: tuple[str, ...] = tuple(SOURCES)
    at_most: int | None = None
    answers: tuple[Answer, ...] = ()

    def __repr__(self) -> str:
        source = self.repeats[0].split.dataset.source
        return f"<RepeatedComparison of {', '.join(self.titles)} on {source}: {len(self.repeats)} repeats>"

    @checks_call(RecipeError)
    def to_frame(self, *, each: bool = False) -> Any:  # noqa: ANN401 - of pandas or of polars
        """Return a row for each contender, with means over the repeats; or a row for each repeat of each.

        Parameters
        ----------
        each : bool
            Whether there is a row for each repeat, with its number from 0 in the column ``repeat``.

        Returns
        -------
        DataFrame
            Of pandas, or of polars where there is no pandas. ``interval_low`` to ``interval_high`` is the 95 %
            interval: of the mean, or of one test accuracy.

        Raises
        ------
        MissingDependencyError
            There is neither.

        Examples
        --------
        >>> import inklings
        >>> few = inklings.open_dataset("digits").take(range(0, 5000, 20))
        >>> compared = inklings.compare(["softmax", "knn"], few, repeats=2, quick=True)
        >>> frame = compared.to_frame(each=True)
        >>> frame["repeat"].tolist(), frame["title"].tolist()
        ([0, 0, 1, 1], ['softmax', 'knn', 'softmax', 'knn'])
        """
        if not each:
            return frame_of(self.results)
        rows = [(number, result) for number, repeat in enumerate(self.repeats) for result in repeat.results]
        return frame_of([result for _, result in rows], repeat=[number for number, _ in rows])

    @property
    def titles(self) -> tuple[str, ...]:
        """The networks, and then the opponents."""
        return tuple(contender.title for contender in self.repeats[0].contenders)

    def runs_of(self, title: str) -> tuple[Contender, ...]:
        """Return a network or opponent as it was trained in each repeat in which it took part."""
        return tuple(each for repeat in self.repeats for each in repeat.contenders if each.title == title)

    @property
    def histories(self) -> dict[str, list[History]]:
        """How each network was trained in every repeat, by its title: :func:`inklings.plot_curves` draws them."""
        titles = [trained.title for trained in self.repeats[0].trained_networks]
        every = [trained for repeat in self.repeats for trained in repeat.trained_networks]
        return {title: [each.fitted.history for each in every if each.title == title] for title in titles}

    def results_of(self, title: str) -> tuple[Result, ...]:
        """Return a network's result in each repeat."""
        return tuple(result for repeat in self.repeats for result in repeat.results if result.title == title)

    @cached_property
    def scores(self) -> dict[str, RepeatedScore]:
        """Each network's test accuracy over the repeats: mean, standard deviation, interval of the mean."""
        return {title: summarise_repeats(values, **self._sizes) for title, values in self._accuracies.items()}

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Each two, the more accurate first: by their recipes and as trained, corrected for the number of pairs.

        By the repeats in which all took part.
        """
        # Of a comparison that drops contenders, the first repeats are those of all.
        shared = min(map(len, self._accuracies.values()))
        scores = {title: accuracies[:shared] for title, accuracies in self._accuracies.items()}
        correct = {title: right[:shared] for title, right in self.tested.correct.items()}
        tested = TestedImages(self.tested.rows[:shared], correct)
        found = compare_pairs(scores, **self._sizes, tested=tested, margin=self.margin)
        words, same = self._elsewhere, self._same_in_every_repeat
        # A pair of which neither varies has one difference, repeated: no test over repeats can be made of it.
        return tuple(replace(pair, elsewhere=words, unvaried={pair.first, pair.second} <= set(same)) for pair in found)

    @cached_property
    def tested(self) -> TestedImages:
        """Which test images each classifies correctly in each repeat."""
        correct = {title: [each.correct for each in self.runs_of(title)] for title in self.titles}
        return TestedImages([repeat.split.test_rows for repeat in self.repeats], correct)

    @cached_property
    def flips(self) -> dict[tuple[str, str], Flips]:
        """Of each two in the order of the titles: the test images that only one gets right, over their repeats."""
        pairs = combinations(self.titles, 2)
        return {(one, other): find_flips(self.runs_of(one), self.runs_of(other)) for one, other in pairs}

    def flips_between(self, first: str, second: str) -> Flips:
        """Return the test images that only one of two gets right, whichever of their titles comes first."""
        found = self.flips.get((first, second))
        # Stored once for each pair, in the order of titles; asked for the other way, they are turned round.
        return found if found is not None else self.flips[second, first].reversed()

    @property
    def mcnemar(self) -> dict[tuple[str, str], tuple[McNemarTest, ...]]:
        """Of each two in the order of the titles: McNemar's exact test on the test images of every repeat."""
        return {pair: flips.tests for pair, flips in self.flips.items()}

    @property
    def results(self) -> tuple[Result, ...]:
        """A row a network: means over the repeats, with the interval of the mean; the middle best epoch."""
        return tuple(self._mean(title) for title in self._titles_of_rows)

    @property
    def _titles_of_rows(self) -> list[str]:
        # An opponent that failed has a row in the repeat in which it did, and in no other.
        return list(dict.fromkeys(result.title for repeat in self.repeats for result in repeat.results))

    @property
    def _accuracies(self) -> dict[str, list[float]]:
        return {title: [result.test for result in self.results_of(title)] for title in self.titles}

    @property
    def _sizes(self) -> dict[str, Any]:
        split = self.repeats[0].split
        # Of one split, repeats are independent: no overlap of different splits makes their means alike.
        # At inf the correction, test / train, is 0: the variance of a mean is 1 / repeats of one repeat's.
        train_size = len(split.train_rows) if "split" in self.varied else inf
        return {"train_size": train_size, "test_size": len(split.test_rows)}

    def _mean(self, title: str) -> Result:
        results = self.results_of(title)
        # Nothing to average: it has no accuracies.
        if results[0].failed:
            return results[0]
        score = summarise_repeats([result.test for result in results], **self._sizes)
        return replace(
            results[0],
            train=fmean(result.train for result in results),
            validation=fmean(result.validation for result in results),
            test=score.mean,
            interval=Interval(score.low, score.high),
            # Of an even number the lower middle, so that it is an epoch that occurred.
            best_epoch=median_low([result.best_epoch for result in results]),
            seconds=round(fmean(result.seconds for result in results), 3),
        )

    def decide(self, at_most: int) -> tuple[Answer, ...]:
        """Return which pairs are answered, with the error controlled over looks after each repeat from the third on."""
        found = decide_pairs(self._accuracies, **self._sizes, at_most=at_most, tested=self.tested, margin=self.margin)
        words, same = self._elsewhere, set(self._same_in_every_repeat)
        # Copies of one result answer nothing, however many there are.
        return tuple(
            replace(each, elsewhere=words, verdict=Verdict.OUT_OF_REACH, chance=0.0)
            if {each.first, each.second} <= same
            else replace(each, elsewhere=words)
            for each in found
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is known of each pair, in words, without a full stop.

        Of a comparison that went on until each pair was answered, its answers: tests that do not know how often it was
        looked would find differences where there are none.
        """
        found: tuple[Pair | Answer, ...] = self.pairs if self.at_most is None else self.answers
        return tuple(each.sentence for each in found)

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know about repeats that do not vary all there is, or are not of all, one line each."""
        return (*self._notes_on_what_stays, *self._notes_on_stops)

    @property
    def _notes_on_stops(self) -> list[str]:
        counts = {title: len(self.runs_of(title)) for title in self.titles}
        return [
            f"{title} was trained {count} times, until all its pairs were closed"
            for title, count in counts.items()
            if count < len(self.repeats)
        ]

    @property
    def _notes_on_what_stays(self) -> tuple[str, ...]:
        if set(self.varied) == set(SOURCES):
            return ()
        stays = [words for name, words in SOURCES.items() if name not in self.varied]
        verb = "stays" if len(stays) == 1 else "stay"
        found = [f"{' and '.join(stays)} {verb} the same: what is found holds {self._elsewhere}"]
        found += [
            f"{title} came out the same in every repeat: nothing that varies matters to it"
            for title in self._same_in_every_repeat
        ]
        return tuple(found)

    @property
    def _elsewhere(self) -> str:
        """What a finding holds for beside the trained networks."""
        given = self.repeats[0].split.dataset.given_test is not None
        return describe_elsewhere(self.varied, test_is_given=given)

    @cached_property
    def _same_in_every_repeat(self) -> tuple[str, ...]:
        """The contenders that nothing that varies matters to."""
        return tuple(title for title in self.titles if self._is_same_in_every_repeat(title))

    def _is_same_in_every_repeat(self, title: str) -> bool:
        first, *others = self.runs_of(title)
        # Another split has other test images, so that answers cannot be compared image by image.
        # By answers, not by weights: what nothing can tell apart is the same for every test that follows.
        return "split" not in self.varied and all(np.array_equal(each.answers, first.answers) for each in others)

    @property
    def problems(self) -> tuple[str, ...]:
        """What went wrong in any repeat; what did in several is one line that says in how many."""
        counts = Counter(problem for repeat in self.repeats for problem in repeat.problems)
        times = len(self.repeats)
        return tuple(
            f"{problem} (in {count} of {times} repeats)" if count > 1 else problem for problem, count in counts.items()
        )
