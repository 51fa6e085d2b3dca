"""What comes into a build: its context, base images, files that ADD names by their address."""
