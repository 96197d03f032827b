"""Decides where: data, the causal graph, intervention and measurements, offline."""
