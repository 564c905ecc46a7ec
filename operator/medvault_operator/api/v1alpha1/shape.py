"""The common base of all parts of a vault: camelCase outside, snake_case inside, rules in CEL."""

from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

VALIDATIONS = "x-kubernetes-validations"


class Shape(BaseModel):
    """A part of the resource.

    Fields that this release does not know are left alone: the API server prunes what no version
    knows, and a newer operator may have stored more.
    """

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, extra="ignore"
    )


class Rule(NamedTuple):
    """A condition that must hold, in CEL, and what to do if it doesn't."""

    rule: str
    message: str


def rules(*given: Rule) -> dict[str, Any]:
    """Return CEL rules as extra schema."""
    return {VALIDATIONS: [one._asdict() for one in given]}


def either(one: str, other: str, example: str) -> Rule:
    """Return the rule that exactly one of two fields is set; `example` shows the shortest way."""
    return Rule(
        f"has(self.{one}) != has(self.{other})",
        f"set exactly one of {one} and {other}, for example {example}",
    )


def keyed_by(field: str) -> dict[str, Any]:
    """Return the extra schema of a list whose items are told apart by a field."""
    return {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": [field]}


Quantity = Annotated[
    str,
    Field(
        coerce_numbers_to_str=True,
        json_schema_extra={
            "type": None,
            "anyOf": [{"type": "integer"}, {"type": "string"}],
            "pattern": r"^\d+(\.\d+)?(m|k|[KMGTPE]i|[MGTPE])?$",
            "x-kubernetes-int-or-string": True,
        },
    ),
]
"""An amount as Kubernetes writes it: 500m, 1, 512Mi."""

ObjectName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=253,
        pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
    ),
]
"""The name of another object."""

Port = Annotated[int, Field(ge=1, le=65535)]
"""A TCP port."""


class SecretReference(Shape):
    """A Secret in the vault's own namespace."""

    name: ObjectName = Field(description="Name of the Secret.")
