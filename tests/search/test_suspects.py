"""Which trial is to blame for workers that died."""

from inklings.search.suspects import MOST_DEATHS, Suspects


def blamed(suspects, *deaths):
    """Begin trial 7 and lose its worker each time; return what is said of it each time."""
    said = []
    for died, alone in deaths:
        suspects.begin(7)
        said.append(suspects.blame(7, died=died, alone=alone))
    return said


def test_only_deaths_that_a_trial_is_alone_with_count():
    suspects = Suspects()
    assert blamed(suspects, (True, False)) == [False]
    assert suspects.must_go_alone(7)
    assert blamed(suspects, *[(True, True)] * MOST_DEATHS) == [False, False, True]


def test_a_worker_that_leaves_says_nothing_of_its_trials():
    suspects = Suspects()
    assert not any(blamed(suspects, *[(False, True)] * 9))
    assert not suspects.must_go_alone(7)


def test_what_had_not_begun_and_what_has_ended_is_not_suspected():
    suspects = Suspects()
    assert not suspects.blame(3, died=True, alone=True)
    assert not suspects.must_go_alone(3)
    assert blamed(suspects, (True, True), (True, True)) == [False, False]
    suspects.clear(7)
    assert not suspects.must_go_alone(7)
    assert blamed(suspects, (True, True)) == [False]
