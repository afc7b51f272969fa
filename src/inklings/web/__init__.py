"""What pages share, served by the lab or bundled into one file: styles, modules, the engine for browsers."""
