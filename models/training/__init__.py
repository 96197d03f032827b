"""Trains the motion recognizers that come with deadpan, and judges them; only `fit`, `export` and `loso` need torch."""
