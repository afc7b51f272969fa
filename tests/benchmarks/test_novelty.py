"""What was measured of novelty holds: digits against letters, staves, drawings, photographs and noise."""

import numpy as np
import pytest
from novelty import SETTINGS, measure
from outsiders import FONTS, find_fonts, outsiders

from inklings import Model, fit, open_dataset, preset

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found():
    if len(find_fonts()) < 5:
        pytest.skip(f"needs five of Debian's fonts: {', '.join(FONTS)}")
    split = open_dataset("digits").split(seed=0)
    settings, changed = SETTINGS["mlp"]
    plan = preset("mlp", split.dataset.image_shape, 10, **settings).with_recipe(**changed)
    model = Model.from_fit(fit(plan.network, plan.recipe, split), split)
    return measure(model, split, outsiders((20, 20), split.test.images))


def test_every_group_is_told_from_digits(found):
    *_, chosen = found.outside.values()
    groups = [area for group, area in chosen.items() if group not in ("printed letters", "drawn letters")]
    assert np.mean(groups) >= 0.97
    assert min(groups) >= 0.9


def test_the_chosen_measure_is_the_best_on_made_up_images(found):
    means = {name: np.mean(list(areas.values())) for name, areas in found.made_up.items()}
    assert max(means, key=means.get) == "all weighed (chosen)"


def test_few_digits_are_refused_and_many_of_them_wrong(found):
    assert found.refused <= 0.02 * found.images
    assert found.refused_wrong / found.refused > 4 * found.wrong / found.images
