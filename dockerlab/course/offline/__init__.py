"""The course where there is no internet: from one file, or from the teacher's machine.

::

    archives  the course's images as files: stand-ins from the cache, others saved by the engine
    gather    what else a bundle takes along: Python packages, the engine's tools
    writer    a bundle is written, or goes on being written
    reader    a bundle is checked to the last byte, then read
    load      images out of a bundle into an engine
    supplies  the wheels and tools of a bundle, unpacked for a while
    setup     the set-up of a machine without network
    serve     the images for a class, as a registry that only gives
    fetch     images from such a registry, for ``prepare`` to load

``reader``, ``supplies`` and ``setup`` need nothing but the standard library: they bring the
packages.
"""
