"""`medvault.dev/v1alpha1`: the spec by an administrator, and the status by the operator."""

GROUP = "medvault.dev"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"
KIND = "MedicalVault"
PLURAL = "medicalvaults"
