"""The engine for accelerators, in JAX; it needs the extra ``inklings[jax]``.

JAX compiles ``forward.py`` (the layers) and ``losses.py``, with their gradients by automatic differentiation, to the
programs in ``programs.py``. ``engine.py``, ``session.py`` and ``multi_session.py`` call those; ``sharded_engine.py``
spreads them over several devices, and ``processes.py`` lets several processes meet for one training.
"""

# Here, since forecasts of memory ask for both, and everything beside this file loads JAX.
EVAL_BATCH = 250
"""Images classified at once: more take more memory, and no less time on a processor."""
BYTES_AT_ONCE = 1 << 28
"""Of layers' outputs and gradients, for one part of a whole data set."""
