"""The embedded engine: a small unprivileged process that speaks the Docker Engine API.

::

    starting     from the command line to an engine at work; template forks them warm, for graders
    api          bytes and JSON; one module a resource; decodes, calls one service, encodes
    daemon       builds the services below and starts and stops them together
    containers   their records, life cycle, execs, lists
    run          their processes: shim, namespaces or proot, logs
    net          addresses, names, published ports
    store        blobs, images, root file systems, volumes: state on disk
    registry     pulls
    events       what happened, for those who listen

Nothing here imports ``dockerlab.client``: the two meet at the socket only.
"""
