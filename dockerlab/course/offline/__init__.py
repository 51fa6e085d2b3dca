"""The course where there is no internet: from one file, or from the teacher's machine.

::

    archives  the course's images as files: stand-ins from the cache, others saved by the engine
    gather    what else a bundle takes along: Python packages, the engine's tools
    writer    a bundle is written, or goes on being written
    reader    a bundle is checked to the last byte, then read
    load      images out of a bundle into an engine
    setup     the set-up of a machine without network, out of a bundle
    serve     the images for a class, as a registry that only gives
    mirror    that registry as a learner's machine sees it
    fetch     images from there as files, for ``prepare`` to load

``reader`` and ``setup`` need nothing but the standard library: they bring the packages.
"""
