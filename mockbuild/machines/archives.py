"""Files as tar archives, which is how they go into and out of a container."""

import io
import tarfile
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from typing import IO

from mockbuild.machines.base import File, MachineError
from mockbuild.machines.folders import parts


class Spool:
    """A temporary file without a name, there for as long as somebody refers to this object."""

    def __init__(self) -> None:
        self.file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the finalizer
        weakref.finalize(self, self.file.close)


def pack(files: Iterable[File], changed: float) -> tuple[Spool, list[str]]:
    """Write *files* into an archive, and return it with the paths of these files.

    :param changed: what the archive says about when the files were last changed.
    :raises MachineError: a path leads out of the folder, by its text or through one of the links.
    """
    spool = Spool()
    paths: list[str] = []
    links: set[str] = set()
    with tarfile.open(fileobj=spool.file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for file in files:
            path = "/".join(parts(file.path))
            if not links.isdisjoint(above(path)):
                raise MachineError(f"cannot write {path}: it is below a link")
            archive.addfile(*_member(file, path, changed, links))
            paths.append(path)
    spool.file.seek(0)
    return spool, paths


def above(path: str) -> list[str]:
    """Return the folders a relative path goes through, outermost first."""
    names = path.split("/")
    return ["/".join(names[:count]) for count in range(1, len(names))]


def _member(
    file: File, path: str, changed: float, links: set[str]
) -> tuple[tarfile.TarInfo, IO[bytes] | None]:
    member = tarfile.TarInfo(path)
    member.mtime = int(changed)
    member.mode = file.mode & 0o777
    if file.link is not None:
        links.add(path)
        member.type = tarfile.SYMTYPE
        member.linkname = file.link
        return member, None
    links.discard(path)
    content = file.read()
    member.size = len(content)
    return member, io.BytesIO(content)


def unpack(spool: Spool) -> Iterator[File]:
    """Go through the files and links in an archive, in order of their paths.

    Hard links become files of their own; devices, pipes and folders are left out.

    :raises MachineError: the archive is damaged, or has names that lead out of its folder.
    """
    found: dict[str, tarfile.TarInfo] = {}
    try:
        archive = tarfile.open(fileobj=spool.file, mode="r:")  # noqa: SIM115 - read from later
        for member in archive:
            if member.name.strip("./") == "" and member.isdir():
                continue
            path = "/".join(parts(member.name))
            if member.islnk():
                target = found.get("/".join(parts(member.linkname)))
                if target is None:
                    raise MachineError(f"{path} is a hard link to something that is not there")
                found[path] = target
            elif member.isreg() or member.issym():
                found[path] = member
    except (tarfile.TarError, OSError, ValueError, EOFError) as error:
        raise MachineError(f"the archive of the files is damaged: {error}") from error
    for path in sorted(found):
        yield _file(archive, spool, path, found[path])


def _file(archive: tarfile.TarFile, spool: Spool, path: str, member: tarfile.TarInfo) -> File:
    if member.issym():
        return File(path, bytes, member.mode & 0o777, member.linkname)

    def read(_: Spool = spool) -> bytes:  # keeps the archive's file open
        try:
            content = archive.extractfile(member)
            return content.read() if content is not None else b""
        except (tarfile.TarError, OSError) as error:
            raise MachineError(f"{path} cannot be read: {error}") from error

    return File(path, read, member.mode & 0o777)
