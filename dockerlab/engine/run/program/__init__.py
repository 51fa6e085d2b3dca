"""The last steps of a process in a container before it becomes somebody's program."""
