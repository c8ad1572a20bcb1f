from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from tests.adapters.coinbase.tls import Certificate, Server, Talk, certificate_in


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate_in(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def serve(certificate: Certificate) -> Iterator[Callable[[Talk], Server]]:
    servers: list[Server] = []

    def start(talk: Talk) -> Server:
        servers.append(Server(certificate, talk))
        return servers[-1]

    yield start
    for server in servers:
        server.close()
