"""One live trader an account and user: a lock outside the data folder, which another folder shares.

Two data folders on one account would each take the other's orders for breaks. The guard keeps two
traders out of one folder; this keeps two folders off one account.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, SoftFileLock, Timeout

from trader247.adapters.files import private_folder
from trader247.app.books.modes import Mode
from trader247.app.running.traders import running, state_folder
from trader247.domain.errors import AlreadyRunning, StorageError

_ODD = re.compile(r"[^A-Za-z0-9-]")


@contextmanager
def account_lock(account: str) -> Iterator[None]:
    """Hold the lock of an account while the context lasts.

    Raises:
        AlreadyRunning: another live trader of this user has it.
        StorageError, UnsafePermission: it cannot be had; without it nothing is sent.
    """
    folder = state_folder() / "accounts"
    path = folder / f"{_ODD.sub('_', account)}.lock"
    try:
        private_folder(folder)
        lock = FileLock(path, timeout=0, mode=0o600)
        lock.acquire()
    except Timeout:
        others = ", ".join(
            f"{each.holder} in {each.data}"
            for each in running()
            # Whoever is refused here is listed by now, too.
            if each.holder.pid != os.getpid() and each.holder.book.startswith(f"{Mode.LIVE.slug}-")
        )
        raise AlreadyRunning(
            f"another live trader of this user trades account {account}: {others or 'see ps'}",
            hint="one account, one trader: end it first, or give this one a portfolio of its own",
        ) from None
    except OSError as error:
        raise StorageError(
            f"{path} cannot be locked: {error.strerror or error}",
            hint="XDG_STATE_HOME names another folder for what belongs to the user",
        ) from error
    try:
        if isinstance(lock, SoftFileLock):
            raise StorageError(
                f"{folder} has no file locks that end with their process",
                hint="put XDG_STATE_HOME on a local disk",
            )
        yield
    finally:
        lock.release()
