"""The driver beside workers that are made up: what it does about those that die and those that leave."""

import pytest

from inklings.search import run_search
from inklings.search.task import Began, Lost
from inklings.search.trial import State
from inklings.search.workers import InProcess
from search.studies import SPACE, some_digits


class Leaving(InProcess):
    """Begins each task four times in vain before it trains it."""

    died = False

    def __init__(self, trainer):
        super().__init__(trainer)
        self.tries, self.lost = 0, []

    def submit(self, task):
        self.tries += 1
        if self.tries <= 4:
            self.lost.append(task)
        else:
            super().submit(task)

    def wait(self, seconds):
        events = []
        for task in self.lost:
            began = Began(task.number, tuple(job.number for job in task.jobs), "nowhere")
            events += [began, Lost(task.number, "gone", died=self.died)]
        self.lost.clear()
        return events or super().wait(seconds)


class Dying(Leaving):
    died = True


@pytest.mark.parametrize(("workers", "state"), [(Leaving, State.FINISHED), (Dying, State.FAILED)])
def test_a_trial_is_to_blame_for_workers_that_die_not_for_those_that_leave(workers, state, tmp_path, monkeypatch):
    monkeypatch.setattr("inklings.search.open_workers.InProcess", workers)
    (trial,) = run_search(
        SPACE, some_digits(), out=tmp_path / "study", trials=1, sampler="random", workers=1, choose=0
    ).trials
    assert trial.state is state
    assert ("3 workers died" in trial.reason) == (state is State.FAILED)
