"""Which files a build leaves, and where they go: UPLOAD_ARTIFACTS."""

import hashlib
import io
import posixpath
import stat
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wcmatch import glob

from mockbuild.machines.base import File

#: ``*`` stays within a folder, ``**`` does not, and names with a dot in front match too: the
#: documentation's example ``**/.*/**/*`` excludes them by hand.
_GLOB = glob.GLOBSTAR | glob.DOTGLOB | glob.FORCEUNIX
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(slots=True)
class Found:
    """The files that a list of patterns matched.

    :param files: them, by their path in the artifact.
    :param lines: what the log says of it.
    """

    files: dict[str, File]
    lines: list[str]


def has_magic(pattern: str) -> bool:
    """Tell whether *pattern* matches more than itself."""
    return bool(glob.is_magic(pattern, flags=_GLOB))


def base_folders(base: str, files: Iterable[File]) -> list[str]:
    """Return the folders that a base directory with wildcards stands for."""
    parents = {parent for file in files for parent in _parents(file.path)}
    return sorted(path for path in parents if glob.globmatch(path, base, flags=_GLOB))


def _parents(path: str) -> Iterable[str]:
    parts = path.split("/")
    return ("/".join(parts[:count]) for count in range(1, len(parts)))


def find(
    files: Sequence[File],
    patterns: Sequence[str],
    *,
    exclude: Sequence[str] = (),
    discard_paths: bool = False,
    keep_links: bool = False,
) -> Found:
    """Match *files* (paths relative to the base directory) against *patterns*.

    A pattern that matches nothing is skipped and the log says so. With *discard_paths* only the
    names remain; without *keep_links* a link is replaced by the file it points at, if that is in
    the same tree.
    """
    by_path = {file.path: file for file in files}
    found: dict[str, File] = {}
    lines = ["Assembling file list"]
    for pattern in patterns:
        lines.append(f"Expanding {pattern}")
        plain = posixpath.normpath(pattern) if pattern else pattern
        matched = [path for path in by_path if glob.globmatch(path, plain, flags=_GLOB)]
        if not matched:
            lines.append(f"Skipping invalid file path {pattern}")
        for path in matched:
            if any(glob.globmatch(path, out, flags=_GLOB) for out in exclude):
                continue
            file = by_path[path] if keep_links else _followed(by_path, path)
            if file is not None:
                found[posixpath.basename(path) if discard_paths else path] = file
    lines.append(f"Found {len(found)} file(s)")
    return Found(dict(sorted(found.items())), lines)


def _followed(by_path: Mapping[str, File], path: str) -> File | None:
    file: File | None = by_path[path]
    for _ in range(40):  # as many links as Linux follows
        if file is None or file.link is None:
            return file
        target = posixpath.normpath(posixpath.join(posixpath.dirname(file.path), file.link))
        file = by_path.get(target)
    return None


def zipped(files: Mapping[str, File]) -> bytes:
    """Return a zip archive of *files*; its entries start with ``./``, as the service's do."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, file in files.items():
            entry = zipfile.ZipInfo(f"./{path}", _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            if file.link is not None:
                entry.external_attr = (stat.S_IFLNK | 0o777) << 16
                archive.writestr(entry, file.link)
            else:
                entry.external_attr = (stat.S_IFREG | file.mode) << 16
                archive.writestr(entry, file.read())
    return buffer.getvalue()


def hashes(body: bytes) -> dict[str, str]:
    """Return the two sums that the record of a zipped artifact shows."""
    return {
        "md5sum": hashlib.md5(body, usedforsecurity=False).hexdigest(),
        "sha256sum": hashlib.sha256(body).hexdigest(),
    }
