"""Attempts on files and on rarer parts of the kernel."""

import ctypes
import os
import struct
import termios
from fcntl import ioctl
from pathlib import Path

from support.escapes.probing import attempt, call, libc
from support.escapes.target import Target

AT_FDCWD = -100


@attempt
def read_a_secret_file(target: Target) -> object:
    return target.file.read_text() == target.secret


@attempt
def list_the_secrets(target: Target) -> object:
    return target.file in Path(target.folder).iterdir()


@attempt
def read_who_has_an_account(_: Target) -> object:
    return Path("/etc/passwd").read_text()


@attempt
def see_whether_a_file_exists(target: Target) -> object:
    return target.file.stat()


@attempt
def see_it_as_if_it_were_a_descriptor(target: Target) -> object:
    empty_path = 0x1000
    room = ctypes.create_string_buffer(512)
    return libc.fstatat(AT_FDCWD, bytes(target.file), room, empty_path) == 0


@attempt
def open_a_file_by_its_handle(target: Target) -> object:
    handle = struct.pack("Ii128x", 128, 0)
    room, mount = ctypes.create_string_buffer(handle), ctypes.create_string_buffer(4)
    if libc.name_to_handle_at(AT_FDCWD, bytes(target.file), room, mount, 0) != 0:
        raise OSError(ctypes.get_errno(), "no handle")
    return libc.open_by_handle_at(AT_FDCWD, room, os.O_RDONLY) >= 0


@attempt
def write_a_file(target: Target) -> object:
    return Path("/tmp", target.secret).write_text("was here")


@attempt
def make_a_directory(target: Target) -> object:
    Path(target.folder, "directory").mkdir()
    return True


@attempt
def rename_a_file(target: Target) -> object:
    return target.file.rename(target.file).exists()


@attempt
def link_to_a_file(target: Target) -> object:
    Path(target.folder, "symlink").symlink_to("secret")
    return True


@attempt
def link_a_file_again(target: Target) -> object:
    Path(target.folder, "link").hardlink_to(target.file)
    return True


@attempt
def make_a_pipe_with_a_name(target: Target) -> object:
    os.mkfifo(f"{target.folder}/pipe")
    return True


@attempt
def change_who_may_read(target: Target) -> object:
    target.file.chmod(0o644)
    return True


@attempt
def cut_a_file(target: Target) -> object:
    os.truncate(f"{target.folder}/spare", 9)
    return True


@attempt
def remove_a_file(target: Target) -> object:
    Path(target.folder, "spare").unlink()
    return True


@attempt
def mount_a_file_system(target: Target) -> object:
    return call("mount", b"none", target.folder.encode(), b"tmpfs", 0, None) == 0


@attempt
def watch_files(_: Target) -> object:
    return call("inotify_init1", 0) >= 0


@attempt
def watch_all_files(_: Target) -> object:
    return call("fanotify_init", 0x200, 0) >= 0


@attempt
def type_into_a_terminal(_: Target) -> object:
    ioctl(1, termios.TIOCSTI, b"x")
    return True


@attempt
def ask_a_socket_through_ioctl(_: Target) -> object:
    return ioctl(1, termios.FIONREAD, bytes(4))


@attempt
def queue_calls_in_a_ring(_: Target) -> object:
    return call("io_uring_setup", 4, ctypes.create_string_buffer(120).raw) >= 0


@attempt
def use_the_kernels_keys(_: Target) -> object:
    get_keyring_id, session = 0, -3
    return call("keyctl", get_keyring_id, session, 1)


@attempt
def load_a_program_into_the_kernel(_: Target) -> object:
    map_create = 0
    return call("bpf", map_create, struct.pack("IIII", 2, 4, 8, 1), 16) >= 0


@attempt
def count_what_the_processor_does(_: Target) -> object:
    software, task_clock = struct.pack("IIQ", 1, 120, 1), 0
    return call("perf_event_open", software + bytes(104), task_clock, -1, -1, 0) >= 0
