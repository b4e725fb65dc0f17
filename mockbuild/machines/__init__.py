"""How one command is carried out: simulated, on this machine, or in Docker.

Nothing here knows what CodeBuild is.
"""
