"""Attempts to speak to somebody."""

import socket

from support.escapes.probing import attempt
from support.escapes.target import Target


@attempt
def connect_by_tcp(target: Target) -> object:
    with socket.create_connection(("127.0.0.1", target.port), timeout=1):
        return True


@attempt
def listen_for_tcp(_: Target) -> object:
    with socket.create_server(("127.0.0.1", 0)):
        return True


@attempt
def send_a_datagram(target: Target) -> object:
    with socket.socket(type=socket.SOCK_DGRAM) as sender:
        return sender.sendto(target.secret.encode(), ("127.0.0.1", target.datagrams))


@attempt
def connect_to_a_unix_socket(target: Target) -> object:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(target.socket)
        return True


@attempt
def connect_to_an_abstract_socket(target: Target) -> object:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(target.abstract)
        return True


@attempt
def pair_sockets(_: Target) -> object:
    return socket.socketpair()


@attempt
def ask_the_kernel_for_networks(_: Target) -> object:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as connection:
        connection.bind((0, 0))
        return True


@attempt
def send_raw_packets(_: Target) -> object:
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP):
        return True


@attempt
def have_the_kernel_encrypt(_: Target) -> object:
    with socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET) as connection:
        connection.bind(("hash", "sha256"))
        return True
