"""The native engine: C that was compiled when the package was built, called for many steps at a time.

Python's side: ``bindings.py`` finds and loads the library; ``layout.py`` packs parameters into one array, and
``lowering.py`` a network into C structures; ``workspace.py`` holds the memory that a network is computed in and calls
the library; ``runtime.py`` is what ``engine.py``, ``session.py`` and ``parallel_sessions.py`` share, which are what
other rooms see; ``resources.py`` says what they take of the machine.

C's side, from top to bottom: ``training.c`` takes steps > ``fused_layers.c`` takes images through several layers >
``dense.c``, ``convolution.c``, ``winograd.c``, ``pooling.c``, ``elementwise.c``, ``batch_norm.c`` compute each layer
forward and backward > ``gemm.c`` is the matrix product that all of it rests on. ``optimiser.c`` changes the parameters,
``threads.c`` shares the work among the cores. ``network.h`` describes how everything lies in memory.
"""

from inklings.engines.native.bindings import is_available, why_not

__all__ = ["is_available", "why_not"]
