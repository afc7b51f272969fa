"""The native engine: C that was compiled when the package was built, called for many steps at a time.

One step goes: ``training.c`` (a step from top to bottom) > ``dense.c``, ``convolution.c``, ``pooling.c``,
``elementwise.c``, ``batch_norm.c`` (each layer forward and back) > ``gemm.c`` (the matrix product all rests on),
and ``optimiser.c``, which changes the parameters. ``threads.c`` shares the work among the cores.
"""

from inklings.engines.native.library import is_available, why_not

__all__ = ["is_available", "why_not"]
