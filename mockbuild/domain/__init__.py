"""Records, state tables, names and errors of the two services: no I/O, no clock reads."""
