from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from trader247.simex.door.authority import is_still_good, issue

NOW = datetime(2026, 1, 5, tzinfo=UTC)


def test_the_authority_vouches_for_loopback_and_nothing_else() -> None:
    made = issue(NOW)
    authority = x509.load_pem_x509_certificate(made.authority)
    server = x509.load_pem_x509_certificate(made.server)
    server.verify_directly_issued_by(authority)
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == [
        "127.0.0.1",
        "::1",
    ]


def test_the_server_cannot_vouch_for_anyone() -> None:
    server = x509.load_pem_x509_certificate(issue(NOW).server)
    constraints = server.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert not constraints.ca


def test_a_certificate_is_renewed_a_month_before_its_end() -> None:
    server = issue(NOW).server
    assert is_still_good(server, NOW)
    assert is_still_good(server, NOW + timedelta(days=366))
    assert not is_still_good(server, NOW + timedelta(days=368))
    assert not is_still_good(server, NOW - timedelta(days=1))


def test_what_is_no_certificate_is_said_to_be_none() -> None:
    with pytest.raises(ValueError, match=r"."):
        is_still_good(b"nothing", NOW)
