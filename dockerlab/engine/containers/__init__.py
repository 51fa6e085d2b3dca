"""Containers as Docker speaks of them: what they are, what happens to them, who asks.

::

    containers   the service that the API calls; one lock a container
    container    one container's record and state, on disk and in memory
    roster       all of them, by id and by name
    request/     from a create request to a container that is ready to start
    launch       from a container to what the runtime needs to start it
    lifecycle    start, stop, kill, pause …, and what follows an end (restart, removal)
    programs/    what runs in it besides: execs, health checks, their pipes
    looks/       what list, inspect, top and stats show

How a process is really shut in is the business of ``engine.run``.
"""
