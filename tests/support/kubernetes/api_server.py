"""Kubernetes' API server without a cluster: it takes, checks and stores objects; nothing runs."""

from secrets import token_hex

import urllib3
import yaml
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from support.kubernetes.etcd import PrivateEtcd
from support.servers.machine import free_port, program
from support.servers.private import PrivateServer

CONTEXT = "private"
MISSING = "kube-apiserver is missing: put it on PATH"


class PrivateApiServer(PrivateServer):
    """An API server on loopback; `kubeconfig` lets its administrator in."""

    name = "kube-apiserver"

    def __init__(self, etcd: PrivateEtcd) -> None:
        self._binary = program("kube-apiserver", missing=MISSING)
        super().__init__()
        self._etcd = etcd
        self._port = free_port()
        self._token = token_hex(16)
        self.kubeconfig = self.directory / "kubeconfig"
        self._tokens = self.directory / "tokens.csv"
        self._certificate = self.directory / "apiserver.crt"
        self._key = self.directory / "service-accounts.key"
        self._tokens.write_text(f"{self._token},admin,admin,system:masters\n")
        self._key.write_bytes(_private_key())
        self.kubeconfig.write_text(yaml.safe_dump(self._access()))

    def command(self) -> list[str]:
        """Only what an object's way through admission needs."""
        return [
            str(self._binary),
            f"--etcd-servers={self._etcd.url}",
            "--bind-address=127.0.0.1",
            f"--secure-port={self._port}",
            f"--cert-dir={self.directory}",
            f"--token-auth-file={self._tokens}",
            "--authorization-mode=RBAC",
            "--allow-privileged",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={self._key}",
            f"--service-account-signing-key-file={self._key}",
            "--disable-admission-plugins=ServiceAccount",
        ]

    def answers(self) -> bool:
        """Everything in it is ready."""
        if not self._certificate.exists():
            return False
        certificate = str(self._certificate)
        try:
            answer = urllib3.PoolManager(ca_certs=certificate).request(
                "GET",
                f"https://127.0.0.1:{self._port}/readyz",
                headers={"Authorization": f"Bearer {self._token}"},
                retries=False,
                timeout=1,
            )
        except urllib3.exceptions.HTTPError:
            return False
        return answer.status == 200

    def _access(self) -> dict[str, object]:
        cluster = {
            "server": f"https://127.0.0.1:{self._port}",
            "certificate-authority": str(self._certificate),
        }
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": CONTEXT,
            "clusters": [{"name": CONTEXT, "cluster": cluster}],
            "users": [{"name": CONTEXT, "user": {"token": self._token}}],
            "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT}}],
        }


def _private_key() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
