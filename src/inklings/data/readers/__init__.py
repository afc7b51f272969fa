"""One reader per file format: each turns a path into raw arrays; :mod:`inklings.data.build` makes a Dataset of them."""
