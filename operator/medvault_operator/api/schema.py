"""From a typed model to a structural schema, the part of OpenAPI that the API server takes."""

from typing import Any

from pydantic import BaseModel

Schema = dict[str, Any]
_REFERENCE = "#/$defs/"
_ORDER = ("description", "type", "default", "enum", "required")


def structural(model: type[BaseModel]) -> Schema:
    """Return a model's schema without references, nulls and titles, with camelCase names."""
    given = model.model_json_schema(by_alias=True)
    return _resolved(given, given.get("$defs", {}))


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    if "$ref" in schema:
        target = definitions[schema["$ref"].removeprefix(_REFERENCE)]
        return _resolved({**target, **_without(schema, "$ref")}, definitions)
    if {"type": "null"} in schema.get("anyOf", []):
        present = next(one for one in schema["anyOf"] if one != {"type": "null"})
        return _resolved({**present, **_without(schema, "anyOf", "default")}, definitions)
    found = {key: _nested(key, value, definitions) for key, value in schema.items()}
    if "default" in found:
        found["default"] = _shortest(_present(found["default"]), found)
    return {key: found[key] for key in sorted(found, key=_rank) if found[key] is not None}


def _without(schema: Schema, *keys: str) -> Schema:
    return {key: value for key, value in schema.items() if key not in keys}


def _nested(key: str, value: Any, definitions: Schema) -> Any:
    match key:
        case "title" | "$defs":
            return None
        case "properties":
            return {name: _resolved(one, definitions) for name, one in value.items()}
        case "items" | "additionalProperties":
            return _resolved(value, definitions)
    return value


def _rank(key: str) -> int:
    return _ORDER.index(key) if key in _ORDER else len(_ORDER)


def _present(value: Any) -> Any:
    """Leave out what is not set."""
    if not isinstance(value, dict):
        return value
    held = {name: _present(one) for name, one in value.items()}
    return {name: one for name, one in held.items() if one not in (None, {}, [])}


def _shortest(default: Any, schema: Schema) -> Any:
    """Leave out of an object's default what its fields have as defaults of their own."""
    if not isinstance(default, dict) or "properties" not in schema:
        return default
    fields = schema["properties"]
    return {
        name: _shortest(value, fields[name])
        for name, value in default.items()
        if value != _filled(fields[name])
    }


def _filled(schema: Schema) -> Any:
    """Return what the API server makes of a field that nobody set."""
    if "default" not in schema or "properties" not in schema:
        return schema.get("default")
    nested = {name: _filled(one) for name, one in schema["properties"].items()}
    return _present(nested) | schema["default"]
