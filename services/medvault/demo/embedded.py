"""medvault in one process: API, workers and simulator as threads over the same use cases."""

import base64
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import uvicorn
from pydantic import SecretStr

from medvault.adapters.clamav.scanner import ClamdScanner
from medvault.adapters.local.broker import LocalBroker
from medvault.adapters.local.objects import FolderObjectStore
from medvault.adapters.postgres.engine import connect
from medvault.adapters.postgres.ownership import OWNER as SCHEMA_OWNER
from medvault.adapters.postgres.ownership import without_superuser
from medvault.adapters.postgres.schema import admit_service, migrate
from medvault.api.server import server
from medvault.bootstrap.api import make_reception_over
from medvault.bootstrap.cache import make_session_cache
from medvault.bootstrap.entrance import Entrance, intake_key
from medvault.bootstrap.foundation import Foundation
from medvault.bootstrap.inbound import make_inbound, make_recorder
from medvault.bootstrap.maintenance import make_maintenance
from medvault.bootstrap.media import make_cabinet, make_examiner, make_media, make_scanner_check
from medvault.bootstrap.outbound import make_delivery
from medvault.demo.database import OWNER, SERVICE, embedded_postgres
from medvault.demo.folder import held
from medvault.demo.keys import demo_secrets, for_administrators
from medvault.demo.ports import Ports, PortTaken
from medvault.domain.errors import Unavailable
from medvault.domain.identifiers import LaneId
from medvault.ports import Queue
from medvault.settings import Settings
from medvault.simulator.options import SimulatorOptions
from medvault.simulator.server import in_thread
from medvault.worker.delivery import DeliveryThread
from medvault.worker.ticker import Ticker

_CLAMD = ("unix:///var/run/clamav/clamd.ctl", "tcp://127.0.0.1:3310")


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that answers."""

    api_url: str
    probe_url: str
    chat_url: str
    scanned: bool
    database_url: str
    settings: Path
    """A file for a shell, with what commands of administrators need."""


@contextmanager
def running(folder: Path, ports: Ports) -> Iterator[Demo]:
    """Run everything over `folder` until the block ends; raises `Permanent` where it can't."""
    ports.require_free()
    with ExitStack() as stack:
        stack.enter_context(held(folder))
        url = stack.enter_context(embedded_postgres(folder))
        _prepare(url.format(user=OWNER))
        secrets = demo_secrets(folder)
        options = _simulator(folder, ports, secrets)
        simulator = stack.enter_context(in_thread(options))
        settings = _settings(url.format(user=SERVICE), ports, secrets, options, simulator.url)
        probe_port = stack.enter_context(_medvault(settings, folder / "files"))
        yield Demo(
            f"http://127.0.0.1:{ports.api}",
            f"http://127.0.0.1:{probe_port}",
            simulator.url,
            settings.clamd_address is not None,
            url.format(user=SCHEMA_OWNER),
            for_administrators(folder, settings),
        )


def _prepare(owner_url: str) -> None:
    owner = connect(without_superuser(owner_url), options="")
    migrate(owner, contract=True)
    admit_service(owner, SERVICE, None)
    owner.dispose()


def _simulator(folder: Path, ports: Ports, secrets: dict[str, str]) -> SimulatorOptions:
    return SimulatorOptions(
        webhook_url=f"http://127.0.0.1:{ports.api}/webhook/whatsapp",
        app_secret=secrets["app_secret"],
        access_tokens=(secrets["access_token"],),
        verify_token=secrets["verify_token"],
        port=ports.simulator,
        journal=folder / "simulator",
        journal_key=base64.b64decode(secrets["journal_key"]),
    )


def _settings(
    database_url: str,
    ports: Ports,
    secrets: dict[str, str],
    options: SimulatorOptions,
    simulator_url: str,
) -> Settings:
    return Settings.model_validate(
        {
            "database_url": database_url,
            "whatsapp_base_url": simulator_url,
            "whatsapp_phone_number_id": options.phone_number_id,
            "whatsapp_token": secrets["access_token"],
            "whatsapp_app_secrets": secrets["app_secret"],
            "whatsapp_verify_token": secrets["verify_token"],
            "keys": secrets["keys"],
            "index_key": secrets["index_key"],
            "date_order": "day-first",
            "clamd_address": clamd_on_this_machine(),
            "media_threads": 3,  # two for one patient, and one for others
            "host": "127.0.0.1",
            "port": ports.api,
            "probe_host": "127.0.0.1",
            "api_probe_port": 0,
        }
    )


def clamd_on_this_machine() -> str | None:
    """Return the address of a clamd that answers, None where nobody does."""
    for address in _CLAMD:
        try:
            ClamdScanner(address, 0.5, 0.5).check()
        except Unavailable:
            continue
        return address
    return None


@contextmanager
def _medvault(settings: Settings, files: Path) -> Iterator[int | None]:
    """Run API and workers on threads of this process; gives the port of their probes."""
    base, broker = Foundation(settings), LocalBroker()
    base.require_schema()
    store = FolderObjectStore(files)
    cache, limiter, _ = make_session_cache(settings)
    inbound = make_inbound(base, cache, broker)
    media = make_media(base, store, make_examiner(settings), cache, broker)
    delivery = DeliveryThread(
        base.whatsapp, lambda channel: make_delivery(base, channel, limiter, broker)
    )
    filing = make_cabinet(base, store, broker)
    ticker = Ticker(make_maintenance(base, broker, inbound=inbound, cabinet=filing))
    checks: dict[str, Callable[[], str | None]] = {"broker": broker.check, "store": store.check}
    checks["scanner"] = _scanner_check(settings)
    with ExitStack() as stack:
        stack.callback(base.close)
        delivery.start()
        stack.callback(delivery.stop)
        broker.subscribe(Queue.OUTBOUND, delivery.wake)
        broker.subscribe(Queue.INBOUND, lambda ids: inbound.handle(list(map(LaneId, ids))))
        threads = settings.media_threads
        broker.subscribe(Queue.MEDIA, lambda ids: _each(media.process, ids), 1, threads)
        broker.subscribe_intake(make_recorder(base, broker).record)
        stack.callback(broker.stop)
        ticker.start()
        stack.callback(ticker.stop)
        entrance = _entrance(settings)
        stack.callback(entrance.close)
        reception = make_reception_over(entrance, broker, broker, checks, _nothing)
        probes = settings.probe_host, settings.api_probe_port
        api = server(reception, (settings.host, settings.port), probes)
        stack.enter_context(_serving(api))
        yield api.probe_port


def _entrance(settings: Settings) -> Entrance:
    """Build what the API stands on: as in a deployment, a public key and no key ring."""
    public = {"keys": None, "intake_key": SecretStr(intake_key(settings))}
    return Entrance(settings.model_copy(update=public))


def _scanner_check(settings: Settings) -> Callable[[], str | None]:
    if settings.clamd_address is None:
        return lambda: "not scanned"
    return make_scanner_check(settings)


def _each(work: Callable[[UUID], object], ids: Sequence[UUID]) -> None:
    for id in ids:
        work(id)


@asynccontextmanager
async def _nothing() -> AsyncIterator[None]:
    yield


@contextmanager
def _serving(api: uvicorn.Server) -> Iterator[None]:
    """Run the API in a thread; raises if it can't start."""
    thread = threading.Thread(target=api.run, name="api", daemon=True)
    thread.start()
    while not api.started:
        if not thread.is_alive():
            raise PortTaken(
                f"The API could not listen on port {api.config.port}: choose another one."
            )
        time.sleep(0.01)
    try:
        yield
    finally:
        api.should_exit = True
        thread.join(timeout=15)
