"""Uploading what a build leaves: primary and secondary artifacts, to S3."""

import posixpath
from collections.abc import Mapping
from string import Template
from typing import TYPE_CHECKING, Any

from mockbuild.domain.arns import bucket_and_key
from mockbuild.engine.artifact_keys import build_artifacts
from mockbuild.engine.environment import build_variables, service_variables
from mockbuild.engine.history import Due, History, Learned, Said
from mockbuild.machines.base import File, Machine
from mockbuild.neighbours.base import (
    NeighbourError,
    check_bucket_name,
    check_key,
    no_such_bucket,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockbuild.documents.buildspec import Buildspec
    from mockbuild.documents.buildspec_artifacts import Artifacts
    from mockbuild.engine.artifacts import Found
    from mockbuild.engine.job import BuildJob
    from mockbuild.machines.base import Command
    from mockbuild.neighbours.base import S3

#: What the agent says when it looks for report files on its own and finds none.
_REPORT_SEARCH = (
    "Set report auto-discover timeout to 5 seconds",
    "Expanding base directory path:  .",
    "Assembling file list",
    "Expanding .",
    "Expanding file paths for base directory .",
    "Assembling file list",
    "Expanding **/*",
    "No matching auto-discover report paths found",
    "Report auto-discover file discovery took 0.000241 seconds",
)
_NAME_VARIABLE = "MOCKBUILD_ARTIFACT_NAME"


class UploadError(Exception):
    """The artifacts cannot be uploaded; the text is the phase context's message."""


class Upload:
    """One build's UPLOAD_ARTIFACTS.

    :param command: makes a command for the machine, in the build's shell and environment.
    """

    def __init__(
        self,
        job: "BuildJob",
        spec: "Buildspec | None",
        machine: Machine,
        history: History,
        s3: "S3",
        command: "Callable[[str], Command]",
    ) -> None:
        self.job = job
        self.spec = spec
        self.machine = machine
        self.history = history
        self.s3 = s3
        self.command = command

    def run(self) -> None:
        """Upload everything the project wants and the buildspec declares.

        :raises UploadError: nothing matched, or the bucket is not there.
        """
        declared = self.spec.artifacts if self.spec is not None else None
        if declared is not None:
            self._upload_declared(declared)
        self._report_search()  # as recorded, after the artifacts

    def _upload_declared(self, declared: "Artifacts") -> None:
        primary = self.job.project["artifacts"]
        if primary["type"] == "S3" and (declared.files or not declared.secondary):
            self._learn_primary(self._upload(primary, declared))
        secondary = []
        for wanted in self.job.project.get("secondaryArtifacts", ()):
            identifier = wanted["artifactIdentifier"]
            part = declared.secondary.get(identifier)
            if part is not None and wanted["type"] == "S3":
                self._say(f"Preparing to copy secondary artifacts {identifier}")
                shown = self._upload(wanted, part)
            else:
                shown = build_artifacts(wanted, self.job.uuid)
            secondary.append({"artifactIdentifier": identifier, **shown})
        if secondary:
            self.history.add(Learned(self.machine.now(), {"secondaryArtifacts": secondary}))

    def _learn_primary(self, shown: Mapping[str, Any]) -> None:
        self.history.add(Learned(self.machine.now(), {"artifacts": dict(shown)}))

    def _report_search(self) -> None:
        """Say what the agent's look for report files says when there are none."""
        if self.spec is not None and self.spec.reports:
            return
        self.history.add(Said(self.machine.now(), _REPORT_SEARCH))

    def _upload(self, wanted: Mapping[str, Any], declared: "Artifacts") -> dict[str, Any]:
        from mockbuild.engine import artifacts

        zipping = wanted.get("packaging") == "ZIP"
        found = self._find(declared, keep_links=zipping and declared.enable_symlinks)
        if not found.files:
            if self.job.lenient and not any(True for _ in self._everything()):
                return dict(self._shown(wanted, wanted["name"], declared))
            raise UploadError("no matching artifact paths found")
        name = self._name(wanted, declared)
        shown = self._shown(wanted, name, declared)
        bucket, key = bucket_and_key(shown["location"])
        if zipping:
            body = artifacts.zipped(found.files)
            shown.update(artifacts.hashes(body))
            metadata = {
                "codebuild-content-md5": shown["md5sum"],
                "codebuild-content-sha256": shown["sha256sum"],
            }
            self._put(bucket, key, body, metadata)
        else:
            for path, file in found.files.items():
                self._put(bucket, posixpath.join(key, path), file.read(), {})
        return shown

    def _find(self, declared: "Artifacts", *, keep_links: bool) -> "Found":
        from mockbuild.engine import artifacts

        base = self._expand(str(declared.base_directory or "."))
        self._say(f"Expanding base directory path: {base}", "Assembling file list")
        together = artifacts.Found({}, [])
        for folder in self._base_folders(base):
            self._say(f"Expanding {folder}", f"Expanding file paths for base directory {folder}")
            found = artifacts.find(
                self._files_in(folder),
                [self._expand(str(pattern)) for pattern in declared.files],
                exclude=[str(pattern) for pattern in declared.exclude_paths],
                discard_paths=declared.discard_paths,
                keep_links=keep_links,
            )
            self._say(*found.lines)
            together.files.update(found.files)
        return together

    def _base_folders(self, base: str) -> list[str]:
        from mockbuild.engine import artifacts

        if artifacts.has_magic(base):
            return artifacts.base_folders(posixpath.normpath(base), self._everything())
        return [base]

    def _everything(self) -> list[File]:
        return self._files_in(".")

    def _files_in(self, folder: str) -> list[File]:
        source = self.job.source_folder
        root = self.machine.root
        path = folder.removeprefix(root) if folder.startswith("/") else folder
        try:
            return list(self.machine.files(posixpath.normpath(posixpath.join(source, path))))
        except FileNotFoundError:
            return []

    def _name(self, wanted: Mapping[str, Any], declared: "Artifacts") -> str:
        if wanted.get("overrideArtifactName") and declared.name:
            return self._expand(str(declared.name))
        name: str = wanted["name"]
        return name

    def _shown(self, wanted: Mapping[str, Any], name: str, declared: "Artifacts") -> dict[str, Any]:
        return build_artifacts(wanted, self.job.uuid, name, str(declared.s3_prefix or ""))

    def _expand(self, text: str) -> str:
        """Let the build's shell expand variables and command substitutions in *text*."""
        if "$" not in text and "`" not in text:
            return text
        self.machine.run(self.command(f'{_NAME_VARIABLE}="{text}"'), lambda _: None)
        expanded = self.machine.variables([_NAME_VARIABLE]).get(_NAME_VARIABLE)
        if expanded is not None:
            return expanded
        folder = self.machine.root + self.job.source_folder
        variables = {
            **service_variables(self.job, folder, self.machine.root),
            **build_variables(self.job, self.spec),
        }
        return Template(text).safe_substitute(variables)

    def _put(self, bucket: str, key: str, body: bytes, metadata: Mapping[str, str]) -> None:
        # Asked now, since a simulated build writes only when that part of it is reached.
        try:
            check_bucket_name(bucket)
            check_key(key)
            if not self.s3.makes_buckets and not self.s3.has_bucket(bucket):
                raise no_such_bucket()
        except NeighbourError as error:
            raise UploadError(f"{error.code}: {error.message}") from None
        everything = {"codebuild-buildarn": self.job.arn, **metadata}

        def act() -> None:
            try:
                self.s3.put(bucket, key, body, everything)
            except NeighbourError as error:
                # How a simulated build ends is settled by now: it found the bucket at its start.
                if not self.job.lenient:
                    raise UploadError(f"{error.code}: {error.message}") from None

        self.history.add(Due(self.machine.now(), act))

    def _say(self, *lines: str) -> None:
        self.history.add(Said(self.machine.now(), lines))
