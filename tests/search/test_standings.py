from dataclasses import replace

import pytest

from inklings.search.standings import Standings
from inklings.search.trial import State, Trial


def trial(configuration, repeat, loss, state=State.FINISHED):
    curve = {"validation_loss": (2.3, loss), "validation_accuracy": (0.1, 0.9)}
    return Trial(2 * configuration + repeat, configuration, repeat, {}, repeat, state, epoch=1, **curve)


def test_the_best_is_the_one_with_the_best_mean_so_far():
    standings = Standings("loss", 4, 1, {})
    standings.add([trial(0, 0, 0.1), trial(1, 0, 0.2)])
    assert standings.progress(()).best.configuration == 0
    standings.add([trial(0, 1, 0.9)])  # it was lucky with its first seed
    progress = standings.progress(())
    assert progress.best.configuration == 1
    assert progress.best_figure == pytest.approx(0.2)


def test_a_trial_that_goes_on_is_counted_once():
    pruned = trial(0, 0, 0.5, State.PRUNED)
    standings = Standings("loss", 2, 1, {0: pruned})
    standings.add([replace(pruned, state=State.PAUSED), replace(pruned, state=State.FINISHED)])
    progress = standings.progress(())
    assert (progress.finished, progress.pruned, progress.ended) == (1, 0, 1)
