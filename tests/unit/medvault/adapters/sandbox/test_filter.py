"""The filter of calls has the right numbers, on machines that no test runs on as well."""

import ctypes

import pytest

from medvault.adapters.sandbox import calls, seccomp
from medvault.adapters.sandbox.machines import MACHINES
from medvault.domain.errors import Permanent

LIBRARY = "libseccomp.so.2"  # comes with apt and with systemd


@pytest.fixture(scope="module")
def libseccomp() -> ctypes.CDLL:
    library = ctypes.CDLL(LIBRARY)
    library.seccomp_arch_resolve_name.restype = ctypes.c_uint32
    return library


@pytest.mark.parametrize("name", MACHINES)
def test_libseccomp_knows_the_same_numbers(libseccomp: ctypes.CDLL, name: str) -> None:
    machine = MACHINES[name]
    assert libseccomp.seccomp_arch_resolve_name(name.encode()) == machine.audit
    audit = ctypes.c_uint32(machine.audit)
    resolved = {
        call: libseccomp.seccomp_syscall_resolve_name_arch(audit, call.encode())
        for call in machine.numbers
    }
    assert resolved == machine.numbers
    assert min(resolved.values()) >= 0


@pytest.mark.parametrize("name", MACHINES)
def test_every_call_of_the_list_has_a_number(name: str) -> None:
    listed = {*calls.ALWAYS, *calls.UNKNOWN, *calls.CONDITIONS}
    assert listed <= MACHINES[name].numbers.keys()
    assert len(seccomp.program(MACHINES[name])) < 4096  # BPF_MAXINSNS


def test_a_machine_whose_numbers_nobody_knows_examines_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(seccomp, "this_machine", lambda: None)
    with pytest.raises(Permanent, match="x86_64 and aarch64 only"):
        seccomp.require()
    with pytest.raises(Permanent):
        seccomp.restrict()
