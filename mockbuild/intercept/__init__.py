"""HTTP clients, and how their calls are caught. Nothing here knows what a build is."""
