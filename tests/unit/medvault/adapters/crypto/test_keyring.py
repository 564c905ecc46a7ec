import base64
import random

import pytest

from medvault.adapters.crypto.keyring import KeyRing, encode_key
from medvault.domain.errors import Permanent

ONE, TWO = (encode_key(random.Random(seed).randbytes(32)) for seed in (1, 2))


def test_the_first_key_is_the_current_one() -> None:
    ring = KeyRing.parse(f"# rotated in May\n\n new:{ONE}  # in use\nold-1:{TWO}\r\n")
    assert ring.current == "new"
    assert ring.keys == {"new": base64.b64decode(ONE), "old-1": base64.b64decode(TWO)}


def test_a_ring_survives_being_written_and_read() -> None:
    ring = KeyRing.parse(f"b:{ONE}\na:{TWO}")
    again = KeyRing.parse(ring.to_text())
    assert (again, list(again.keys)) == (ring, ["b", "a"])


def test_generated_rings_share_neither_id_nor_key() -> None:
    one, two = KeyRing.generate(), KeyRing.generate()
    assert KeyRing.parse(one.to_text()) == one
    assert one.current != two.current
    assert set(one.keys.values()).isdisjoint(two.keys.values())


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (TWO, "not of the form id:base64"),
        (f"UPPER:{TWO}", "the id is not"),
        (f"seventeen-letters:{TWO}", "the id is not"),
        (f":{TWO}", "the id is not"),
        (f"{TWO}:b", "the id is not"),
        ("b:", "not the base64 of 32 bytes"),
        (f"b:{TWO[:-4]}", "not the base64 of 32 bytes"),
        (f"b:{TWO[:10]}*{TWO[10:]}", "not the base64 of 32 bytes"),
        (f"b:é{TWO}", "not the base64 of 32 bytes"),
        (f"b:{TWO}{TWO}", "not the base64 of 32 bytes"),
        (f"a:{TWO}", "an earlier line has the same id"),
        (f"b:{ONE}", "an earlier line has the same key"),
    ],
)
def test_an_error_names_the_line_and_never_shows_a_key(line: str, why: str) -> None:
    with pytest.raises(ValueError, match=f"^key ring, line 3: {why}") as caught:
        KeyRing.parse(f"# ring\na:{ONE}\n{line}\n")
    chain: BaseException | None = caught.value
    while chain:
        assert not {ONE[:8], TWO[:8]} & {str(chain)[at : at + 8] for at in range(len(str(chain)))}
        chain = chain.__cause__


@pytest.mark.parametrize("text", ["", "\n", "# none yet\n"])
def test_a_ring_without_a_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="there is no key in it"):
        KeyRing.parse(text)


def test_a_ring_does_not_show_its_keys() -> None:
    ring = KeyRing.parse(f"a:{ONE}")
    assert repr(ring) == "KeyRing(current='a')"


def test_a_key_that_left_the_ring_is_named() -> None:
    with pytest.raises(Permanent, match="key 'old', which is not in the key ring"):
        KeyRing.parse(f"a:{ONE}").master("old")
