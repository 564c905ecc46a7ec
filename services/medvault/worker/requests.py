"""A file's task on its way through Celery."""

from celery.worker.request import Request

from medvault import failpoints
from medvault.failpoints import ACKNOWLEDGE
from medvault.ports import Queue


class MediaRequest(Request):
    """Acknowledged once its task has ended, wherever Celery does that."""

    def acknowledge(self) -> None:
        """Acknowledge the task's message."""
        failpoints.before(ACKNOWLEDGE[Queue.MEDIA])
        super().acknowledge()
        failpoints.after(ACKNOWLEDGE[Queue.MEDIA])
