"""Meta's error answers: code, HTTP status and body."""

import base64
import os

import orjson

_KNOWN: dict[int, tuple[int, str]] = {
    0: (401, "We were unable to authenticate the app user"),
    1: (400, "Possibly invalid request or server error"),
    2: (503, "Service temporarily unavailable"),
    3: (500, "Capability or permissions issue"),
    4: (429, "Application request limit reached"),
    10: (403, "Application does not have permission for this action"),
    100: (400, "Invalid parameter"),
    190: (401, "Invalid OAuth access token"),
    368: (403, "Temporarily blocked for policies violations"),
    2500: (400, "Unknown path components"),
    80007: (429, "Rate limit issues"),
    130429: (429, "Rate limit hit"),
    130472: (400, "User's number is part of an experiment"),
    131000: (500, "Something went wrong"),
    131005: (403, "Access denied"),
    131008: (400, "Required parameter is missing"),
    131009: (400, "Parameter value is not valid"),
    131016: (500, "Service unavailable"),
    131021: (400, "Recipient cannot be sender"),
    131026: (400, "Message undeliverable"),
    131031: (403, "Business account has been locked"),
    131042: (400, "Business eligibility payment issue"),
    131047: (400, "Re-engagement message"),
    131048: (429, "Spam rate limit hit"),
    131051: (400, "Unsupported message type"),
    131052: (400, "Media download error"),
    131053: (400, "Media upload error"),
    131056: (429, "(Business Account, Consumer Account) pair rate limit hit"),
    131057: (500, "Account in maintenance mode"),
    131062: (400, "Recipient cannot be addressed by user id"),
    132001: (400, "Template name does not exist in the translation"),
    133004: (503, "Server temporarily unavailable"),
    133010: (400, "Phone number not registered"),
    137000: (400, "Recipient identity key hash mismatch"),
}


def title(code: int) -> str:
    """Meta's title of an error code."""
    return _KNOWN.get(code, (400, "Unknown error"))[1]


def http_status(code: int) -> int:
    """The HTTP status Meta usually answers with a code (a client decides by the code)."""
    if 200 <= code <= 299:
        return 403
    return _KNOWN.get(code, (400, ""))[0]


class GraphError(Exception):
    """A call Meta refuses: `code` decides, `details` says what was wrong."""

    def __init__(self, code: int, details: str, *, subcode: int | None = None) -> None:
        super().__init__(f"(#{code}) {title(code)}")
        self.code = code
        self.details = details
        self.subcode = subcode
        self.status = http_status(code)

    def body(self) -> bytes:
        """The JSON body as Meta writes it."""
        error: dict[str, object] = {
            "message": str(self),
            "type": "OAuthException",
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
            "fbtrace_id": base64.urlsafe_b64encode(b"\x02" + os.urandom(16)).rstrip(b"=").decode(),
        }
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        return orjson.dumps({"error": error})


def missing(parameter: str) -> GraphError:
    """131008: a parameter that has to be there is not."""
    return GraphError(131008, f"The parameter {parameter} is required.")


def invalid(details: str) -> GraphError:
    """131009: a parameter is there and its value can't be used."""
    return GraphError(131009, details)


def no_such_object(object_id: str) -> GraphError:
    """Code 100, subcode 33: unknown, expired or not visible to this token."""
    return GraphError(
        100,
        f"Object with ID '{object_id}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation.",
        subcode=33,
    )
