"""Fetching a build's source: what AWS's agent does in DOWNLOAD_SOURCE."""

import io
import stat
import zipfile
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from mockbuild.domain.arns import bucket_and_key
from mockbuild.machines.base import File
from mockbuild.neighbours.base import S3, NeighbourError

#: A source larger than this, unpacked, is taken for a decompression bomb.
MAX_BYTES = 10 * 2**30
MAX_FILES = 500_000


class SourceError(Exception):
    """The source cannot be had; the build ends in DOWNLOAD_SOURCE.

    :param status_code: the phase context's code.
    :param message: the phase context's message.
    """

    def __init__(self, status_code: str, message: str) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.message = message


class UnknownSource(Exception):
    """Nothing here knows what is at this location."""


def fetch(
    source: Mapping[str, Any], version: str | None, s3: S3, folders: Mapping[str, str]
) -> list[File]:
    """Return the files of *source*.

    :param source: a ``ProjectSource``.
    :param version: the S3 version asked for, if any.
    :param folders: patterns of locations to local folders that stand for them.
    :raises SourceError: it cannot be had.
    :raises UnknownSource: its bucket is not known here, or it lives on the internet.
    """
    location: str = source.get("location", "")
    for pattern, folder in folders.items():
        if location and (location == pattern or fnmatchcase(location, pattern)):
            return list(folder_files(Path(folder)))
    if source["type"] == "NO_SOURCE":
        return []
    if source["type"] != "S3":
        raise UnknownSource(
            f"no source at hand for {location or source['type']}; say where it is with the "
            f'setting sources={{"{location or source["type"]}": "/path/to/folder"}}'
        )
    return _from_s3(location, version, s3)


def read_object(location: str, s3: S3, version: str | None = None) -> bytes:
    """Return the object at ``bucket/key``, ``s3://…`` or an S3 ARN.

    :raises SourceError: there is none, worded as builds word it (their recorded texts end in the
        SDK's status code and request ids; that ending is left out here).
    :raises UnknownSource: its bucket is not known here.
    """
    bucket, key = _location(location)
    if not s3.has_bucket(bucket):
        raise UnknownSource(f"there is no bucket {bucket}")
    try:
        return s3.get(bucket, key, version).body
    except NeighbourError as error:
        raise SourceError("CLIENT_ERROR", f"{error.code}: {error.message}") from None


def _location(location: str) -> tuple[str, str]:
    try:
        return bucket_and_key(location)
    except ValueError:
        raise SourceError("CLIENT_ERROR", f"Invalid S3 source location: {location}") from None


def _from_s3(location: str, version: str | None, s3: S3) -> list[File]:
    bucket, key = _location(location)
    if key and not key.endswith("/"):
        return unzip(read_object(location, s3, version))
    if not s3.has_bucket(bucket):
        raise UnknownSource(f"there is no bucket {bucket}")
    keys = [name for name in s3.list(bucket, key) if not name.endswith("/")]
    files = [
        File(name.removeprefix(key), _reader(s3, bucket, name))
        for name in keys
        if _is_tame(name.removeprefix(key))
    ]
    if not files:
        # A guess: an empty prefix is answered as a missing object is.
        raise SourceError("CLIENT_ERROR", "NoSuchKey: The specified key does not exist.")
    return files


def _reader(s3: S3, bucket: str, key: str) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            return s3.get(bucket, key).body
        except NeighbourError as error:
            raise SourceError("CLIENT_ERROR", f"{error.code}: {error.message}") from None

    return read


def unzip(body: bytes) -> list[File]:
    """Return what a zip archive holds, refusing what reaches outside it.

    :raises SourceError: it is no zip archive, or a hostile one. The first message is the one of
        the Go library the agent is written with, a guess.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(body))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        raise SourceError("CLIENT_ERROR", "zip: not a valid zip file") from None
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MAX_FILES or sum(entry.file_size for entry in entries) > MAX_BYTES:
        raise SourceError("CLIENT_ERROR", "the source archive is too large when unpacked")
    return [_zip_file(archive, entry) for entry in entries]


def _zip_file(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> File:
    name = str(PurePosixPath(entry.filename.replace("\\", "/")))
    if not _is_tame(name):
        raise SourceError("CLIENT_ERROR", f"zip: insecure file path {entry.filename!r}")

    def read() -> bytes:
        try:
            with archive.open(entry) as stream:
                # One byte more than promised shows a header that lies about the size.
                content = stream.read(entry.file_size + 1)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
            raise SourceError("CLIENT_ERROR", f"zip: {error}") from None
        except Exception as error:  # zlib.error and its kin share no root
            raise SourceError("CLIENT_ERROR", f"zip: {entry.filename}: {error}") from None
        if len(content) > entry.file_size:
            raise SourceError("CLIENT_ERROR", f"zip: {entry.filename} is larger than it says")
        return content

    mode = entry.external_attr >> 16
    if stat.S_ISLNK(mode):
        return File(name, bytes, 0o777, link=read().decode("utf-8", "surrogateescape"))
    return File(name, read, (mode & 0o777) or 0o644)


def folder_files(folder: Path) -> Iterator[File]:
    """Go through the files and links of a local folder, leaving out ``.git``.

    :raises SourceError: there is no such folder.
    """
    if not folder.is_dir():
        raise SourceError("CLIENT_ERROR", f"there is no folder {folder}")
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name.split("/", 1)[0] == ".git":
            continue
        if path.is_symlink():
            yield File(name, bytes, 0o777, link=str(path.readlink()))
        elif path.is_file():
            yield File(name, path.read_bytes, path.stat().st_mode & 0o777)


def _is_tame(name: str) -> bool:
    return bool(name) and not name.startswith("/") and ".." not in name.split("/")
