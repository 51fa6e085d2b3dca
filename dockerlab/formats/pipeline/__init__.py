"""A CI's files and runs: what a file says, what will be done, what was done."""
