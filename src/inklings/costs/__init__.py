"""What a run will cost, before it starts."""

from inklings.costs.budget import Affordable, afford
from inklings.costs.cost import Cost, forecast

__all__ = ["Affordable", "Cost", "afford", "forecast"]
