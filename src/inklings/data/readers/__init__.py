"""One reader per file format: each turns a path into a Dataset."""
