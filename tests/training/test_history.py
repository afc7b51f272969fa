import json

from inklings.training import EpochRecord, best_record


def row(epoch, validation_loss):
    return EpochRecord(epoch, 10 * epoch, 0.5, None, 0.3, 0.9, validation_loss, 0.8)


def test_the_best_row_has_the_lowest_validation_loss_and_is_the_first_of_equals():
    assert best_record((row(0, 2.0), row(1, 0.5), row(2, 0.4), row(3, 0.4), row(4, 0.6))).epoch == 2


def test_a_row_comes_back_from_json():
    one = row(3, 0.25)
    assert EpochRecord(**json.loads(json.dumps(one.to_dict()))) == one
