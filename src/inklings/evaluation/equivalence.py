"""Whether two networks are as accurate as each other, which no "not significant" can say.

A difference that is not significant may be small, or large and measured badly. To say that it is small takes a margin
below which a difference does not matter, and a test whose null hypothesis is that it does:

- **two one-sided tests** (D. J. Schuirmann, Journal of Pharmacokinetics and Biopharmaceutics 15 (1987) 657-680): the
  difference is significantly above ``-margin`` and significantly below ``margin``, both by the corrected resampled
  t-test (:mod:`inklings.evaluation.paired`), whose standard error is passed in;
- the **Bayesian correlated t-test** (G. Corani and A. Benavoli, Machine Learning 100 (2015) 285-304; A. Benavoli et
  al., Time for a change, Journal of Machine Learning Research 18 (2017) 1-36): under a flat prior the true mean
  difference has a Student t distribution with the same mean, standard error and degrees of freedom. Its mass below
  ``-margin``, between and above is the probability of worse, same and better: the margin is the paper's region of
  practical equivalence.
"""

from __future__ import annotations

from dataclasses import dataclass

MARGIN = 0.005
"""Half a percentage point: what another seed moves an accuracy by, roughly, on a thousand test images."""


@dataclass(frozen=True)
class Equivalence:
    """Whether a mean difference is within a margin.

    Attributes
    ----------
    margin : float
        As a fraction: 0.005 is half a point.
    p_value : float
        Of the two one-sided tests, the larger: how surprising the scores would be if the difference were as large as
        the margin.
    worse, same, better : float
        The posterior probabilities that the first network's mean score is lower than the second's by more than the
        margin, within it, and higher by more. They add up to 1.
    """

    margin: float
    p_value: float
    worse: float
    same: float
    better: float


def assess_equivalence(mean: float, standard_error: float, degrees: float, *, margin: float = MARGIN) -> Equivalence:
    """Test whether a mean of paired differences is within a margin.

    Parameters
    ----------
    mean, standard_error : float
        Of the differences, first minus second; the standard error corrected for overlapping splits.
    degrees : float
        Degrees of freedom.
    margin : float
        Above 0.

    Examples
    --------
    >>> found = assess_equivalence(0.001, 0.001, 9)
    >>> found.p_value < 0.05, round(found.same, 3)
    (True, 0.998)
    """
    from scipy import stats

    # One-sided each: the smaller of both certainties counts, since the difference has to be within on either side.
    above = float(stats.t.cdf((mean + margin) / standard_error, degrees))  # that it is above -margin
    below = float(stats.t.cdf((margin - mean) / standard_error, degrees))
    # The same t distribution read as a posterior: what lies in neither tail is the probability of "the same".
    return Equivalence(margin, 1 - min(above, below), 1 - above, above + below - 1, 1 - below)
