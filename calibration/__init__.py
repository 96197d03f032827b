"""Decides where: data and measurements, offline; so far the clip that the demo plays."""
