"""The grid: every victim, sticker, size and placement, each cell asked once, and the tidy table of them all."""
