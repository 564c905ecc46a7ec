"""The keys of the object store: nothing of a patient is in them."""

from medvault.domain.identifiers import MediaId, ReportId


def incoming(media_id: MediaId) -> str:
    """Where a file lies as it came, until it is filed or let go."""
    return f"incoming/{media_id}"


def incoming_copy(media_id: MediaId) -> str:
    """Where its copy without what acts lies meanwhile."""
    return f"incoming/{media_id}-copy"


def report(report_id: ReportId) -> str:
    """Where what a report's owner is given lies."""
    return f"reports/{report_id}"


def original(report_id: ReportId) -> str:
    """Where the file lies that came, if its owner is given a copy; nobody is given this one."""
    return f"reports/{report_id}-original"
