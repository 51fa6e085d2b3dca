"""Where things come from: files from layers and mounts, answers from published ports."""
