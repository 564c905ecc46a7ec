"""Attempts to start processes, and to lay hands on others."""

import ctypes
import fcntl
import os
import resource
import signal
import struct
from pathlib import Path

from support.escapes.probing import attempt, call, childless
from support.escapes.target import Target

HARMLESS = signal.SIGURG
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


@attempt
def become_a_shell(_: Target) -> object:
    return os.execv("/bin/sh", ["sh", "-c", "exit 77"])


@attempt
def become_a_program_in_memory(_: Target) -> object:
    program = os.memfd_create("program")
    os.write(program, Path("/bin/sh").read_bytes())
    words = (ctypes.c_char_p * 4)(b"sh", b"-c", b"exit 77", None)
    empty_path = 0x1000
    return call("execveat", program, b"", ctypes.addressof(words), 0, empty_path)


@attempt
def fork(_: Target) -> object:
    return childless(os.fork() or os._exit(0))


@attempt
def spawn(_: Target) -> object:
    return childless(os.posix_spawn("/bin/true", ["true"], {}))


@attempt
def clone_a_process(_: Target) -> object:
    return childless(call("clone", signal.SIGCHLD, 0, 0, 0, 0) or os._exit(0))


@attempt
def clone_a_process_by_the_newer_call(_: Target) -> object:
    arguments = struct.pack("=8Q", 0, 0, 0, 0, signal.SIGCHLD, 0, 0, 0)
    return childless(call("clone3", arguments, len(arguments)) or os._exit(0))


@attempt
def outlive_its_session(_: Target) -> object:
    first = os.fork()
    if first == 0:
        os.setsid()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(first, 0)[1]) == 0


@attempt
def end_the_target(target: Target) -> object:
    os.kill(target.pid, HARMLESS)
    return True


@attempt
def end_its_group(target: Target) -> object:
    os.killpg(os.getpgid(target.pid), HARMLESS)
    return True


@attempt
def end_its_thread(target: Target) -> object:
    return call("tgkill", target.pid, target.pid, HARMLESS) == 0


@attempt
def queue_a_signal(target: Target) -> object:
    return call("sigqueue", target.pid, HARMLESS, 0) == 0


@attempt
def signal_through_a_descriptor(target: Target) -> object:
    signal.pidfd_send_signal(os.pidfd_open(target.pid), HARMLESS)
    return True


@attempt
def have_the_kernel_signal_it(target: Target) -> object:
    fcntl.fcntl(1, fcntl.F_SETOWN, target.pid)
    flags = fcntl.fcntl(1, fcntl.F_GETFL)
    fcntl.fcntl(1, fcntl.F_SETFL, flags | os.O_ASYNC)
    fcntl.fcntl(1, fcntl.F_SETFL, flags)
    return True


@attempt
def limit_it(target: Target) -> object:
    return resource.prlimit(target.pid, resource.RLIMIT_CORE, (0, 0))


@attempt
def bind_it_to_a_processor(target: Target) -> object:
    os.sched_setaffinity(target.pid, os.sched_getaffinity(target.pid))
    return True


@attempt
def slow_it_down(target: Target) -> object:
    os.setpriority(os.PRIO_PROCESS, target.pid, 10)
    return True


@attempt
def have_it_end_first_when_memory_is_short(target: Target) -> object:
    return Path(f"/proc/{target.pid}/oom_score_adj").write_text("1000")


@attempt
def become_root(_: Target) -> object:
    os.setuid(0)
    return True


@attempt
def leave_a_core_file(_: Target) -> object:
    resource.setrlimit(resource.RLIMIT_CORE, (1 << 20, 1 << 20))
    return True


@attempt
def own_a_namespace_of_users(_: Target) -> object:
    return call("unshare", CLONE_NEWUSER) == 0


@attempt
def own_a_network(_: Target) -> object:
    return call("unshare", CLONE_NEWUSER | CLONE_NEWNET) == 0


@attempt
def enter_its_namespace(target: Target) -> object:
    return call("setns", os.open(f"/proc/{target.pid}/ns/user", os.O_RDONLY), 0) == 0
