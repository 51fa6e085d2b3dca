"""From a create request to a container: check it, name it, give it files and volumes."""
