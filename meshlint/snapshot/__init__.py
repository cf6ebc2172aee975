"""Mesh snapshots: what one repository knows of a mesh, in a file that others lint against."""
