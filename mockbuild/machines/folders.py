"""Putting files into a folder, listing and removing it, without ever leaving it.

What is in the folder may be hostile: symbolic links are never followed, whoever made them.
"""

import contextlib
import os
import posixpath
import shutil
import stat
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from mockbuild.machines.base import File, MachineError


def parts(path: str) -> list[str]:
    """Return the parts of a relative path.

    :raises MachineError: it is absolute, empty, or has ``..`` or a NUL character in it.
    """
    found = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or not found or ".." in found or "\0" in path:
        raise MachineError(f"{path!r} is not a path below the folder: make it relative, without ..")
    return found


def absolute(path: str) -> list[str]:
    """Return the parts of an absolute path; none for ``/`` itself.

    :raises MachineError: it is relative, or has ``..`` or a NUL character in it.
    """
    if not path.startswith("/"):
        raise MachineError(f"{path!r} is not an absolute path")
    path = posixpath.normpath("/" + path.lstrip("/")) if ".." not in path.split("/") else path
    return parts(path[1:]) if path != "/" else []


def write(root: str, folder: list[str], files: Iterable[File]) -> Iterator[File]:
    """Write *files* below a folder below *root*; yield each when it is there.

    An existing file or link gives way; an existing folder does not.

    :raises MachineError: a path leads out of the folder, by its text or through a link, or
        cannot be written.
    """
    with _opened(root, folder) as base:
        for file in files:
            *above, name = parts(file.path)
            try:
                with _opened(".", above, base) as place:
                    _write(place, name, file)
            except OSError as error:
                raise MachineError(f"cannot write {file.path}: {error.strerror}") from error
            yield file


@contextlib.contextmanager
def _opened(start: str, below: list[str], base: int | None = None) -> Iterator[int]:
    """Open a folder part by part, making what is missing; a link on the way is an error."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
    place = os.open(start, flags, dir_fd=base)
    try:
        for part in below:
            with contextlib.suppress(FileExistsError):
                os.mkdir(part, dir_fd=place)
            try:
                deeper = os.open(part, flags, dir_fd=place)
            except OSError as error:
                path = "/".join(below)
                raise MachineError(
                    f"cannot go through {part!r} of {path!r}: it is a link or not a folder"
                ) from error
            os.close(place)
            place = deeper
        yield place
    finally:
        os.close(place)


def _write(place: int, name: str, file: File) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=place)
    if file.link is not None:
        os.symlink(file.link, name, dir_fd=place)
        return
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    descriptor = os.open(name, flags, 0o600, dir_fd=place)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(file.read())
        os.fchmod(descriptor, file.mode & 0o777)


def listing(folder: Path) -> Iterator[File]:
    """Go through the files and links below *folder*, in order of their paths.

    :raises FileNotFoundError: there is no such folder.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder}")
    pending = [_entries(folder, "")]
    while pending:
        entry, path = next(pending[-1], (None, ""))
        if entry is None:
            pending.pop()
        elif entry.is_dir(follow_symlinks=False):
            pending.append(_entries(Path(entry.path), path + "/"))
        else:
            file = _file(entry, path)
            if file is not None:
                yield file


def _entries(folder: Path, above: str) -> Iterator[tuple["os.DirEntry[str]", str]]:
    # A folder sorts as if it had its slash already; then whole paths are in order.
    def key(entry: "os.DirEntry[str]") -> str:
        return entry.name + "/" if entry.is_dir(follow_symlinks=False) else entry.name

    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=key)
    except FileNotFoundError:  # removed meanwhile
        entries = []
    except OSError as error:
        raise MachineError(f"cannot look into {folder}: {error.strerror}") from error
    return ((entry, above + entry.name) for entry in entries)


def _file(entry: "os.DirEntry[str]", path: str) -> File | None:
    try:
        status = entry.stat(follow_symlinks=False)
        mode = stat.S_IMODE(status.st_mode) & 0o777
        if stat.S_ISLNK(status.st_mode):
            return File(path, bytes, mode, str(Path(entry.path).readlink()))
    except FileNotFoundError:  # removed meanwhile
        return None
    if not stat.S_ISREG(status.st_mode):
        return None

    def read(name: str = entry.path) -> bytes:
        try:
            # Not to wait for a writer, should it be a named pipe by now.
            descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as stream:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise MachineError(f"{path} was a file and is none any more")
                return stream.read()
        except OSError as error:
            raise MachineError(f"{path} cannot be read: {error.strerror}") from error

    return File(path, read, mode)


def remove(folder: str) -> None:
    """Remove *folder* and all below it, folders without permissions and very deep ones included.

    :raises MachineError: something could not be removed.
    """
    with contextlib.suppress(OSError, RecursionError):
        shutil.rmtree(folder)
        return
    if not os.path.lexists(folder):
        return
    _unlock(folder)
    # rm copes with any depth.
    subprocess.run(["rm", "-rf", "--", folder], check=False, stderr=subprocess.DEVNULL)  # noqa: S603, S607
    if os.path.lexists(folder):
        raise MachineError(f"cannot remove all of {folder}; remove it yourself (as root?)")


def _unlock(folder: str) -> None:
    """Give us back the permissions on all folders. Nothing runs in there any more."""
    pending = [folder]
    while pending:
        path = pending.pop()
        with contextlib.suppress(OSError):
            os.chmod(path, 0o700)  # noqa: PTH101 - not through a link
            with os.scandir(path) as scan:
                pending += [e.path for e in scan if e.is_dir(follow_symlinks=False)]
