"""Synthetic micro-expressions with known truth, on pictures of real people."""
