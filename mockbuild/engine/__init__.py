"""Builds moving through time: the same phase logic for every machine."""
