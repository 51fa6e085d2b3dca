"""Text in a build: arguments and their values, steps in Docker's words, names of owners."""
