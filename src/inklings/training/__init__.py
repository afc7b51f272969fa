"""How a network learns: the choices, the optimisers, the loop, and what is kept of a run."""
