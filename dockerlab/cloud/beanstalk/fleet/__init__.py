"""What an environment has on the engine: a network, a balancer, instances, images.

Nothing here decides: ``fleet`` does what the deployment and the scaling above say, and tells what
is there. Errors leave as dockerlab's; ``EngineUnavailable`` means that the engine is lost.
"""
