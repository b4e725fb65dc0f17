"""A buildspec's ``artifacts``, ``reports`` and ``cache``: what a build leaves behind."""

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from mockbuild.documents.errors import Problems, shown
from mockbuild.documents.fields import Fields, did_you_mean
from mockbuild.documents.yaml_text import List, Scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

TEST_FORMATS = (
    "CUCUMBERJSON", "JUNITXML", "NUNITXML", "NUNIT3XML", "TESTNGXML", "VISUALSTUDIOTRX",
)  # fmt: skip
COVERAGE_FORMATS = ("CLOVERXML", "COBERTURAXML", "JACOCOXML", "SIMPLECOV")
MAX_REPORT_GROUPS = 5
MAX_FALLBACK_KEYS = 5


@dataclass(frozen=True, slots=True)
class Artifacts:
    """One set of files to upload.

    :param identifier: the artifact's identifier; ``""`` for the primary one.
    :param files: globs below the base directory.
    :param name: name with shell expressions, used when the project says so.
    :param base_directory: a directory or a glob of directories; ``None`` for the source's.
    :param exclude_paths: globs of what to leave out.
    :param discard_paths: whether to keep only the files' own names.
    :param enable_symlinks: whether a ZIP keeps links inside it.
    :param s3_prefix: prefix before the build id.
    :param type: version 0.1's ``type``.
    :param secondary: secondary artifacts by identifier; only the primary one has them.
    :param line: line of the key, counted from 1.
    :param column: column of the key, counted from 1.
    """

    identifier: str
    files: tuple[Scalar, ...]
    name: Scalar | None
    base_directory: Scalar | None
    exclude_paths: tuple[Scalar, ...]
    discard_paths: bool
    enable_symlinks: bool
    s3_prefix: Scalar | None
    type: Scalar | None
    line: int
    column: int
    secondary: "Mapping[str, Artifacts]" = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Report:
    """One group of report files.

    :param group: name of the report group without the project's, or its ARN; may hold ``$VAR``.
    :param files: globs below the base directory.
    :param file_format: in upper case, one of the names in AWS's table.
    :param base_directory: where the globs start, or ``None`` for the source directory.
    :param discard_paths: whether exported files keep only their own names.
    """

    group: Scalar
    files: tuple[Scalar, ...]
    file_format: str
    base_directory: Scalar | None
    discard_paths: bool

    @property
    def is_coverage(self) -> bool:
        """Whether the format is one of code coverage."""
        return self.file_format in COVERAGE_FORMATS


@dataclass(frozen=True, slots=True)
class Cache:
    """What to keep between builds.

    :param paths: globs; empty lets CodeBuild look for the usual directories.
    :param key: the cache's key with shell expressions, or ``None``.
    :param fallback_keys: prefixes to look for when no cache has the key.
    :param action: ``restore`` or ``save`` for only that, ``None`` for both.
    :param line: line of the key, counted from 1.
    :param column: column of the key, counted from 1.
    """

    paths: tuple[Scalar, ...]
    key: Scalar | None
    fallback_keys: tuple[Scalar, ...]
    action: Literal["restore", "save"] | None
    line: int
    column: int


def read_artifacts(fields: Fields | None, version: str, problems: Problems) -> Artifacts | None:
    """Read ``artifacts`` with its secondary artifacts."""
    if fields is None:
        return None
    parts = fields.fields("secondary-artifacts")
    secondary = {
        key.text: _read_artifacts(key.text, part, version, problems, {})
        for key, part in (parts.each() if parts else ())
    }
    return _read_artifacts("", fields, version, problems, secondary)


def _read_artifacts(
    identifier: str,
    fields: Fields,
    version: str,
    problems: Problems,
    secondary: dict[str, Artifacts],
) -> Artifacts:
    artifacts = Artifacts(
        identifier=identifier,
        files=fields.texts("files"),
        name=fields.text("name"),
        base_directory=fields.text("base-directory"),
        exclude_paths=fields.texts("exclude-paths"),
        discard_paths=fields.flag("discard-paths"),
        enable_symlinks=fields.flag("enable-symlinks"),
        s3_prefix=fields.text("s3-prefix"),
        type=fields.text("type") if version == "0.1" else None,
        line=fields.at.line,
        column=fields.at.column,
        secondary=MappingProxyType(secondary),
    )
    if fields.value("files") is None:
        missing = f"{fields.path('files')} is missing; name the files to upload"
        if secondary:
            # AWS documents files as required even so; pipelines that leave it out are about.
            problems.warning(fields.at, missing)
        else:
            problems.error(fields.at, missing)
    fields.warn_unknown()
    return artifacts


def read_reports(fields: Fields | None, problems: Problems) -> tuple[Report, ...]:
    """Read ``reports``."""
    if fields is None:
        return ()
    reports = tuple(_read_report(key, part, problems) for key, part in fields.each())
    if len(reports) > MAX_REPORT_GROUPS:
        problems.warning(
            reports[MAX_REPORT_GROUPS].group,
            f"a project can have {MAX_REPORT_GROUPS} report groups; this is one too many",
        )
    return reports


def _read_report(key: Scalar, fields: Fields, problems: Problems) -> Report:
    file_format = fields.text("file-format")
    report = Report(
        group=key,
        files=fields.texts("files"),
        file_format=file_format.text.upper() if file_format else "JUNITXML",
        base_directory=fields.text("base-directory"),
        discard_paths=fields.flag("discard-paths"),
    )
    formats = TEST_FORMATS + COVERAGE_FORMATS
    if file_format and report.file_format not in formats:
        # A guess that this fails before the build starts; no wording is known.
        problems.error(
            file_format,
            f"{fields.path('file-format')} has to be one of {', '.join(formats)}"
            f"{did_you_mean(report.file_format, formats)}",
        )
    files = fields.value("files")
    if files is None:
        problems.error(fields.at, f"{fields.path('files')} is missing; name the report files")
    elif isinstance(files[1], List) and not files[1].items:
        problems.warning(files[0], f"{fields.path('files')} is empty: there is nothing to report")
    if key.text.startswith("arn:") and ":report-group/" not in key.text:
        problems.warning(key, f"{shown(key.text)} is not the ARN of a report group")
    fields.warn_unknown()
    return report


def read_cache(fields: Fields | None, problems: Problems) -> Cache | None:
    """Read ``cache``."""
    if fields is None:
        return None
    action = fields.text("action")
    cache = Cache(
        paths=fields.texts("paths"),
        key=fields.text("key"),
        fallback_keys=fields.texts("fallback-keys"),
        action=_action(action, problems),
        line=fields.at.line,
        column=fields.at.column,
    )
    fields.warn_unknown()
    if len(cache.fallback_keys) > MAX_FALLBACK_KEYS:
        # A guess that this fails the build; no wording is known.
        problems.error(
            cache.fallback_keys[MAX_FALLBACK_KEYS],
            f"cache.fallback-keys takes {MAX_FALLBACK_KEYS} keys at most; remove the others",
        )
    if cache.fallback_keys and cache.key is None:
        problems.warning(
            cache.fallback_keys[0], "cache.fallback-keys is ignored without cache.key; add it"
        )
    return cache


def _action(value: Scalar | None, problems: Problems) -> Literal["restore", "save"] | None:
    match value.text if value else None:
        case "restore":
            return "restore"
        case "save":
            return "save"
    if value:
        # A guess that this fails the build; no wording is known.
        problems.error(value, "cache.action has to be restore or save; leave it out for both")
    return None
