"""Settings of the operator: every one an environment variable MEDVAULT_OPERATOR_*."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from socket import gethostname
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from medvault_operator.vault.installation import Network, operator_of

PREFIX = "MEDVAULT_OPERATOR_"
_POD_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")

Name = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", max_length=253)]


def _split(given: Any) -> Any:
    return tuple(re.split(r"[\s,]+", given.strip())) if isinstance(given, str) else given


def _listed(given: Any) -> Any:
    return json.loads(given) if isinstance(given, str) else given


Peers = Annotated[tuple[dict[str, Any], ...], BeforeValidator(_listed)]


class Settings(BaseModel):
    """All settings, with their defaults."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    services_image: str = Field(
        min_length=1, description="Image of the services, for vaults that name none."
    )
    namespace: Name = Field(description="Where the Lease is; a pod's own namespace by default.")
    watch_namespaces: Annotated[tuple[Name, ...], BeforeValidator(_split)] = Field(
        default=(), description="Namespaces whose vaults are looked after; all without it."
    )
    dns_peers: Peers = Field(
        default=Network().dns,
        description="Who answers names, as a JSON list of a NetworkPolicy's peers.",
    )
    entrance_peers: Peers = Field(
        default=Network().entrance,
        description="Who passes webhooks on, as such a list; anybody if it is empty.",
    )
    metrics_peers: Peers = Field(
        default=Network().metrics,
        description="Who reads vaults' metrics, as such a list; nobody if it is empty.",
    )
    scaler_peers: Peers = Field(
        default=Network().scalers,
        description="Who asks for the depths of queues to scale workers, as such a list.",
    )
    external_metrics: str = Field(
        default="",
        pattern=r"^[-a-z0-9.]+/[-a-z0-9.]+$",
        description="Service that serves `medvault_work` as an external metric, as namespace/name.",
    )
    lease_name: Name = Field(
        default="medvault-operator", description="Name of the Lease that replicas share."
    )
    identity: str = Field(
        default_factory=gethostname,
        min_length=1,
        description="What the Lease calls this replica; the host's name by default.",
    )
    host: str = Field(default="0.0.0.0", description="Address of the probes.")  # noqa: S104
    port: int = Field(
        default=8080, ge=0, le=65535, description="Port of /health, /ready and /metrics."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least that is logged."
    )
    log_format: Literal["json", "console"] = Field(default="json", description="How it is logged.")

    @property
    def network(self) -> Network:
        """The cluster around vaults."""
        return Network(
            dns=self.dns_peers,
            entrance=self.entrance_peers,
            metrics=self.metrics_peers,
            operator=(operator_of(self.namespace),),
            scalers=self.scaler_peers,
        )


class InvalidSettings(Exception):
    """All that is wrong with the settings, a line each."""


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; raises `InvalidSettings` naming every problem. An empty one isn't set."""
    given = dict(os.environ if environment is None else environment)
    values = {
        name: given[variable(name)]
        for name in Settings.model_fields
        if given.get(variable(name), "").strip()
    }
    if "namespace" not in values and _POD_NAMESPACE.exists():
        values["namespace"] = _POD_NAMESPACE.read_text().strip()
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        problems = "\n".join(f"  {_problem(found)}" for found in error.errors())
        raise InvalidSettings(f"The settings are not complete:\n{problems}") from None


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return PREFIX + name.upper()


def described() -> str:
    """Return what each setting means and what it is when it isn't set, for a person to read."""
    lines = []
    for name, field in Settings.model_fields.items():
        given = field.default if isinstance(field.default, str | int) else ""
        default = f" [{given}]" if given != "" else ""
        lines += [f"  {variable(name)}{default}", f"      {field.description}"]
    return "\n".join(lines)


def _problem(found: Any) -> str:
    name = str(found["loc"][0])
    if found["type"] == "missing":
        return f"{variable(name)} is missing: {Settings.model_fields[name].description}"
    return f"{variable(name)}: {found['msg']}"
