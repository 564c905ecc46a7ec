"""Helm's upgrade and uninstallation, and a vault's deletion, keep what patients have filed."""

import time
from collections.abc import Callable, Iterator

import pytest

from support import pdfs
from support.cluster.objects import LOOK, get, listed
from support.cluster.operator import InstalledOperator
from support.cluster.site import Clinic, spec, wait_telling
from support.cluster.target import Say
from support.kubernetes.kubectl import RefusedError
from support.servers.waiting import wait_until
from support.stack.filing import file_pdf, list_one
from support.stack.phone import Phone

pytestmark = pytest.mark.timeout(1800)
IN_PLACE = 600.0
PDF = pdfs.written(pdfs.report())


@pytest.fixture(scope="module")
def patient(clinic: Clinic) -> Phone:
    """Somebody with a report in the vault."""
    phone = clinic.phone()
    file_pdf(phone, PDF)
    return phone


@pytest.fixture
def installed_again(operator: InstalledOperator) -> Iterator[InstalledOperator]:
    """The operator, which is installed as it was at the end."""
    yield operator
    operator.install()


def gets_the_report_back(patient: Phone) -> bool:
    list_one(patient)
    return patient.download(patient.say("GET 1", "City Hospital")) == PDF


def test_the_release_passes_its_own_test(operator: InstalledOperator) -> None:
    assert "Phase:          Succeeded" in operator.test()


def test_an_upgrade_keeps_data(
    installed_again: InstalledOperator, clinic: Clinic, patient: Phone, figures: Callable[..., None]
) -> None:
    began = time.monotonic()
    installed_again.install("--set", "logs.level=debug", "--set", "commonLabels.team=platform")
    figures(upgrade_s=round(time.monotonic() - began, 1))
    clinic.vault.until(clinic.vault.settled, seconds=IN_PLACE, what="the vault in place")
    assert gets_the_report_back(patient)


def test_an_operator_that_is_confined_to_the_clinic_goes_on_there(
    installed_again: InstalledOperator, clinic: Clinic, figures: Callable[..., None]
) -> None:
    named = f"watch.namespaces={{{clinic.kubectl.namespace}}}"
    installed_again.install("--set", "rbac.scope=namespace", "--set", named)
    wait_until(installed_again.holder, seconds=60, what="a leader")
    name = f"{clinic.vault.name}-api"
    clinic.kubectl.run("delete", "service", name)
    began = time.monotonic()
    wait_until(
        lambda: get(clinic.kubectl, "service", name),
        seconds=60, what="the API's Service put back", every=LOOK,
    )  # fmt: skip
    figures(back_s=round(time.monotonic() - began, 1))
    with pytest.raises(RefusedError, match="not found"):
        clinic.kubectl.run("get", "clusterrole", "medvault-operator")


def test_an_uninstallation_keeps_the_vault_serving(
    installed_again: InstalledOperator, clinic: Clinic, patient: Phone, figures: Callable[..., None]
) -> None:
    before = {pod["metadata"]["uid"] for pod in listed(clinic.kubectl, "pods")}
    began = time.monotonic()
    installed_again.uninstall()
    figures(uninstall_s=round(time.monotonic() - began, 1))
    assert gets_the_report_back(patient)
    assert {pod["metadata"]["uid"] for pod in listed(clinic.kubectl, "pods")} == before
    wait_until(lambda: not installed_again.pods(), seconds=60, what="the operator's end")


def test_a_vault_that_is_deleted_and_applied_again_has_all_reports(
    operator: InstalledOperator,
    clinic: Clinic,
    patient: Phone,
    say: Say,
    figures: Callable[..., None],
) -> None:
    clinic.vault.delete()
    clinic.kubectl.run(
        "wait", "--for=delete", "pods", "-l", f"app.kubernetes.io/instance={clinic.vault.name}",
        "--timeout=180s", seconds=190,
    )  # fmt: skip
    kept = {one["kind"] for one in listed(clinic.kubectl, "persistentvolumeclaims,secrets")}
    assert kept == {"PersistentVolumeClaim", "Secret"}
    began = time.monotonic()
    clinic.vault.apply(spec(operator.services))
    wait_telling(clinic.vault, say, seconds=IN_PLACE)
    figures(again_s=round(time.monotonic() - began, 1))
    assert gets_the_report_back(patient)
