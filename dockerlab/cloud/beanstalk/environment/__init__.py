"""What becomes of an environment, and when: operations, deployments, scaling, health, events.

``controller`` runs it all in one thread an environment; what is on the engine is ``fleet``'s.
"""
