"""`medvault.dev/v1alpha1`: what an administrator writes, and what the operator answers."""

GROUP = "medvault.dev"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"
KIND = "MedicalVault"
PLURAL = "medicalvaults"
