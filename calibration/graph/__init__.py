"""Which region drives which: features, the PC algorithm, and how far its answer can be trusted."""
