"""Pictures of the cloud: an environment behind its balancer, its history, a load sent to it."""
