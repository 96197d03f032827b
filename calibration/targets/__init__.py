"""Victims before the clips of one data set, behind stickers."""
