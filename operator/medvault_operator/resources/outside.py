"""Addresses outside of the cluster, as peers of a NetworkPolicy; none of them is metadata's.

Clouds tell who asks, and hand out keys, at addresses that every pod can reach. The ranges are those
of RFC 1918, 3927, 4193, 4291 and 6598; metadata outside of the link-local ones is listed by its
addresses: Azure's WireServer, Alibaba's metadata, EC2's, EKS' and Google's by IPv6.
"""

from typing import Any

Peers = list[dict[str, Any]]

METADATA = (
    *("169.254.0.0/16", "168.63.129.16/32", "100.100.100.200/32"),
    *("fe80::/10", "fd00:ec2::254/128", "fd00:ec2::23/128", "fd20:ce::254/128"),
)
PRIVATE = (
    *("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
    *("192.168.0.0/16", "168.63.129.16/32", "fc00::/7", "fe80::/10"),
)


def public() -> Peers:
    """Return the internet: nothing in the cluster, the clinic's network or the cloud's own."""
    return _everything_but(PRIVATE)


def anywhere() -> Peers:
    """Return all pods, and all addresses but metadata's.

    Pods are named because some network plugins don't count them among addresses.
    """
    return [{"namespaceSelector": {}}, *_everything_but(METADATA)]


def _everything_but(ranges: tuple[str, ...]) -> Peers:
    old = [one for one in ranges if ":" not in one]
    new = [one for one in ranges if ":" in one]
    return [
        {"ipBlock": {"cidr": "0.0.0.0/0", "except": old}},
        {"ipBlock": {"cidr": "::/0", "except": new}},
    ]
