"""Bytes to (operation, parameters) and back, from a service model; no service is known here."""
