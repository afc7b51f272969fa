"""What a run will cost, before it starts."""

from inklings.costs.cost import Cost, forecast

__all__ = ["Cost", "forecast"]
