"""Amounts as Kubernetes writes them."""

import re
from decimal import Decimal

_UNITS = ("", "k", "M", "G", "T", "P", "E")
_FACTORS = {
    "m": Decimal("0.001"),
    **{unit: Decimal(1000**power) for power, unit in enumerate(_UNITS)},
    **{f"{unit.upper()}i": Decimal(1024**power) for power, unit in enumerate(_UNITS) if unit},
}


def in_bytes(quantity: str) -> int:
    """Return an amount of memory in bytes; raises ValueError if it is none."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([a-zA-Z]*)", quantity)
    if not found or found[2] not in _FACTORS:
        raise ValueError("is no amount")
    return int(Decimal(found[1]) * _FACTORS[found[2]])
