"""Keys of Secrets with what is one process' own, beside what all processes share."""

PROCESSES = ("api", "inbound", "media", "outbound")


def url_of(process: str) -> str:
    """Return the key of a process' own URL of database or broker."""
    return f"{process}-url"


URLS = tuple(url_of(process) for process in PROCESSES)
MEDIA_ACCESS_KEY = "media-access-key"
MEDIA_SECRET_KEY = "media-secret-key"  # noqa: S105
STORE_KEYS = (MEDIA_ACCESS_KEY, MEDIA_SECRET_KEY)
INTAKE_KEY = "intake-key"
"""The public key with which the API seals."""
