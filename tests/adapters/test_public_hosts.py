from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from trader247.adapters import public_hosts
from trader247.adapters.public_hosts import PrivateHost, is_public, public_only

PUBLIC = "93.184.216.34"


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the name server answers."""
    table: dict[str, str] = {}

    def look_up(host: str, *_: Any, **__: Any) -> list[Any]:
        address = table.get(host, host)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, 443))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(public_hosts, "_look_up", look_up)
    return table


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "2002:0a00:0001::",
        "64:ff9b::a00:1",
    ],
)
def test_an_address_of_a_private_network_is_refused_in_each_disguise(
    address: str, names: dict[str, str]
) -> None:
    assert not is_public(address)
    names["hook.example"] = address
    with public_only(), pytest.raises(PrivateHost):
        socket.getaddrinfo("hook.example", 443)


@pytest.mark.parametrize("address", [PUBLIC, "2606:4700::1111", "64:ff9b::5db8:d822"])
def test_a_public_address_is_given(address: str, names: dict[str, str]) -> None:
    names["hook.example"] = address
    with public_only():
        assert socket.getaddrinfo("hook.example", 443)[0][4][0] == address


def test_a_name_that_changes_its_mind_is_caught_at_the_second_look(names: dict[str, str]) -> None:
    names["hook.example"] = PUBLIC
    with public_only():
        socket.getaddrinfo("hook.example", 443)
        names["hook.example"] = "127.0.0.1"
        with pytest.raises(PrivateHost):
            socket.getaddrinfo("hook.example", 443)


def test_outside_and_in_other_threads_nothing_changes(names: dict[str, str]) -> None:
    names["local.example"] = "127.0.0.1"
    found: list[Any] = []
    with public_only():
        other = threading.Thread(
            target=lambda: found.extend(socket.getaddrinfo("local.example", 443))
        )
        other.start()
        other.join()
    assert len(found) == 1
    assert socket.getaddrinfo("local.example", 443)


def test_where_private_hosts_are_allowed_nothing_is_refused(names: dict[str, str]) -> None:
    names["local.example"] = "127.0.0.1"
    with public_only(is_needed=False):
        assert socket.getaddrinfo("local.example", 443)
