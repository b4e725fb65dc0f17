"""CodeBuild's buildspec, versions 0.1 and 0.2.

The grammar is the user guide's "Build specification reference". What the guide does not say is
how strict the service is; where the code decides that, a comment calls it a guess.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from mockbuild.documents.buildspec_artifacts import (
    Artifacts,
    Cache,
    Report,
    read_artifacts,
    read_cache,
    read_reports,
)
from mockbuild.documents.buildspec_env import (
    Env,
    Proxy,
    read_env,
    read_environment_variables,
    read_proxy,
)
from mockbuild.documents.buildspec_phases import Phase, read_phases
from mockbuild.documents.errors import DocumentError, Problem, Problems, raise_first, shown
from mockbuild.documents.fields import Fields
from mockbuild.documents.remembered import remembered
from mockbuild.documents.yaml_text import Mapping as MappingNode
from mockbuild.documents.yaml_text import Node, Scalar, compose, compose_with_warnings
from mockbuild.documents.yaml_wording import WRONG_CONTAINER, unmarshal

if TYPE_CHECKING:
    from mockbuild.documents.buildspec_batch import Batch

DEFAULT_BUILDSPEC = "buildspec.yml"

Version = Literal["0.1", "0.2"]


@dataclass(frozen=True, slots=True)
class Buildspec:
    """A buildspec that can be built.

    :param source: the file's name, or ``<inline>``.
    :param version: ``"0.1"`` (a new shell for each command) or ``"0.2"`` (one for all).
    :param version_is_quoted: whether the version was written as a string, which a batch build
        refuses.
    :param run_as: the user all commands run as, or ``None``.
    :param env: variables and shell.
    :param proxy: what goes through a proxy.
    :param phases: the phases the document has, by the API's name (``PRE_BUILD``), in the order
        they run.
    :param reports: groups of report files.
    :param artifacts: files to upload, or ``None``.
    :param cache: what to keep between builds, or ``None``.
    :param batch: the builds of a batch build, or ``None``. What is wrong with them is told by
        ``batch.tasks()``: a build on its own does not mind.
    """

    source: str
    version: Version
    version_is_quoted: bool
    run_as: Scalar | None
    env: Env
    proxy: Proxy
    phases: Mapping[str, Phase]
    reports: tuple[Report, ...]
    artifacts: Artifacts | None
    cache: Cache | None
    batch: "Batch | None"

    @property
    def phase_count(self) -> int:
        """How many phases the document has, as the log's ``Phases found in YAML`` counts them."""
        return len(self.phases)

    def commands(self, phase: str) -> tuple[Scalar, ...]:
        """Return the commands of `phase` (``PRE_BUILD``); none when the document lacks it."""
        found = self.phases.get(phase)
        return found.commands if found else ()


def parse_buildspec(text: str | bytes, source: str = DEFAULT_BUILDSPEC) -> Buildspec:
    """Read a buildspec that is about to be built.

    The same text a second time costs nothing. Errors in ``batch`` do not count here.

    :param text: the YAML (or JSON, which is YAML too).
    :param source: the file's name for messages, or ``<inline>``.
    :raises DocumentError: for the first error, in the order of the document.
    """
    buildspec, problems, _ = _read(text, source)
    raise_first(problems)
    return cast("Buildspec", buildspec)  # without an error there is one


def check_buildspec(text: str | bytes, source: str = DEFAULT_BUILDSPEC) -> list[Problem]:
    """Everything wrong or odd about a buildspec, in the order of the document.

    Beside the errors of :func:`parse_buildspec` there are those of ``batch``, and warnings: keys
    that AWS ignores, settings without effect, sections its guide asks for.

    :param text: the YAML.
    :param source: the file's name for messages, or ``<inline>``.
    """
    _, problems, batch_problems = _read(text, source)
    return sorted((*problems, *batch_problems), key=_place)


def classify_buildspec(value: str) -> Literal["default", "inline", "s3", "path"]:
    """Tell what a project's or a build's ``buildspec`` string is.

    How AWS tells them apart is not documented; this is a guess. Empty means ``buildspec.yml``;
    text with a newline, or that is a YAML mapping, is the buildspec itself; ``arn:`` or
    ``s3://`` in front make it an object in S3; anything else is a path in the source.

    :param value: the string.
    """
    if not value.strip():
        return "default"
    if "\n" in value:
        return "inline"
    if value.startswith(("arn:", "s3://")):
        return "s3"
    if ":" not in value and "{" not in value:
        return "path"
    try:
        is_mapping = isinstance(compose(value, "<inline>"), MappingNode)
    except DocumentError:
        # Broken YAML on one line: only a brace in front shows that it was meant to be inline.
        is_mapping = value.lstrip().startswith("{")
    return "inline" if is_mapping else "path"


#: The buildspec, what is to be said about it, and about its batch section.
_Read = tuple[Buildspec | None, tuple[Problem, ...], tuple[Problem, ...]]


def _place(problem: Problem) -> tuple[int, int]:
    return problem.line, problem.column


def _read_anew(text: str | bytes, source: str) -> _Read:
    problems, batch_problems = Problems(source), Problems(source)
    try:
        root, odd = compose_with_warnings(text, source)
    except DocumentError as error:
        return None, (error.problem,), ()
    buildspec = _read_root(root, source, problems, batch_problems)
    found = sorted((*problems.in_order(), *odd), key=_place)
    return buildspec, tuple(found), batch_problems.in_order()


_read = remembered(_read_anew)


def _read_root(
    root: Node, source: str, problems: Problems, batch_problems: Problems
) -> Buildspec | None:
    if not isinstance(root, MappingNode):
        is_empty = isinstance(root, Scalar) and root.is_null
        problems.error(
            root,
            "the buildspec is empty; it needs version and phases"
            if is_empty
            else "a buildspec is a mapping; start it with version: 0.2",
            WRONG_CONTAINER,  # recorded for an empty file; for a list or a text it is a guess
        )
        return None
    fields = Fields(root, "", None, problems)
    version, quoted = _read_version(fields, problems)
    buildspec = Buildspec(
        source=source,
        version=version,
        version_is_quoted=quoted,
        run_as=fields.text("run-as"),
        env=_read_env(fields, version, problems),
        proxy=read_proxy(fields.fields("proxy")),
        batch=_read_batch(fields, quoted, source, batch_problems),
        phases=read_phases(fields.fields("phases"), problems),
        reports=read_reports(fields.fields("reports"), problems),
        artifacts=read_artifacts(fields.fields("artifacts"), version, problems),
        cache=read_cache(fields.fields("cache"), problems),
    )
    if not buildspec.phases and buildspec.batch is None:
        # The guide asks for phases, but a recorded build went through with none.
        problems.warning(fields.at, "there are no phases: the build will run no command")
    fields.warn_unknown()
    return buildspec


def _read_version(fields: Fields, problems: Problems) -> tuple[Version, bool]:
    found = fields.value("version")
    if found is None and fields.value("batch") and not fields.value("phases"):
        # AWS's own buildspecs that are only a batch leave it out.
        problems.warning(
            fields.at, "version is missing, and only a batch does without; add version: 0.2"
        )
        return "0.2", False
    if found is None:
        # Recorded for a document without version and phases; that the version counts, a guess.
        problems.error(fields.at, "version is missing; add version: 0.2", WRONG_CONTAINER)
        return "0.2", False
    node = found[1]
    if not isinstance(node, Scalar):
        problems.error(node, "version has to be 0.1 or 0.2", unmarshal(node, "float64"))
        return "0.2", False
    match node.text.rstrip("0") if node.plain else node.text:
        case "0.2":
            return "0.2", not node.plain
        case "0.1":
            return "0.1", not node.plain
    # That another number fails is a guess, and so is the wording for text.
    problems.error(
        node,
        f"version {shown(node.text)} is not known; write version: 0.2",
        "" if node.text.replace(".", "", 1).isdigit() else unmarshal(node, "float64"),
    )
    return "0.2", False


def _read_env(fields: Fields, version: Version, problems: Problems) -> Env:
    env = read_env(fields.fields("env"), problems)
    if version == "0.2":
        return env
    # That 0.1 reads env as well is a guess; where both are given, the older one is.
    older = fields.fields("environment_variables")
    return env if older is None else read_environment_variables(older, problems)


def _read_batch(fields: Fields, quoted: bool, source: str, problems: Problems) -> "Batch | None":
    entry = fields.entry("batch")
    if entry is None or fields.value("batch") is None:
        return None
    from mockbuild.documents.buildspec_batch_reader import read_batch  # few have the section

    version = fields.text("version") if quoted else None
    if version:
        # Recorded: a build on its own lets it pass.
        problems.error(
            version,
            "a batch build refuses a version in quotes; write version: 0.2",
            unmarshal(version, "float64"),
        )
    return read_batch(entry, source, problems)
