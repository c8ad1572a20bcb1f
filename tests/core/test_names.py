"""A derived name is the UUID that the standard library derives."""

from __future__ import annotations

from uuid import NAMESPACE_OID, NAMESPACE_URL, uuid5

from trader247.domain.ids import derived_name


def test_a_derived_name_is_the_standard_library_s() -> None:
    for namespace in (NAMESPACE_URL, NAMESPACE_OID):
        for number in range(300):
            text = f"made up/order/{number}é"
            assert derived_name(namespace.bytes, text) == str(uuid5(namespace, text))
