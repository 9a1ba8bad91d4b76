"""Releases: publish one, describe its changes, export it."""
