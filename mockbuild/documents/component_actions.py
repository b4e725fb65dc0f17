"""The action modules of AWSTOE, as data: where they run, their inputs, their outputs.

After the user guide's "Action modules supported by AWSTOE component manager". One input is not
in there: the ``force`` of ``DeleteFile``, which AWS's own sample components give.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mockbuild.documents.inputs import Input

#: The platforms as the API spells them.
PLATFORMS = ("Linux", "Windows", "macOS")


@dataclass(frozen=True, slots=True)
class ActionModule:
    """One action module.

    :param inputs: its inputs by name.
    :param outputs: names of what a later step can refer to.
    :param platforms: where it runs.
    :param takes_many: whether ``inputs`` may be a list of several mappings, worked off in order.
    :param one_of: inputs of which exactly one has to be there.
    :param together: inputs of which one alone has no effect.
    :param is_condition: whether its inputs are a condition instead of names with values.
    :param is_timed: whether a step may set ``timeoutSeconds``.
    :param is_retried: whether a step may set ``maxAttempts``.
    """

    inputs: Mapping[str, Input]
    outputs: tuple[str, ...] = ()
    platforms: tuple[str, ...] = PLATFORMS
    takes_many: bool = False
    one_of: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    is_condition: bool = False
    is_timed: bool = True
    is_retried: bool = True

    @property
    def needs_inputs(self) -> bool:
        """Whether a step without inputs makes no sense."""
        return (
            self.is_condition
            or bool(self.one_of)
            or any(wanted.required for wanted in self.inputs.values())
        )


_TEXT = Input(required=True)
_OPTIONAL = Input()
_TEXTS = Input("texts")
_OFF = Input("flag", default="false")
_ON = Input("flag", default="true")
_PATH_NOT_ON_WINDOWS = Input(required=True, not_on_windows=True)
_OPTIONAL_NOT_ON_WINDOWS = Input(not_on_windows=True)
_ENCODING = Input(
    default="utf8",
    values=(
        "utf8", "utf-8", "utf16", "utf-16", "utf16-LE", "utf-16-LE", "utf16-BE", "utf-16-BE",
        "utf32", "utf-32", "utf32-LE", "utf-32-LE", "utf32-BE", "utf-32-BE",
    ),
    any_case=True,
)  # fmt: skip
_STDOUT = ("stdout",)

_COPY = ActionModule(
    {"source": _TEXT, "destination": _TEXT, "overwrite": _ON},
    takes_many=True,
)
_OWNER = {
    "path": _PATH_NOT_ON_WINDOWS,
    "owner": Input(required=True, not_on_windows=True),
    "group": _OPTIONAL_NOT_ON_WINDOWS,
}
_PERMISSIONS = {
    "path": _PATH_NOT_ON_WINDOWS,
    "permissions": Input(required=True, not_on_windows=True),
}
_RECURSIVE = Input("flag", default="true", not_on_windows=True)
_MSI = ActionModule(
    {
        "path": _TEXT,
        "reboot": Input(default="Allow", values=("Allow", "Force", "Skip")),
        "logOptions": Input(default="*VX"),
        "logFile": _OPTIONAL,
        "properties": Input("pairs"),
        "ignoreAuthenticodeSignatureErrors": _OFF,
        "allowUnsignedInstaller": _OFF,
    },
    outputs=("logFile", "msiExitCode", "stdout"),
    platforms=("Windows",),
)

ACTION_MODULES: Mapping[str, ActionModule] = MappingProxyType(
    {
        "AppendFile": ActionModule(
            {"path": _TEXT, "content": Input(default=""), "encoding": _ENCODING},
            takes_many=True,
        ),
        "Assert": ActionModule({}, is_condition=True),
        "CopyFile": _COPY,
        "CopyFolder": _COPY,
        "CreateFile": ActionModule(
            {
                "path": _TEXT,
                "content": Input(default=""),
                "encoding": _ENCODING,
                "owner": _OPTIONAL_NOT_ON_WINDOWS,
                "group": _OPTIONAL_NOT_ON_WINDOWS,
                "permissions": Input(default="0666", not_on_windows=True),
                "overwrite": _ON,
            },
            takes_many=True,
        ),
        "CreateFolder": ActionModule(
            {
                "path": _TEXT,
                "owner": _OPTIONAL_NOT_ON_WINDOWS,
                "group": _OPTIONAL_NOT_ON_WINDOWS,
                "permissions": Input(default="0777", not_on_windows=True),
                "overwrite": _ON,
            },
            takes_many=True,
        ),
        "CreateSymlink": ActionModule(
            {
                "path": _PATH_NOT_ON_WINDOWS,
                "target": _PATH_NOT_ON_WINDOWS,
                "force": Input("flag", default="false", not_on_windows=True),
            },
            takes_many=True,
        ),
        "DeleteFile": ActionModule({"path": _TEXT, "force": _OFF}, takes_many=True),
        "DeleteFolder": ActionModule({"path": _TEXT, "force": _OFF}, takes_many=True),
        "ExecuteBash": ActionModule(
            {"commands": Input("texts", required=True)},
            outputs=_STDOUT,
            platforms=("Linux", "macOS"),
        ),
        "ExecuteBinary": ActionModule({"path": _TEXT, "arguments": _TEXTS}, outputs=_STDOUT),
        "ExecuteDocument": ActionModule(
            {
                "document": _TEXT,
                "document-s3-bucket-owner": _OPTIONAL,
                "phases": _OPTIONAL,
                "parameters": Input("parameters"),
            },
            outputs=(
                "executedStepCount",
                "executionId",
                "failedStepCount",
                "failureMessage",
                "ignoredFailedStepCount",
                "logUrl",
                "status",
            ),
            is_timed=False,
            is_retried=False,
        ),
        "ExecutePowerShell": ActionModule(
            {"commands": _TEXTS, "file": _OPTIONAL},
            outputs=_STDOUT,
            platforms=("Windows",),
            one_of=("commands", "file"),
        ),
        "InstallMSI": _MSI,
        "ListFiles": ActionModule(
            {"path": _TEXT, "fileNamePattern": _OPTIONAL, "recursive": _OFF},
            outputs=("files",),
            takes_many=True,
        ),
        "MoveFile": _COPY,
        "MoveFolder": _COPY,
        "ReadFile": ActionModule(
            {"path": _TEXT, "encoding": _ENCODING, "printFileContent": _OFF},
            outputs=("content",),
            takes_many=True,
        ),
        "Reboot": ActionModule(
            {"delaySeconds": Input("integer", default="0")},
            platforms=("Linux", "Windows"),
            is_timed=False,
        ),
        "S3Download": ActionModule(
            {
                "source": _TEXT,
                "destination": _TEXT,
                "expectedBucketOwner": _OPTIONAL,
                "overwrite": _ON,
            },
            takes_many=True,
        ),
        "S3Upload": ActionModule(
            {
                "source": _TEXT,
                "destination": _TEXT,
                "recurse": _OFF,
                "expectedBucketOwner": _OPTIONAL,
            },
            takes_many=True,
        ),
        "SetFileEncoding": ActionModule({"path": _TEXT, "encoding": _ENCODING}, takes_many=True),
        "SetFileOwner": ActionModule(_OWNER, takes_many=True),
        "SetFilePermissions": ActionModule(_PERMISSIONS, takes_many=True),
        "SetFolderOwner": ActionModule({**_OWNER, "recursive": _RECURSIVE}, takes_many=True),
        "SetFolderPermissions": ActionModule(
            {**_PERMISSIONS, "recursive": _RECURSIVE}, takes_many=True
        ),
        "SetRegistry": ActionModule(
            {
                "path": _TEXT,
                "name": _TEXT,
                "value": Input("any", required=True),
                "type": Input(
                    required=True,
                    values=("BINARY", "DWORD", "QWORD", "SZ", "EXPAND_SZ", "MULTI_SZ"),
                ),
            },
            platforms=("Windows",),
            takes_many=True,
        ),
        "UninstallMSI": _MSI,
        "UpdateOS": ActionModule(
            {"include": _TEXTS, "exclude": _TEXTS}, platforms=("Linux", "Windows")
        ),
        "WebDownload": ActionModule(
            {
                "source": _TEXT,
                "destination": _TEXT,
                "overwrite": _ON,
                "checksum": _OPTIONAL,
                "algorithm": Input(values=("MD5", "SHA1", "SHA256", "SHA512"), any_case=True),
                "ignoreCertificateErrors": _OFF,
            },
            outputs=("destination",),
            takes_many=True,
            together=("checksum", "algorithm"),
        ),
    }
)
