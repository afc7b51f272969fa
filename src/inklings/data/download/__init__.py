"""Well-known data sets by name: a registry of what there is, and fetching it once."""
