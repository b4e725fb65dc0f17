"""What the engine must know of a build to carry it out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mockbuild.domain.lifecycle import COMMAND_PHASES

if TYPE_CHECKING:
    from mockbuild.domain.reports import Report

_OUTPUT = "/codebuild/output/src"


@dataclass(frozen=True, slots=True)
class BuildJob:
    """One build, as it was asked for.

    :param project: the project's record with everything StartBuild overrode put into it.
    :param number: the build's number in its project.
    :param started: when the build was submitted.
    :param source_folder: the folder of the primary source, as the build names it:
        ``/codebuild/output/src``, a number, and more.
    :param log_group: where the log goes, or ``None``.
    :param log_stream: the same, the stream in the group.
    :param source_version: the version asked for, if any.
    :param resolved_version: the commit that version turns out to be, if it is known already.
    :param stand_in: commands for phases of which the buildspec is not known or has none.
    :param lenient: whether a source or bucket that nobody here knows of is taken to be all
        right; so it is where nothing really runs.
    :param variables: what whoever started it wants set in it, beyond the project's variables.
    :param reports: what it leaves to be reported.
    :param phases: those whose part of the buildspec counts; the others run no command.
    :param network_interface: by which it is in its VPC, once it has a machine, if it is in one.
    :param announced: whether EventBridge is told of it.
    """

    build_id: str
    arn: str
    number: int
    project: Mapping[str, Any]
    region: str
    account_id: str
    initiator: str
    started: float
    source_folder: str
    log_group: str | None = None
    log_stream: str | None = None
    source_version: str | None = None
    resolved_version: str | None = None
    stand_in: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lenient: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)
    reports: "tuple[Report, ...]" = ()
    phases: tuple[str, ...] = COMMAND_PHASES
    network_interface: Mapping[str, str] | None = None
    announced: bool = True

    def secondary_sources(self) -> Iterator[tuple[Mapping[str, Any], str | None, str]]:
        """Go through the secondary sources: each, its version, and its folder in the build.

        Each has a folder of its own (documented), named like the primary one's; that they are
        numbered on from it is a guess.
        """
        versions = {
            item["sourceIdentifier"]: item["sourceVersion"]
            for item in self.project.get("secondarySourceVersions", ())
        }
        first = int(self.source_folder.removeprefix(_OUTPUT).partition("/")[0])
        for number, source in enumerate(self.project.get("secondarySources", ()), first + 1):
            yield source, versions.get(source["sourceIdentifier"]), f"{_OUTPUT}{number}/src"

    @property
    def uuid(self) -> str:
        """The part of the build's id behind the project's name."""
        return self.build_id.partition(":")[2]
