"""The production set-up rehearsed: real Docker, the shipped compose file, faults and an upgrade under saves.

Standard library only. Needs root on Debian with the packages docker.io, docker-compose and mmdebstrap; no
registry of images is asked: the base images are stand-ins made of Debian's packages and the programs of the
development packages.
"""
