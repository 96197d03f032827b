"""Trains the recognizers of clips, LEARNet, STCNN and MMNet, and judges them; only `fit` and `export` import torch."""
