"""Where stickers go: the ways that are compared, each with what it asks of the victim."""
