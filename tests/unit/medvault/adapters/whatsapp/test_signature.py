import hashlib
import hmac

import pytest

from medvault.adapters.whatsapp.signature import Signatures

SECRET = b"app secret"
BODY = b'{"text":"caf\\u00e9 \\ud83d\\ude00"}'


def header(body: bytes, secret: bytes = SECRET) -> bytes:
    return b"sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest().encode()


def test_the_vector_of_rfc_4231_holds() -> None:
    # RFC 4231, test case 2
    digest = b"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    valid = Signatures([b"Jefe"]).valid(b"what do ya want for nothing?", b"sha256=" + digest)
    assert valid


def test_the_bytes_are_verified_as_they_were_escaped() -> None:
    signatures = Signatures([SECRET])
    assert signatures.valid(BODY, header(BODY))
    unescaped = BODY.decode("unicode_escape").encode("utf-16", "surrogatepass").decode("utf-16")
    assert not signatures.valid(unescaped.encode(), header(BODY))


@pytest.mark.parametrize("position", [0, 1, 2])
def test_any_current_secret_is_enough(position: int) -> None:
    secrets = [b"first", b"second", b"third"]
    assert Signatures(secrets).valid(BODY, header(BODY, secrets[position]))


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        b"",
        b"sha256=",
        header(BODY)[7:],
        header(BODY)[:-1],
        header(BODY) + b"0",
        header(BODY) + b" ",
        b" " + header(BODY),
        header(BODY).upper(),
        b"sha256=" + header(BODY)[7:].upper(),
        header(BODY).replace(b"sha256", b"sha1"),
        header(BODY, b"another secret"),
        header(BODY + b" "),
        b"sha256=" + b"\xff" * 64,
        b"sha256=" + b"0" * 64,
    ],
)
def test_every_other_header_is_refused(wrong: bytes | None) -> None:
    assert not Signatures([SECRET, b"older"]).valid(BODY, wrong)


@pytest.mark.parametrize("secrets", [[], [b""], [SECRET, b""]])
def test_an_empty_secret_is_none(secrets: list[bytes]) -> None:
    with pytest.raises(ValueError, match="secret"):
        Signatures(secrets)
