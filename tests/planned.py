"""How often SQLite plans a question that is asked again with another value."""

from __future__ import annotations

from collections.abc import Iterable

import apsw


def plans_made(connection: apsw.Connection, question: str, values: Iterable[int]) -> int:
    """How often it was planned while it was asked with each of the values."""
    codes: list[int] = []

    def asked(code: int, *_: object) -> int:
        codes.append(code)
        return apsw.SQLITE_OK

    connection.authorizer = asked
    for each in values:
        connection.execute(question, (each,)).fetchall()
    connection.authorizer = None
    return codes.count(apsw.SQLITE_SELECT)
