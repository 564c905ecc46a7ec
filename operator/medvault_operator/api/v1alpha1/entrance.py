"""The way in from the internet: only Meta's webhook."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from medvault_operator.api.v1alpha1.shape import ObjectName, Port, Shape, either, rules

Host = Annotated[
    str,
    Field(
        max_length=253,
        pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$",
    ),
]


class IssuerReference(Shape):
    """An issuer of cert-manager."""

    name: ObjectName = Field(description="Name of the issuer.")
    kind: Literal["Issuer", "ClusterIssuer"] = Field(
        default="ClusterIssuer",
        description="Whether it serves the whole cluster or this namespace.",
    )


class Tls(Shape):
    """Where the certificate comes from."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            either("secretName", "issuerRef", "tls: {issuerRef: {name: letsencrypt}}")
        )
    )

    secret_name: ObjectName | None = Field(
        default=None, description="Secret of the type kubernetes.io/tls that holds the certificate."
    )
    issuer_ref: IssuerReference | None = Field(
        default=None,
        description="Issuer of cert-manager that makes the certificate, in the Secret <vault>-tls.",
    )


class IngressEntrance(Shape):
    """An Ingress."""

    class_name: ObjectName | None = Field(
        default=None, description="IngressClass; the cluster's default without it."
    )
    annotations: dict[str, str] = Field(
        default_factory=dict,
        description="Annotations that the ingress controller asks for. Bodies of 3 MB must pass.",
    )
    tls: Tls | None = Field(
        default=None,
        description="The certificate. Leave it out only where TLS ends before the Ingress.",
    )


class ParentReference(Shape):
    """A Gateway of the Gateway API."""

    name: ObjectName = Field(description="Name of the Gateway.")
    namespace: ObjectName | None = Field(
        default=None, description="Its namespace; the vault's own without it."
    )
    section_name: ObjectName | None = Field(
        default=None, description="The listener; all that match the host without it."
    )
    port: Port | None = Field(default=None, description="The listener's port; any without it.")


class RouteEntrance(Shape):
    """An HTTPRoute. TLS is the Gateway's."""

    parent_refs: list[ParentReference] = Field(
        min_length=1, max_length=8, description="The Gateways it belongs to."
    )


class Entrance(Shape):
    """The public address. Meta posts to https://<host>/webhook/whatsapp."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            either("ingress", "httpRoute", "entrance: {host: ..., ingress: {}}")
        )
    )

    host: Host = Field(description="The public host name.")
    ingress: IngressEntrance | None = Field(default=None, description="Come in through an Ingress.")
    http_route: RouteEntrance | None = Field(
        default=None, description="Come in through an HTTPRoute."
    )
