"""Many configurations, here or on a cluster: what to try, where to train it, and what came of it.

From top to bottom: a *space* says what may be tried (``space``, ``layers``, ``dimensions``, ``made_spaces``), a
*sampler* proposes settings (``samplers``), ``plans`` makes networks and recipes of them, *brackets* decide who is
trained further (``brackets``, ``open_bracket``), the *driver* hands trials out to *workers* and writes down what they
came to (``driver``, ``workers``, ``cluster``, ``train_trials``), the *record* keeps it (``record``, ``trial``), and a
*study* shows it (``study``, ``chosen``). ``run`` puts all of it together.
"""

from inklings.command_names import named_as_a_command
from inklings.search.run import run_search
from inklings.search.space import Space, read_space, space_from_plain
from inklings.search.study import Configuration, Study, open_study
from inklings.search.trial import State, Trial

__all__ = [
    "Configuration",
    "Space",
    "State",
    "Study",
    "Trial",
    "open_study",
    "read_space",
    "run_search",
    "space_from_plain",
]

named_as_a_command(__name__, "inklings.run_search(space, data, out=folder)")
