"""Who works on a folder, and what halts its books: as text of 80 columns and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from trader247.cli.exits import ExitCode
from trader247.cli.figures import to_the_second
from trader247.cli.output import emit_json, show
from trader247.domain.lines import fitted

if TYPE_CHECKING:
    from trader247.app.killing.halted import HaltedBook
    from trader247.app.people.asking import Answered

WIDTH = 80


class Process(Protocol):
    """What the screen says of a process."""

    @property
    def pid(self) -> int: ...
    @property
    def host(self) -> str: ...
    @property
    def command(self) -> str: ...
    @property
    def since(self) -> str: ...
    @property
    def book(self) -> str: ...


def tell(text: str, *, indent: str = "", to: Callable[[str], None] = show) -> None:
    """Show a sentence, broken at words to 80 columns; a path or a command stays whole."""
    for line in fitted(text, WIDTH, indent=indent, hanging=indent):
        to(line)


def tell_holder(holder: Process) -> None:
    """Show who a process is."""
    book = f" on {holder.book}" if holder.book else ""
    since = to_the_second(holder.since)
    tell(f"process {holder.pid}{book}, host {holder.host}, since {since}", indent="  ")
    tell(holder.command, indent="  ")


def tell_halts(books: Sequence[HaltedBook]) -> None:
    """Show what halts each book, or that nothing does."""
    for book in books:
        if book.trouble:
            tell(f"{book.book}: UNKNOWN: {book.trouble}")
            continue
        if not book.halts:
            show(f"{book.book}: no halt is latched")
        for halt in book.halts:
            tell(f"{book.book}: HALT {halt.name}, since {to_the_second(str(halt.since))}")
            tell(f"cause:  {halt.cause}", indent="  ")
            tell(f"clears: {halt.clears}", indent="  ")


def tell_answers(answers: Sequence[Answered]) -> None:
    """Show what became of a request in each book, and who did it."""
    for answer in answers:
        book = f"{answer.book}: " if answer.book else ""
        tell(f"{book}{to_the_second(answer.text)}")
        if answer.trader is not None:
            show(f"  said the running trader, process {answer.trader.pid}")


def holder_body(holder: Process | None) -> Mapping[str, object] | None:
    """A process in JSON."""
    if holder is None:
        return None
    return {
        "pid": holder.pid,
        "host": holder.host,
        "command": holder.command,
        "since": holder.since,
        "book": holder.book or None,
    }


def books_body(books: Sequence[HaltedBook]) -> list[Mapping[str, object]]:
    """The books and their halts in JSON; `halts` is null where they cannot be read."""
    return [
        {
            "book": book.book,
            "halts": None
            if book.trouble
            else [
                {
                    "name": halt.name,
                    "cause": halt.cause,
                    "since": halt.since,
                    "clears": halt.clears,
                }
                for halt in book.halts
            ],
            "trouble": book.trouble or None,
        }
        for book in books
    ]


def answers_body(answers: Sequence[Answered]) -> Mapping[str, object]:
    """What became of a request, in JSON."""
    return {
        "done": all(answer.is_done for answer in answers),
        "answers": [
            {
                "book": answer.book or None,
                "trader": holder_body(answer.trader),
                "done": answer.is_done,
                "text": answer.text,
            }
            for answer in answers
        ],
    }


def answered(answers: Sequence[Answered], *, as_json: bool) -> ExitCode:
    """Show what became of a request, and say how its command ends: 1 where it was not done."""
    if as_json:
        emit_json(answers_body(answers))
    else:
        tell_answers(answers)
    return ExitCode.DONE if all(each.is_done for each in answers) else ExitCode.REFUSED
