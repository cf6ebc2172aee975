"""MESH1xx: injection labels and annotations: wrong, misspelled, misplaced or in conflict."""

from meshlint.rules.labels import (
    annotations,
    conflicts,
    deprecated,
    ignored,
    jobs,
    left_out,
    managed,
    misspelled,
    places,
    values,
    wishes,
)

__all__ = [
    "annotations",
    "conflicts",
    "deprecated",
    "ignored",
    "jobs",
    "left_out",
    "managed",
    "misspelled",
    "places",
    "values",
    "wishes",
]
