"""The API's key for sealing: the public key where it has one, the ring while others need it."""

import gc
from collections.abc import Callable
from uuid import UUID

import pytest

from medvault.adapters.crypto.header import key_id_of
from medvault.adapters.crypto.intake_key import IntakeKey
from medvault.adapters.crypto.keyring import KeyRing, encode_key
from medvault.adapters.crypto.values import ValueSealer
from medvault.bootstrap import foundation
from medvault.bootstrap.entrance import Entrance
from medvault.domain.identifiers import LaneId
from medvault.domain.place import Place
from medvault.settings import InvalidSettings, Settings

RING = KeyRing.parse(f"k2:{encode_key(bytes(range(32)))}\nk1:{encode_key(bytes(32))}")
PUBLIC = {"intake_key": IntakeKey.of(RING).to_text()}
SECRET = {"keys": RING.to_text()}
UPDATE = Place.update(UUID(int=1), LaneId(UUID(int=2)))
Contract = Callable[[], None]


@pytest.fixture
def contract(monkeypatch: pytest.MonkeyPatch) -> Contract:
    """Takes the contract step of a database where the release before may still run."""
    alone = [False]
    monkeypatch.setattr(foundation, "is_alone", lambda _: alone[0])
    return lambda: alone.__setitem__(0, True)


def entrance(given: dict[str, str]) -> Entrance:
    here = {"database_url": "postgresql://127.0.0.1:9/name", "index_key": encode_key(bytes(32))}
    return Entrance(Settings.model_validate(here | given))


def sealed_by(found: Entrance) -> tuple[int, str]:
    """The format and the key of what an API seals now, which the ring opens."""
    sealed = found.sealer.seal(b"haemoglobin", UPDATE)
    assert ValueSealer(RING).open(sealed, UPDATE) == b"haemoglobin"
    return sealed[0], key_id_of(sealed)


def test_with_both_it_seals_by_the_ring_until_the_release_before_is_gone(
    contract: Contract,
) -> None:
    found = entrance(PUBLIC | SECRET)
    found.check()
    assert sealed_by(found) == (1, "k2")
    contract()
    assert sealed_by(found) == (1, "k2")
    found.check()
    assert sealed_by(found) == (3, "@k2")


def test_with_the_public_key_alone_it_seals_by_it_from_the_start(contract: Contract) -> None:
    found = entrance(PUBLIC)
    assert sealed_by(found) == (3, "@k2")
    contract()
    found.check()
    assert sealed_by(found) == (3, "@k2")


def test_with_the_ring_alone_it_goes_on_with_it(contract: Contract) -> None:
    found = entrance(SECRET)
    assert sealed_by(found) == (1, "k2")
    contract()
    found.check()
    assert sealed_by(found) == (3, "k2")


def test_nothing_keeps_the_ring_once_the_public_key_has_taken_over(contract: Contract) -> None:
    before = rings()
    found = entrance(PUBLIC | SECRET)
    assert rings() == before + 1
    contract()
    found.check()
    assert rings() == before
    assert found.settings.keys is None


def rings() -> int:
    """How many sealers there are that hold a key ring; garbage that waits counts as well."""
    return sum(type(one) is ValueSealer for one in gc.get_objects())


def test_a_public_key_of_an_older_key_of_the_ring_is_taken(contract: Contract) -> None:
    contract()
    found = entrance(SECRET | {"intake_key": IntakeKey.of(RING, "k1").to_text()})
    found.check()
    assert sealed_by(found) == (3, "@k1")


@pytest.mark.parametrize(
    "public",
    [
        IntakeKey.of(KeyRing("k2", {"k2": b"another key of the same name...."})).to_text(),
        IntakeKey.of(KeyRing("k3", {"k3": bytes(32)})).to_text(),
        PUBLIC["intake_key"].replace("k2", "k1"),
        "k2:nothing",
        encode_key(bytes(32)),
        f"k2:{encode_key(bytes(32))}",
    ],
    ids=["another's", "unknown", "misnamed", "nothing", "nameless", "zero"],
)
def test_a_public_key_that_is_none_or_not_the_rings_is_refused_and_not_shown(public: str) -> None:
    with pytest.raises(InvalidSettings, match="MEDVAULT_INTAKE_KEY: ") as caught:
        entrance(SECRET | {"intake_key": public})
    assert public.rpartition(":")[2] not in str(caught.value)
