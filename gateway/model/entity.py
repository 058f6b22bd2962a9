"""The three kinds of record that registries keep and the gateway gives ids to."""

from enum import StrEnum


class Entity(StrEnum):
    """Kinds of node; the value is the kind in a global id."""

    PROJECT = "project"
    ISSUANCE = "issuance"
    UNIT = "unit"
