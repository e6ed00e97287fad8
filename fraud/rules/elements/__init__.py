"""Elements: what of an application finds the same person, phone or address again, each spelled one way."""

from fraud.rules.elements.elements import MOST_OF_PARTY, Element, own_elements, registry_elements
from fraud.rules.elements.kinds import (
    ATTRIBUTES,
    OWN_KINDS,
    PLACE_KINDS,
    REGISTRY_KINDS,
    STRONG_KINDS,
    Attribute,
    ElementKind,
    are_independent,
    bare,
)
from fraud.rules.elements.sins import is_sin

__all__ = [
    "ATTRIBUTES",
    "MOST_OF_PARTY",
    "OWN_KINDS",
    "PLACE_KINDS",
    "REGISTRY_KINDS",
    "STRONG_KINDS",
    "Attribute",
    "Element",
    "ElementKind",
    "are_independent",
    "bare",
    "is_sin",
    "own_elements",
    "registry_elements",
]
