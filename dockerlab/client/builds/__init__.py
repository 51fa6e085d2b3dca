"""Builds: a folder goes to the engine, a record of what became of each step comes back.

``context`` packs the folder, ``planning`` says what each step depends on, ``build`` runs it and
``calls`` is the part of ``Lab``; ``memory`` keeps what earlier builds were made of, ``causes`` says
by it why a step missed the cache, and ``forecast`` says so before the build.
"""
