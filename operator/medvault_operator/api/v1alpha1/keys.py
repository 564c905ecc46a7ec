"""The keys that seal what patients said and sent."""

from pydantic import ConfigDict, Field

from medvault_operator.api.v1alpha1.shape import Rule, SecretReference, Shape, rules

RING = "keys"
INDEX_KEY = "index-key"
SECRET_KEYS = (RING, INDEX_KEY)


class Keys(Shape):
    """The key ring and the index key, kept by the administrator."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            Rule(
                "self.secretRef.name == oldSelf.secretRef.name",
                "the Secret of the keys can't be replaced by another: what it sealed would be "
                "lost. Add a key to the Secret itself instead",
            )
        )
    )

    secret_ref: SecretReference = Field(
        description="Secret with `keys` (a line `id:base64 of 32 bytes` for each key; the first "
        "one seals, all of them open) and `index-key` (base64 of 32 bytes, never to be changed), "
        "and, so that the API holds no ring, `intake-key`: what `medvault keys intake` prints. "
        "Keep a copy of it apart from all backups of the data."
    )
