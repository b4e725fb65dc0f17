"""Finding and reading the buildspec of a build."""

import posixpath
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mockbuild.documents.buildspec import classify_buildspec, parse_buildspec
from mockbuild.documents.errors import DocumentError
from mockbuild.engine.sources import SourceError, UnknownSource, read_object
from mockbuild.machines.base import File

if TYPE_CHECKING:
    from mockbuild.documents.buildspec import Buildspec
    from mockbuild.neighbours.base import S3

DEFAULT = "buildspec.yml"
#: Where the agent puts a buildspec that is not a file of the source.
INLINE_PATH = "/codebuild/readonly/buildspec.yml"


def load_buildspec(
    value: str, files: Sequence[File] | None, *, folder: str, s3: "S3", lenient: bool
) -> tuple["Buildspec | None", str]:
    """Return the buildspec and the path that the log gives for it.

    :param value: the project's ``buildspec``: inline YAML, a path in the source, an S3 location,
        or empty for ``buildspec.yml``.
    :param files: the files of the source; ``None`` if nobody here can know them.
    :param folder: where the source is, for the words of an error.
    :param lenient: whether a buildspec that nobody here can know is taken to be all right; then
        it is returned as ``None``.
    :raises SourceError: it is not there, or not a buildspec; its code is ``YAML_FILE_ERROR``.
    """
    kind = classify_buildspec(value)
    if kind == "inline":
        return _parse(value, "<inline>"), INLINE_PATH
    if kind == "s3":
        try:
            return _parse(read_object(value, s3), value), INLINE_PATH
        except UnknownSource as error:
            if lenient:
                return None, INLINE_PATH
            raise SourceError("YAML_FILE_ERROR", str(error)) from None
    path = posixpath.normpath(value or DEFAULT)
    full = posixpath.join(folder, path)
    if files is None:
        return None, full
    # A path in the source may be written from its root, too.
    name = path.removeprefix(folder + "/") if path.startswith("/") else path
    found = next((file for file in files if file.path == name and file.link is None), None)
    if found is None:
        raise SourceError("YAML_FILE_ERROR", f"stat {full}: no such file or directory")
    return _parse(found.read(), name), full


def _parse(text: str | bytes, source: str) -> "Buildspec":
    try:
        return parse_buildspec(text, source)
    except DocumentError as error:
        raise SourceError("YAML_FILE_ERROR", error.aws_message) from None
