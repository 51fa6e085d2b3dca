"""Who reaches whom: connections really tried, from within each container's own network."""
