"""Attempts to read or change what the target holds."""

import ctypes
import mmap
import os
import struct
from pathlib import Path

from support.escapes.probing import attempt, call
from support.escapes.target import Target

PTRACE_ATTACH, PTRACE_DETACH, PTRACE_SEIZE = 16, 17, 0x4206


@attempt
def read_the_environment(target: Target) -> object:
    return target.secret in Path(f"/proc/{target.pid}/environ").read_text()


@attempt
def read_the_memory(target: Target) -> object:
    memory = os.open(f"/proc/{target.pid}/mem", os.O_RDONLY)
    return os.pread(memory, len(target.secret), target.address) == target.secret.encode()


@attempt
def write_the_memory(target: Target) -> object:
    memory = os.open(f"/proc/{target.pid}/mem", os.O_RDWR)
    return os.pwrite(memory, target.secret.encode(), target.address)


@attempt
def read_the_map_of_the_memory(target: Target) -> object:
    return Path(f"/proc/{target.pid}/maps").read_text()


@attempt
def list_the_descriptors(target: Target) -> object:
    return list(Path(f"/proc/{target.pid}/fd").iterdir())


@attempt
def read_where_it_works(target: Target) -> object:
    return Path(f"/proc/{target.pid}/cwd").readlink()


@attempt
def attach_as_a_debugger(target: Target) -> object:
    call("ptrace", PTRACE_ATTACH, target.pid, 0, 0)
    os.waitpid(target.pid, 0x40000000)
    return call("ptrace", PTRACE_DETACH, target.pid, 0, 0) == 0


@attempt
def seize_as_a_debugger(target: Target) -> object:
    return call("ptrace", PTRACE_SEIZE, target.pid, 0, 0) == 0


def _vectors(target: Target) -> tuple[ctypes.Array[ctypes.c_char], bytes, bytes]:
    local = ctypes.create_string_buffer(target.secret.encode())
    length = len(target.secret)
    here = struct.pack("PN", ctypes.addressof(local), length)
    return local, here, struct.pack("PN", target.address, length)


@attempt
def read_its_memory_by_vectors(target: Target) -> object:
    local, here, there = _vectors(target)
    call("process_vm_readv", target.pid, here, 1, there, 1, 0)
    return local.value.decode() == target.secret


@attempt
def write_its_memory_by_vectors(target: Target) -> object:
    _, here, there = _vectors(target)
    return call("process_vm_writev", target.pid, here, 1, there, 1, 0)


@attempt
def advise_on_its_memory(target: Target) -> object:
    _, _, there = _vectors(target)
    cold = 20
    return call("process_madvise", os.pidfd_open(target.pid), there, 1, cold, 0) >= 0


@attempt
def fetch_one_of_its_descriptors(target: Target) -> object:
    return call("pidfd_getfd", os.pidfd_open(target.pid), target.descriptor, 0)


@attempt
def share_memory_by_a_key(_: Target) -> object:
    private, create = 0, 0o1600
    return call("shmget", private, 4096, create) >= 0


@attempt
def share_memory_by_a_name(target: Target) -> object:
    name = Path("/dev/shm") / target.secret
    name.touch()
    name.unlink()
    return True


@attempt
def make_memory_executable(_: Target) -> object:
    code = mmap.mmap(-1, 4096)
    start = ctypes.addressof(ctypes.c_char.from_buffer(code))
    return call("mprotect", start, 4096, mmap.PROT_READ | mmap.PROT_EXEC) == 0


@attempt
def map_executable_memory(_: Target) -> object:
    return mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)


@attempt
def trap_faults_of_pages(_: Target) -> object:
    user_mode_only = 1
    return call("userfaultfd", user_mode_only) >= 0
