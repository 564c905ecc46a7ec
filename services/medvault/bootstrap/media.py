"""The media worker: files are fetched, checked and filed, and go back to their patients."""

from medvault.adapters.clamav.scanner import ClamdScanner
from medvault.adapters.postgres.conversations import StateSealer
from medvault.adapters.postgres.engine import PostgresDatabase, connect
from medvault.adapters.s3.store import S3ObjectStore
from medvault.adapters.sandbox import seccomp
from medvault.adapters.sandbox.examiner import SandboxExaminer
from medvault.adapters.whatsapp.media import CloudMedia
from medvault.application.copies import Copies
from medvault.application.filing_cabinet import FilingCabinet
from medvault.application.isolation import Isolation
from medvault.application.media_service import MediaService
from medvault.application.retrieval import Retrieval
from medvault.application.session_view import SessionView
from medvault.application.slow_lane import SlowLane
from medvault.bootstrap.foundation import Foundation, secret, store_options
from medvault.bootstrap.quotas import make_quotas
from medvault.ports import Check, Examiner, ObjectStore, SessionCache, Waker
from medvault.settings import Settings

_CONNECT_SECONDS = 5.0
_QUICK_SCAN_SECONDS = 10.0
SCAN_SECONDS = 910.0
"""clamd gives up before: its MaxScanTime is 120 s unless it is told otherwise, as it should be."""


def make_object_store(settings: Settings) -> S3ObjectStore:
    """Build the store of sealed files."""
    return S3ObjectStore(store_options(settings))


def make_examiner(settings: Settings) -> SandboxExaminer:
    """Build what looks into files; raises `Permanent` where nothing would box it in."""
    seccomp.require()
    address = settings.clamd_address
    if address is None:
        return SandboxExaminer(None)
    times = _CONNECT_SECONDS, SCAN_SECONDS, _QUICK_SCAN_SECONDS
    return SandboxExaminer(ClamdScanner(address, *times))


def make_scanner_check(settings: Settings) -> Check:
    """Build the readiness check of clamd."""
    return ClamdScanner(settings.clamd_address or "", 1.0, 1.0).check


def make_cabinet(base: Foundation, store: ObjectStore, waker: Waker) -> FilingCabinet:
    """Build what files reports."""
    return FilingCabinet(base.database, store, waker, base.new_id)


def make_session_view(base: Foundation, cache: SessionCache) -> SessionView:
    """Build the look at sessions from outside their locks, by a replica where there is one."""
    databases, states = [base.database], StateSealer(base.sealer)
    if base.settings.database_replica_url is not None:
        replica = connect(secret(base.settings.database_replica_url))
        databases.insert(0, PostgresDatabase(replica, base.sealer, base.index))
    return SessionView(cache, databases, lambda id, session: states.open(id, session.sealed))


def make_media(
    base: Foundation,
    store: ObjectStore,
    examiner: Examiner,
    cache: SessionCache,
    waker: Waker,
) -> Isolation:
    """Build the media worker, which takes received files and documents to upload in turn."""
    source = CloudMedia(base.whatsapp)
    filing, sessions = make_cabinet(base, store, waker), make_session_view(base, cache)
    granted, threads = make_quotas(base.settings), base.settings.media_threads
    copies = Copies(base.database, store, base.files, lambda: base.alone)
    received = MediaService(
        base.database,
        source,
        store,
        base.files,
        examiner,
        filing,
        copies,
        sessions,
        waker,
        quotas=granted,
        lane=SlowLane(max(1, threads // 2)),
    )
    asked_for = Retrieval(
        base.database,
        source,
        store,
        base.files,
        examiner,
        waker,
        base.index,
        base.new_id,
        granted,
    )
    return Isolation(base.database, received.process, asked_for.process, threads, waker, granted)
