"""The keys of the object store: nothing of a patient is in them."""

from medvault.domain.identifiers import MediaId, ReportId


def incoming(media_id: MediaId) -> str:
    """Where a file lies as it came, until it is filed or let go."""
    return f"incoming/{media_id}"


def incoming_copy(media_id: MediaId) -> str:
    """Where its copy without what acts lies meanwhile."""
    return f"incoming/{media_id}-copy"


def report(report_id: ReportId, position: int = 1) -> str:
    """Where what a report's owner is given of its file at this position lies."""
    return f"reports/{report_id}" if position == 1 else f"reports/{report_id}-{position}"


def original(report_id: ReportId, position: int = 1) -> str:
    """Where the file lies that came, if its owner is given a copy; nobody is given this one."""
    return f"{report(report_id, position)}-original"
