"""Every pod of a release is let into a namespace of the level `restricted`."""

import pytest

from support.kubernetes.chart import VALUES, pods, rendered_with
from support.kubernetes.kubectl import Kubectl

NOT_HERE = {"serviceAccountName", "priorityClassName", "imagePullSecrets"}


@pytest.mark.parametrize("values", sorted(VALUES))
def test_every_pod_is_admitted(namespace: Kubectl, values: str) -> None:
    found = dict(pods(rendered_with(values)))
    assert len(found) >= 2
    for number, pod in enumerate(found.values()):
        spec = {name: value for name, value in pod["spec"].items() if name not in NOT_HERE}
        trial = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": f"trial-{number}"},
            "spec": spec,
        }
        assert namespace.apply(trial, "--dry-run=server")["status"]["phase"] == "Pending"
