"""Well-known data sets by name: a registry of what there is, and downloading it once."""
