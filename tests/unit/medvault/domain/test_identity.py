import pytest

from medvault.domain.identity import Contact, IdentityKind


def test_a_user_id_finds_the_vault_whatever_the_phone() -> None:
    for phone in (None, "491701234567"):
        assert Contact("DE.1", phone).identity == (IdentityKind.BSUID, "DE.1")


def test_a_phone_finds_a_vault_only_without_a_user_id() -> None:
    for user_id in (None, ""):
        assert Contact(user_id, "491701234567").identity == (IdentityKind.WA_ID, "491701234567")


@pytest.mark.parametrize("phone", [None, ""])
def test_nobody_has_no_identity(phone: str | None) -> None:
    with pytest.raises(ValueError, match="without any identity"):
        _ = Contact(None, phone).identity
