"""Stand-ins for the course's images, built without a registry, Docker or root.

::

    workshop  makes the archives, or takes them from the cache
    recipes   one function an image: which files, which settings
    base      layers that several images share: BusyBox, certificates, the C library
    archive   layers and images as deterministic tar files
    deb       files inside Debian packages, and the libraries among them
    elf       which libraries a program needs; a program made by hand
    apt       finding and downloading the packages, with apt's state kept apart
    npm       node and npm, from npm's registry

Nobody shall take one for the real thing: each carries labels and an
``/etc/os-release`` that say what it is.
"""
