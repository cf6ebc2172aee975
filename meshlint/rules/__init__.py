"""The rules, a module a family. Importing a family registers its rules."""

from importlib import import_module

FAMILIES = {
    "document": 0,
    "labels": 1,
    "revisions": 2,
    "webhooks": 3,
    "leftovers": 4,
    "control_plane": 5,
    "proxy": 6,
    "gitops": 7,
}
"""Family and the first digit of its codes (MESH1xx)."""

for family in FAMILIES:
    import_module(f"meshlint.rules.{family}")
