"""The common parts of every dependency that the operator runs itself."""

from pydantic import ConfigDict, Field

from medvault_operator.api.v1alpha1.shape import ObjectName, Quantity, Rule, Shape, rules


class Volume(Shape):
    """The volume of a dependency. It stays when the vault is deleted."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            Rule(
                "self == oldSelf",
                "a volume is made once and not changed afterwards; to grow it, edit its "
                "PersistentVolumeClaim, if the storage class allows that",
            )
        )
    )

    size: Quantity = Field(description="How large it is made, for example 20Gi.")
    storage_class_name: ObjectName | None = Field(
        default=None, description="StorageClass to make it with; the cluster's default without it."
    )


def immutable_choice(name: str) -> Rule:
    """Return the rule that what keeps data does not move between external and managed."""
    return Rule(
        "has(self.managed) == has(oldSelf.managed)",
        f"{name} can't change between external and managed: its data would stay behind. "
        "Make a new MedicalVault and move the data",
    )
