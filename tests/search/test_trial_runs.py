from dataclasses import replace

import pytest

from inklings.experiments.runs import RunStore
from inklings.search.made_spaces import make_space
from inklings.search.plans import PlanMaker
from inklings.search.task import Job
from inklings.search.trial_runs import find_run, folder_name
from inklings.training.data_facts import DataFacts
from inklings.training.presets import PRESETS
from search.studies import some_digits


@pytest.mark.parametrize("network", PRESETS)
def test_a_trial_finds_its_own_run_and_no_other_of_its_number(network, tmp_path):
    split = some_digits().split(seed=0)
    shape, facts = split.dataset.image_shape, DataFacts.of(split)
    plans = PlanMaker(make_space(network, shape, 10, facts), shape, 10, facts)
    _, settings = list(plans.space.corners())[-1]
    job = Job(3, 3, 0, 0, settings, plans.plan(plans.space.without_idle(settings)))
    assert find_run(tmp_path, job, split, "native") is None
    RunStore(tmp_path).begin(job.plan, split, engine="native", folder_name=folder_name(3))
    assert find_run(tmp_path, job, split, "native").id == "trial-00003"
    other = replace(job, plan=plans.plan(job.settings, seed=1))
    assert find_run(tmp_path, other, split, "native") is None
    assert find_run(tmp_path, job, split, "numpy") is None
    assert find_run(tmp_path, job, some_digits().split(seed=1), "native") is None
