"""MESH1xx: injection labels and annotations: wrong, misspelled, misplaced or in conflict."""

from meshlint.rules.labels import conflicts, misspelled, places, values, wishes

__all__ = ["conflicts", "misspelled", "places", "values", "wishes"]
