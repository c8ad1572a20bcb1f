"""Small files, whole or not at all, and folders that are this user's alone."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

from trader247.domain.errors import StorageError, UnsafePermission

TEMPORARY = ".writing"
"""How a file ends that does not count yet."""
_NO_ROOM = "free the disk, then start again"
_NOT_OURS = "check the owner and the mode of the folder: it must be this user's"
_REMEDIES = {
    errno.ENOSPC: _NO_ROOM,
    errno.EDQUOT: _NO_ROOM,
    errno.EROFS: "the disk takes no writes: after a fault the system mounts it so; look at dmesg, "
    "mend it, mount it again",
    errno.EACCES: _NOT_OURS,
    errno.EPERM: _NOT_OURS,
    errno.EFBIG: "this shell or service may write no larger files: ulimit -f, LimitFSIZE=",
}


def free_bytes(folder: Path) -> int | None:
    """The room that is left for us where `folder` is; None where it cannot be told."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    return found.f_bavail * found.f_frsize


def write_atomically(path: Path, content: bytes) -> None:
    """Replace `path` by `content`, synced: after a crash it is the old file or the new one.

    Raises:
        StorageError: the disk did not take it; the old file stands.
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}{TEMPORARY}")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        with suppress(FileNotFoundError):
            temporary.unlink()
        descriptor = os.open(temporary, flags, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        sync_folder(path.parent)
    except OSError as error:
        raise StorageError(
            f"{path} could not be written: {error.strerror or error}",
            hint=remedy(error),
        ) from error


def remedy(error: OSError) -> str:
    """What a person does about a disk that does not take a file.

    Never another folder: that would be another book, and nobody would watch what this one holds.
    """
    return _REMEDIES.get(error.errno or 0, "check the disk, and the folder's owner and mode")


def read_small(path: Path, *, bytes_max: int) -> bytes:
    """A plain file's content, if it is small; never waits, whatever stands in the file's place.

    Raises:
        OSError: there is none, it is no plain file, or it is larger.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > bytes_max:
            raise OSError(errno.EFBIG, "it is no small plain file", str(path))
        return os.read(descriptor, bytes_max)
    finally:
        os.close(descriptor)


def read_secret(path: Path, *, bytes_max: int, is_from_root: bool = False) -> bytes:
    """The content of a file that is this user's alone, opened once and judged as opened.

    `is_from_root` is for a folder in which the service manager lays secrets down: there the owner
    may be root, and its access list shows as read permission of the group.

    Raises:
        FileNotFoundError: there is none.
        UnsafePermission: it, or its folder, is open to others; or it is no small plain file.
        OSError: it cannot be read.
    """
    owners = {os.geteuid(), 0} if is_from_root else {os.geteuid()}
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _expect_closed(path.parent, os.fstat(folder).st_mode)
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            descriptor = os.open(path.name, flags, dir_fd=folder)
        except OSError as error:
            if error.errno not in (errno.ELOOP, errno.EMLINK):
                raise
            raise UnsafePermission(
                f"{path} is a symbolic link", hint="name the file itself, not a link to it"
            ) from None
    finally:
        os.close(folder)
    try:
        found = os.fstat(descriptor)
        _expect_private(path, found, owners, 0o037 if is_from_root else 0o077)
        if found.st_size > bytes_max:
            raise UnsafePermission(
                f"{path} has {found.st_size} bytes, a key file has a few hundred",
                hint="name the key file itself",
            )
        return os.read(descriptor, bytes_max)
    finally:
        os.close(descriptor)


def _expect_closed(folder: Path, mode: int) -> None:
    """Raises UnsafePermission: whoever may write to the folder may swap the file."""
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise UnsafePermission(
            f"others may write to {folder}, the folder of the key file "
            f"(mode {stat.S_IMODE(mode):04o})",
            hint=f"move the key file to a folder of your own, or: chmod go-w {folder}",
        )


def _expect_private(path: Path, found: os.stat_result, owners: set[int], mask: int) -> None:
    """Raises UnsafePermission: the opened file is not one user's own, plain file."""
    if not stat.S_ISREG(found.st_mode):
        raise UnsafePermission(f"{path} is no plain file", hint="name the key file itself")
    if found.st_uid not in owners:
        raise UnsafePermission(
            f"{path} belongs to another user (uid {found.st_uid})",
            hint="copy it into a file of your own, and chmod 600 that",
        )
    mode = stat.S_IMODE(found.st_mode)
    if mode & mask:
        raise UnsafePermission(
            f"{path} is open to others (mode {mode:04o})", hint=f"chmod 600 {path}"
        )


def sync_folder(folder: Path) -> None:
    """Make a rename or an unlink in `folder` last."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_stale_temporaries(folder: Path) -> int:
    """Remove what crashed writers left in a folder of ours; how many there were."""
    count = 0
    for path in folder.glob(f"*{TEMPORARY}"):
        with suppress(FileNotFoundError):
            path.unlink()
            count += 1
    return count


def folder_for(path: Path) -> None:
    """Make `path` for this user alone, or take it as it is: what somebody chose stays as open.

    Raises:
        StorageError: it cannot be made, or it is no folder.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"the folder {path} cannot be used: {error.strerror or error}",
            hint="name another one",
        ) from error


def private_folder(path: Path) -> str:
    """Make `path`, or take it as it is, for this user alone.

    Answers a sentence if its mode had to be changed, to be said once; else an empty text.

    Raises:
        UnsafePermission: it is someone else's, or everyone may write to it.
        StorageError: it cannot be made, or it is no folder.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.stat()
    except OSError as error:
        raise StorageError(
            f"the data folder {path} cannot be used: {error.strerror or error}",
            hint="name another folder with --data",
        ) from error
    mode = stat.S_IMODE(found.st_mode)
    if found.st_uid != os.geteuid():
        raise UnsafePermission(
            f"the data folder {path} belongs to another user (uid {found.st_uid})",
            hint="name a folder of your own with --data",
        )
    if mode & stat.S_IWOTH:
        raise UnsafePermission(
            f"everyone may write to the data folder {path} (mode {mode:04o})",
            hint=f"chmod 700 {path}",
        )
    if mode == 0o700:
        return ""
    try:
        path.chmod(0o700)
    except OSError as error:
        raise UnsafePermission(
            f"the data folder {path} is open to others (mode {mode:04o}) and cannot be closed: "
            f"{error.strerror or error}",
            hint=f"chmod 700 {path}",
        ) from error
    return f"{path} was open to others (mode {mode:04o}); it is 0700 now"
