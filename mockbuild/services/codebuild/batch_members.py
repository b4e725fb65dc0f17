"""The builds of a batch: what each of them runs with, and what becomes of what they leave."""

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from string import Template
from typing import TYPE_CHECKING, Any

from mockbuild.domain.arns import bucket_and_key
from mockbuild.domain.aws_errors import InvalidInputException
from mockbuild.domain.batch_lifecycle import DOWNLOAD
from mockbuild.domain.reports import CoverageReport, Report, TestReport, report_arn_part
from mockbuild.engine.artifact_keys import build_artifacts
from mockbuild.engine.batch import BatchFailed, BatchJob
from mockbuild.engine.batch_history import Group
from mockbuild.engine.live_build import LiveBuild
from mockbuild.engine.pace import ALWAYS
from mockbuild.neighbours.base import NeighbourError
from mockbuild.services.backend import Record
from mockbuild.services.codebuild.backend import CodeBuild, Project
from mockbuild.services.codebuild.overrides import overridden
from mockbuild.services.codebuild.reports import take_up
from mockbuild.services.codebuild.starting import Start, begin

if TYPE_CHECKING:
    from mockbuild.documents.buildspec import Buildspec
    from mockbuild.documents.buildspec_batch import EnvOverride, Task

#: What a build that only reads the source has no use for.
_NOTHING_LEFT: Record = {"artifacts": {"type": "NO_ARTIFACTS"}, "secondaryArtifacts": []}
_INVALID = "BATCH_SPEC_VALIDATION_ERROR"


class BatchHost:
    """What a batch asks for; see :class:`~mockbuild.engine.batch.Host`.

    :param how: how its builds start, as far as that is the same for all.
    """

    def __init__(self, here: CodeBuild, project: Project, job: BatchJob, how: Start) -> None:
        self._here = here
        self._project = project
        self._job = job
        self._how = how
        # What all builds run with: the project, but for automatic retries of single builds.
        self._common = {**job.project, "autoRetryLimit": 0}
        self._settings: dict[str, Record] = {DOWNLOAD: {**self._common, **_NOTHING_LEFT}}
        self._first: LiveBuild | None = None
        self._may_debug = True

    def start(self, group: Group, uuid: str, at: float) -> LiveBuild:
        """Start the build of a group; all use the commit that the first one found.

        That this goes for all builds of a batch that is retried, too, is a guess, and so is that
        none of them is retried by itself, whatever its project or its buildspec says.
        """
        name, task = group.identifier, group.task
        how = replace(
            self._how,
            variables={**self._how.variables, "CODEBUILD_BATCH_BUILD_IDENTIFIER": name},
            members={"buildBatchArn": self._job.arn},
            again=None if self._first is None else self._first.job,
            uuid=uuid,
            at=at,
            group=name,
        )
        project = self._here.projects.find(self._project.name) or self._project
        if task is not None:
            debug = self._may_debug and (self._job.debug or task.debug_session)
            return begin(self._here, project, self._settings[name], how, debug=debug)
        how = replace(how, phases=())
        build = begin(self._here, project, self._settings[name], how, debug=self._job.debug)
        self._first = build
        return build

    # What the buildspec wants

    def plan(self, spec: "Buildspec | None") -> "tuple[Sequence[Task], bool]":
        """Return the tasks, having seen that each is allowed.

        That a batch fails for what restrictions do not allow is documented; the texts are guesses,
        and so is what happens where nobody can know the buildspec.

        :raises BatchFailed: there is no batch, or one that is not allowed.
        """
        from mockbuild.documents.buildspec_batch import BatchError, BuildMatrix

        if spec is None:
            raise BatchFailed(
                "YAML_FILE_ERROR",
                "mockbuild cannot know this buildspec: give the project an inline one, put its "
                "source into the bucket, or name a folder with the setting sources=",
            )
        if spec.batch is None:
            raise BatchFailed("YAML_FILE_ERROR", "The buildspec has no batch section")
        restrictions = self._job.project.get("buildBatchConfig", {}).get("restrictions", {})
        try:
            tasks = spec.batch.tasks(restrictions.get("maximumBuildsAllowed", 100))
        except BatchError as error:
            raise BatchFailed(error.status_code, error.aws_message) from None
        # Documented: sessions are not to be had in a matrix. That nobody complains is a guess.
        self._may_debug = not isinstance(spec.batch.builds, BuildMatrix)
        for task in tasks:
            self._settings[task.identifier] = self._settings_of(task, restrictions)
        return tasks, spec.batch.fast_fail

    def _settings_of(self, task: "Task", restrictions: Mapping[str, Any]) -> Record:
        overrides = self._overrides(task)
        try:
            settings = overridden(
                self._common,
                overrides,
                account_id=self._here.account_id,
                region=self._here.region,
            )
        except InvalidInputException as error:
            raise BatchFailed(_INVALID, f"{task.identifier}: {error.message}") from None
        _check_allowed(task, settings["environment"], restrictions)
        return self._own_artifacts(settings, task.identifier)

    def _overrides(self, task: "Task") -> Record:
        """Return what *task* changes, as StartBuild spells it."""
        env = task.env
        overrides: Record = {}
        if task.buildspec is not None:
            overrides["buildspecOverride"] = task.buildspec
        given = {
            "computeTypeOverride": env.compute_type,
            "imageOverride": env.image,
            "environmentTypeOverride": env.type,
        }
        values = self._known_variables(env)
        for name, text in given.items():
            if text is not None:
                overrides[name] = Template(text).safe_substitute(values)
        if env.privileged_mode is not None:
            overrides["privilegedModeOverride"] = env.privileged_mode
        if env.fleet is not None:
            name = Template(env.fleet).safe_substitute(values)
            overrides["fleetOverride"] = {"fleetArn": self._fleet_arn(name)}
        if env.variables:
            overrides["environmentVariablesOverride"] = [
                {"name": name, "value": value, "type": "PLAINTEXT"}
                for name, value in env.variables.items()
            ]
        return overrides

    def _fleet_arn(self, name: str) -> str:
        from mockbuild.services.codebuild.fleets import Fleets

        fleet = self._here.store(Fleets).find(name)
        if fleet is None:
            raise BatchFailed(_INVALID, f"There is no fleet {name}")
        arn: str = fleet.arn
        return arn

    def _known_variables(self, env: "EnvOverride") -> dict[str, str]:
        items = self._job.project["environment"].get("environmentVariables", ())
        plain = {one["name"]: one["value"] for one in items if one["type"] == "PLAINTEXT"}
        return {**plain, **env.variables}

    def _own_artifacts(self, settings: Record, identifier: str) -> Record:
        """Give a build a place of its own for what it leaves: a folder named like its group.

        That it is so is a guess. What is to be combined as files goes to one place at once.
        """

        def placed(artifacts: Record) -> Record:
            if artifacts["type"] != "S3":
                return artifacts
            path = artifacts.get("path", "").strip("/")
            if not self._job.combines or artifacts.get("packaging") == "ZIP":
                return {**artifacts, "path": f"{path}/{identifier}".lstrip("/")}
            if artifacts.get("namespaceType") != "BUILD_ID":
                return artifacts
            path = f"{path}/{self._job.uuid}".lstrip("/")
            return {**artifacts, "path": path, "namespaceType": "NONE"}

        return {
            **settings,
            "artifacts": placed(settings["artifacts"]),
            "secondaryArtifacts": [placed(one) for one in settings.get("secondaryArtifacts", ())],
        }

    # What the builds leave

    def merge_reports(self, builds: Sequence[LiveBuild], at: float) -> Sequence[str]:
        """Make one report of what several builds have reported to the same group."""
        by_name: dict[str, list[Report]] = {}
        for build in builds:
            if "reportArns" in build.overview(ALWAYS).learned:
                for report in build.job.reports:
                    by_name.setdefault(report.name, []).append(report)
        merged = [_merge(reports) for reports in by_name.values() if len(reports) > 1]
        job = builds[0].job
        batch = replace(job, build_id=self._job.batch_id, arn=self._job.arn)
        for report in merged:
            take_up(self._here, batch, report, at)
        return [
            self._here.arn(f"report/{report_arn_part(self._project.name, one.name)}:{batch.uuid}")
            for one in merged
        ]

    def combine(self, builds: Sequence[LiveBuild]) -> None:
        """Put what all builds have left into one archive, where the project wants its own.

        Where files are not packed they lie in one place already. Of two files of the same path the
        later build's stays. All this is a guess: only that it happens is documented.

        :raises BatchFailed: what the builds have left is gone, or cannot be read.
        """
        project = self._job.project
        for wanted in (project["artifacts"], *project.get("secondaryArtifacts", ())):
            if wanted["type"] == "S3" and wanted.get("packaging") == "ZIP":
                self._combine(wanted, builds)

    def _combine(self, wanted: Mapping[str, Any], builds: Sequence[LiveBuild]) -> None:
        s3 = self._here.means.neighbours.s3(self._here.region)
        files: dict[str, tuple[zipfile.ZipInfo, bytes]] = {}
        try:
            for build in builds:
                for left in _uploaded(build, wanted.get("artifactIdentifier")):
                    files.update(_unpacked(s3.get(*bucket_and_key(left["location"])).body))
            if files:
                together = build_artifacts(wanted, self._job.uuid)
                s3.put(*bucket_and_key(together["location"]), _packed(files))
        except (NeighbourError, zipfile.BadZipFile) as error:
            raise BatchFailed("CLIENT_ERROR", f"Failed to combine artifacts: {error}") from None


def _check_allowed(
    task: "Task", environment: Mapping[str, Any], restrictions: Mapping[str, Any]
) -> None:
    """Check where a build is to run; a list that is empty allows everything.

    That a fleet may be named by name or ARN, and needs no compute type that is allowed, are
    guesses.
    """
    arn = environment.get("fleet", {}).get("fleetArn")
    if arn is None:
        what, value = "compute type", environment["computeType"]
        allowed = restrictions.get("computeTypesAllowed")
    else:
        what, value = "fleet", arn
        allowed = restrictions.get("fleetsAllowed")
    name = value.rpartition("fleet/")[2].partition(":")[0]
    if allowed and not {value, name}.intersection(allowed):
        raise BatchFailed(
            _INVALID, f"{task.identifier}: {what} {value} is not allowed for batch builds"
        )


def _uploaded(build: LiveBuild, identifier: str | None) -> Iterator[Record]:
    """Go through the archives that a build has left, as its record shows them.

    :param identifier: of a secondary artifact; ``None`` for the primary one.
    """
    learned = build.overview(ALWAYS).learned
    artifacts = [learned.get("artifacts", {})]
    if identifier is not None:
        artifacts = learned.get("secondaryArtifacts", [])
    for one in artifacts:
        # Of what was not there to be packed, a simulated build shows the place alone.
        if "md5sum" in one and one.get("artifactIdentifier") == identifier:
            yield one


def _merge(reports: Sequence[Report]) -> Report:
    first = reports[0]
    incomplete = any(one.incomplete for one in reports)
    if isinstance(first, TestReport):
        tests = [one for one in reports if isinstance(one, TestReport)]
        cases = tuple(case for one in tests for case in one.cases)
        return TestReport(first.name, cases, incomplete)
    coverage = [one for one in reports if isinstance(one, CoverageReport)]
    return CoverageReport(first.name, tuple(f for one in coverage for f in one.files), incomplete)


def _unpacked(body: bytes) -> dict[str, tuple[zipfile.ZipInfo, bytes]]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {entry.filename: (entry, archive.read(entry)) for entry in archive.infolist()}


def _packed(files: Mapping[str, tuple[zipfile.ZipInfo, bytes]]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in files.values():
            archive.writestr(entry, content)
    return packed.getvalue()
