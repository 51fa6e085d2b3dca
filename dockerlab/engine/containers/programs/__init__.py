"""What runs in a container besides its first process: execs and health checks."""
