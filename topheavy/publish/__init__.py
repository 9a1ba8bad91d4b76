"""Publish a release, describe its changes, and export it."""
