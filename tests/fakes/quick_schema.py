"""Published schemas, read in a third of the time: of many alternatives only those are tried that the `type` leaves.

Where one of these fits, the value is valid by the schema as it stands; where none does, all of them are tried as the
library does it, so that what is wrong is said in its words. Half of what a test on a platform took went into trying a
text block as an image, a table, a chart.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft7Validator, ValidationError, validators

Types = frozenset[str] | None
"""What an alternative takes as `type`; None: it does not say."""


def quick(validator: type[Draft7Validator], schema: dict[str, Any]) -> Draft7Validator:
    """A validator of that draft for the schema."""
    whole = validator.VALIDATORS["anyOf"]
    known: dict[int, Types] = {}

    def types(alternative: dict[str, Any]) -> Types:
        key = id(alternative)
        if key not in known:
            known[key] = None  # one that refers to itself does not say
            known[key] = _types(schema, alternative, types)
        return known[key]

    def any_of(at: Any, alternatives: list[Any], value: Any, of: Any) -> Iterator[ValidationError]:
        if isinstance(value, dict) and isinstance(kind := value.get("type"), str):
            for one in alternatives:
                taken = types(one)
                if (taken is None or kind in taken) and at.evolve(schema=one).is_valid(value):
                    return
        yield from whole(at, alternatives, value, of)

    made: Draft7Validator = validators.extend(validator, {"anyOf": any_of})(schema)
    return made


def _types(schema: dict[str, Any], one: Any, types: Any) -> Types:
    if not isinstance(one, dict):
        return None
    if "$ref" in one:
        return types(_definition(schema, one["$ref"])) if str(one["$ref"]).startswith("#/") else None
    said = one.get("properties", {}).get("type", {})
    if isinstance(said, dict) and ("const" in said or "enum" in said):
        return frozenset([said["const"]] if "const" in said else said["enum"])
    parts = (types(part) for part in one.get("allOf", []))
    return next((found for found in parts if found is not None), None)


def _definition(schema: dict[str, Any], reference: str) -> dict[str, Any]:
    at: Any = schema
    for step in reference.removeprefix("#/").split("/"):
        at = at[step.replace("~1", "/").replace("~0", "~")]
    found: dict[str, Any] = at
    return found
