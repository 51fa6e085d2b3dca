"""Workflows of GitHub Actions: ``workflow`` reads the whole, the others a part of it each."""
