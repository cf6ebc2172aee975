"""Checks: what rules of users' own can ask of a mesh. Importing this registers them all."""

from importlib import import_module

for module in ("entries", "revisions", "injection", "webhooks"):
    import_module(f"meshlint.checks.{module}")
