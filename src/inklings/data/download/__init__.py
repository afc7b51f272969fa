"""Well-known data sets by name: a registry of them, and downloading each once."""
