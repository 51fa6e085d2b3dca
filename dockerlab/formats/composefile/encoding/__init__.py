"""The project as Compose writes it: what ``docker compose config`` prints, and the hashes.

Compose decodes a file into structures of the Go language and writes those. ``shapes`` describes
the structures, ``gojson`` writes JSON as Go does, byte for byte, since a hash is made of it.
"""
