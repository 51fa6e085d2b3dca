"""A cloud on this machine, a process of its own: ``api`` speaks AWS's protocols over HTTP,
``beanstalk`` deploys bundles to containers of the connected engine.
"""
