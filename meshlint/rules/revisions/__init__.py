"""MESH2xx: revisions and tags that do not exist, cannot exist, or that nothing serves."""

from meshlint.rules.revisions import asked, installed, managed, readers, tags

__all__ = ["asked", "installed", "managed", "readers", "tags"]
