"""An attacker who has taken over the API's process opens nothing that is stored.

The control is an API that has the key ring, as every one had in the release before.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from medvault.adapters.crypto.files import SegmentSealer
from medvault.adapters.crypto.intake import IntakeSealer
from medvault.adapters.crypto.intake_key import IntakeKey
from medvault.adapters.crypto.keyring import KeyRing, encode_key
from medvault.adapters.crypto.values import ValueSealer
from medvault.adapters.postgres.inbox import opened
from medvault.domain.errors import Misplaced
from medvault.domain.identifiers import LaneId, LetterId, MediaId, PersonId, ReportId, vault_of
from medvault.domain.place import Place
from medvault.domain.updates import UpdateKind
from support.attacks import Attacks

RING = KeyRing("k2", {name: os.urandom(32) for name in ("k2", "k1")})
KEY = IntakeKey.of(RING)
ROW, LANE, PERSON = uuid4(), LaneId(uuid4()), PersonId(uuid4())
VAULT = vault_of(PERSON)
SETTINGS = {
    "INTAKE_KEY": KEY.to_text(),
    "DATABASE_URL": "postgresql://127.0.0.1:9/name",
    "BROKER_URL": "amqp://127.0.0.1:9/",
    "INDEX_KEY": encode_key(os.urandom(32)),
    "WHATSAPP_PHONE_NUMBER_ID": "1",
    "WHATSAPP_APP_SECRETS": "secret",
    "WHATSAPP_VERIFY_TOKEN": "token",
}
TAKEN_IN = (Place.update(ROW, LANE), Place.webhook())
WRITTEN = (
    Place.own_update(ROW, PERSON), Place.state(PERSON), Place.identity(LANE, PERSON),
    Place.letter(LetterId(ROW), PERSON), Place.announcement(MediaId(ROW), VAULT),
    Place.report(ReportId(ROW), VAULT), Place.note(ROW, VAULT),
)  # fmt: skip


def stored() -> list[tuple[bytes, Place]]:
    """A value in each place, by the API and by workers, under a new and an old key; and a file."""
    values = [(IntakeSealer(KEY).seal(b"by another API", place), place) for place in TAKEN_IN]
    for key_id in RING.keys:
        worker = ValueSealer(KeyRing(key_id, RING.keys))
        values += [(worker.seal(b"by a worker", place), place) for place in TAKEN_IN + WRITTEN]
    file = Place.file(MediaId(ROW), VAULT)
    return [*values, (b"".join(SegmentSealer(RING).seal([b"%PDF-"], file)), file)]


def taken_over(values: list[tuple[bytes, Place]], ring: Path) -> list[Any]:
    """How much an API that has the public key can open, and how much one that has the ring."""
    ring.write_text(RING.to_text())
    lines = [json.dumps([*map(str, place), sealed.hex()]) for sealed, place in values]
    ended = subprocess.run(
        [sys.executable, "-m", "support.api_insider", str(ring)],
        input="\n".join(lines),
        env={
            **{f"MEDVAULT_{name}": value for name, value in SETTINGS.items()},
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    return [json.loads(line) for line in ended.stdout.splitlines()]


def test_nothing_that_is_stored_opens_within_the_api(attacks: Attacks, tmp_path: Path) -> None:
    found, control = taken_over(stored(), tmp_path / "keys")
    attacks.tried(
        "openings", found["tried"], found["opened"], (control["tried"], control["opened"])
    )
    assert found["ways"] > 3
    assert found["opened"] == 0
    assert control["opened"] == control["tried"] == found["tried"] > 20


@pytest.mark.parametrize("kind", UpdateKind)
def test_a_row_of_the_inbox_that_the_apis_key_sealed_is_a_webhooks(kind: UpdateKind) -> None:
    forged = IntakeSealer(KEY).seal(b"{}", Place.update(ROW, LANE))
    pending = opened(ValueSealer(RING), (1, ROW, kind, memoryview(forged), 0), LANE, PERSON)
    assert pending.misplaced == kind.own
    assert pending.content == (b"" if kind.own else b"{}")


@pytest.mark.parametrize("place", WRITTEN, ids=lambda place: f"{place.table}.{place.column}")
def test_the_apis_key_forges_nothing_that_medvault_itself_writes(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    forged, worker = IntakeSealer(KEY).seal(b"forged", place), ValueSealer(RING)
    with pytest.raises(Misplaced):
        worker.open(forged, place)
    monkeypatch.setattr(Place, "from_outside", True)
    assert worker.open(forged, place) == b"forged"
    assert place.vault != UUID(int=0)
