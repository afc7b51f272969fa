"""What mending changes, in words, and how surely."""

import json
import re

import numpy as np
import pytest

from inklings import open_dataset, write_report
from inklings.data.mending import Mending
from inklings.evaluation.mcnemar import mcnemar
from inklings.evaluation.paired import holm
from inklings.experiments.mended import Change, compare_mended

pytestmark = pytest.mark.usefixtures("undrawn")


@pytest.mark.parametrize(
    ("p_value", "repeats", "begin"),
    [
        (0.2, 1, "mending the training images does not change mlp significantly"),
        (0.01, 1, "mlp is more accurate as trained here on the mended images"),
        (0.01, 5, "mending the training images makes mlp more accurate"),
    ],
)
def test_of_one_training_each_nothing_is_said_about_mending_itself(p_value, repeats, begin):
    assert Change("mlp", 0.9, 0.95, 0.91, 0.96, p_value, repeats).sentence.startswith(f"{begin}: 90.0% before")


def test_the_p_values_of_several_networks_are_corrected_for_their_number():
    digits = open_dataset("digits").take(np.arange(0, 5000, 10))
    mending = Mending(removed=tuple(range(150)))
    compared = compare_mended(["softmax", "logistic", "knn"], digits, mending, quick=True)
    pairs = zip(compared.before[0].contenders, compared.after[0].contenders, strict=True)
    alone = [mcnemar(one.correct, other.correct).p_value for one, other in pairs]
    assert min(alone) < 1
    assert [each.p_value for each in compared.changes] == pytest.approx(holm(alone).tolist())


def test_the_report_of_the_mended_is_of_all_splits_and_shows_the_labels_that_tests_had(tmp_path):
    digits = open_dataset("digits").take(np.arange(0, 5000, 20))
    renamed = {
        row: digits.class_names[(label + 1) % 10] for row, label in enumerate(digits.labels.tolist()) if row < 60
    }
    compared = compare_mended(["softmax", "knn"], digits, Mending(relabelled=renamed), repeats=3, quick=True)
    for name, side in compared.sides.items():
        page = write_report(side, tmp_path / name).read_text()
        data = json.loads(re.search(r'type="application/json">(.*?)</script>', page, re.S)[1])
        assert data["repeats"] == 3
        assert np.sum(data["networks"][0]["confusion"]) == 3 * len(compared.before[0].split.test_rows)
        shown = data["images"]["rows_of_data"]
        assert data["images"]["labels"] == digits.labels[shown].tolist()
        assert ("60 images have a new label" in page) == (name == "mended")
