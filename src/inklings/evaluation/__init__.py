"""How well a network reads, and how sure that is."""
