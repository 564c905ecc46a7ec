"""The media worker: files in, files out."""

from uuid import UUID

import structlog

from medvault.adapters.amqp.messages import MEDIA_TASK
from medvault.bootstrap.cache import make_session_cache
from medvault.bootstrap.foundation import Foundation
from medvault.bootstrap.maintenance import make_maintenance
from medvault.bootstrap.media import (
    make_cabinet,
    make_examiner,
    make_media,
    make_object_store,
    make_scanner_check,
)
from medvault.domain.errors import Unavailable
from medvault.ports import Queue
from medvault.settings import Settings
from medvault.worker.app import run_worker
from medvault.worker.requests import MediaRequest
from medvault.worker.roles.serving import make_worker, publishing, serving

log = structlog.get_logger(__name__)


def run(settings: Settings) -> int:
    """Run a media worker."""
    base, store = Foundation(settings), make_object_store(settings)
    cache = make_session_cache(settings)
    with publishing(settings) as waker:
        files = make_media(base, store, make_examiner(settings), cache[0], waker)

        def process_media(id: str) -> None:
            try:
                files.process(UUID(id))
            except Unavailable as error:
                log.warning("a file waits", dependency=error.dependency)

        filing = make_cabinet(base, store, waker)
        maintenance = make_maintenance(base, waker, cabinet=filing, idle=files.idle)
        checks = {"store": store.check, "scanner": make_scanner_check(settings), **cache[2]}
        with serving(base, waker, maintenance, checks, optional={"cache"}) as consuming:
            app = make_worker(settings, consuming)
            app.task(process_media, name=MEDIA_TASK, Request=MediaRequest)
            return run_worker(app, "media", "threads", settings.media_threads, [Queue.MEDIA])
