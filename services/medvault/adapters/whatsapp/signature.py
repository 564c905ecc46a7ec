"""The signature of a webhook (Meta, Webhooks: Validating Payloads)."""

import hmac
from collections.abc import Sequence


class Signatures:
    """Verifies `X-Hub-Signature-256` against every app secret that is current.

    During a rotation there are two; raises `ValueError` without any, or with an empty one.
    """

    def __init__(self, secrets: Sequence[bytes]) -> None:
        if not secrets or not all(secrets):
            raise ValueError("every app secret must have at least one byte, and one is needed")
        self._secrets = tuple(secrets)

    def valid(self, body: bytes, header: bytes | None) -> bool:
        """Whether `header` is `sha256=` and 64 lower-case hex digits made over the raw body.

        All secrets are tried, each compared in constant time: the time taken tells nothing.
        """
        if header is None:
            return False
        valid = False
        for secret in self._secrets:
            expected = b"sha256=" + hmac.digest(secret, body, "sha256").hex().encode()
            valid |= hmac.compare_digest(expected, header)
        return valid
