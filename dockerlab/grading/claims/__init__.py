"""The vocabulary of checks: what can be claimed of the state that was reached, a noun a module."""
