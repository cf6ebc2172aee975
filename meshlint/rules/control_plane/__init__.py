"""MESH5xx: an istiod that cannot be reached, that is not there, or that lacks what it needs."""
