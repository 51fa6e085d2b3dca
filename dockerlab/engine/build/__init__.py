"""The builder behind ``POST /build``: Docker Engine's classic one, step by step.

``builder`` is one build: it goes through the stages, asks ``cache`` about each step and lets
``steps`` carry out what the cache does not have. A step makes an image of the one before it:
RUN by a container (``running``), COPY, ADD and WORKDIR by writing a layer (``files``), all others
by changing the configuration only. What the client sees is said by ``output``.

Words: *context* is what the client sent, *source* what a COPY reads, *draft* a layer being
written, *key* what the cache knows a step by: parent image and configuration.
"""
