"""What the tests have seen: every member of every answer filled once, every error provoked once.

``MOCKBUILD_SEEN=FOLDER pytest`` notes it, each process in a file of its own; then

    python -m tests.seen FOLDER

says what the services' models promise and no test has seen, and ends with status 1 if there is any
that :data:`EXCUSED` does not give a reason for.
"""

import json
import os
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, Shape

SERVICES = ("codebuild", "imagebuilder")

_ON_REQUEST = "raised by mb.faults alone, which come before the operation"
_NO_WORDS = "no documentation says which statuses there are"
_NEW = "what is not there yet is in nobody's use"
_IS_OVER = "what is over is refused as a wrong value, as AWS's own handlers expect of images"
_NEEDED_BY_NOBODY = "nothing refers to a pipeline or a policy"
#: What cannot be seen, and why: patterns of what is printed.
EXCUSED: dict[str, str] = {
    "codebuild: ListSourceCredentials raises InvalidInputException": "it takes no input",
    "codebuild: StartSandbox raises AccountSuspendedException": _ON_REQUEST,
    "codebuild: DeleteWebhook raises OAuthProviderException": _ON_REQUEST,
    "codebuild: UpdateWebhook raises OAuthProviderException": _ON_REQUEST,
    "codebuild: DockerServer.status": _NO_WORDS,
    "codebuild: DockerServerStatus.*": _NO_WORDS,
    "codebuild: Sandbox.startTime": "AWS's samples have none, even of a sandbox that is over",
    "codebuild: Webhook.statusMessage": "webhooks here are ACTIVE, which needs no explanation",
    "imagebuilder: * raises AccessDeniedException": _ON_REQUEST,
    "imagebuilder: * raises CallRateLimitExceededException": _ON_REQUEST,
    "imagebuilder: * raises ClientException": _ON_REQUEST,
    "imagebuilder: * raises ForbiddenException": _ON_REQUEST,
    "imagebuilder: * raises InvalidRequestException": _ON_REQUEST,
    "imagebuilder: * raises ServiceException": _ON_REQUEST,
    "imagebuilder: * raises ServiceUnavailableException": _ON_REQUEST,
    "imagebuilder: * raises TooManyRequestsException": _ON_REQUEST,
    "imagebuilder: Create* raises ResourceInUseException": _NEW,
    "imagebuilder: DistributeImage raises ResourceInUseException": _NEW,
    "imagebuilder: ImportComponent raises ResourceInUseException": _NEW,
    "imagebuilder: Update* raises ResourceInUseException": (
        "no documentation says what keeps something from being updated"
    ),
    "imagebuilder: Cancel* raises ResourceInUseException": _IS_OVER,
    "imagebuilder: SendWorkflowStepAction raises ResourceInUseException": _IS_OVER,
    "imagebuilder: DeleteImagePipeline raises ResourceDependencyException": _NEEDED_BY_NOBODY,
    "imagebuilder: DeleteLifecyclePolicy raises ResourceDependencyException": _NEEDED_BY_NOBODY,
    "imagebuilder: ListImagePipelineImages raises ResourceNotFoundException": (
        "the documentation says that the list is empty"
    ),
    "imagebuilder: ComponentSummary.publisher": (
        "it is that of a third party, and only one's own builds are listed"
    ),
    "imagebuilder: Image.sourcePipelineName": "documented as not returned any more",
    "imagebuilder: ImageRecipe.type": "documented as not returned",
    "imagebuilder: ImageScanState.reason": "no documentation says what it says",
    "imagebuilder: InstanceBlockDeviceMapping.noDevice": "the only value it has is the empty text",
}


class Seen:
    """What has been seen, as the words that name it."""

    def __init__(self) -> None:
        self._words: set[str] = set()

    def answer(self, model: OperationModel, body: bytes) -> None:
        """Note the members that are filled in an answer's JSON."""
        result = json.loads(body or b"{}")
        service = model.service_model.service_name
        for name, value in result.items():
            if _filled(value):
                self._words.add(f"{service}: {model.name} answers {name}")
        if model.output_shape is not None:
            self._words.update(_members_filled(service, model.output_shape, result))

    def error(self, model: OperationModel, code: str) -> None:
        """Note an error that came from the operation itself."""
        self._words.add(f"{model.service_model.service_name}: {model.name} raises {code}")

    def keep(self, folder: Path) -> None:
        """Write it all to a file of this process's own."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{os.getpid()}.json").write_text(json.dumps(sorted(self._words)))


def noting() -> Seen | None:
    """Return where to note what is seen, if somebody has asked for it."""
    return Seen() if os.environ.get("MOCKBUILD_SEEN") else None


def promised(service: ServiceModel) -> Iterator[str]:
    """Yield what the model says that answers may hold, and which errors there are."""
    name = service.service_name
    shapes: set[str] = set()
    for operation in map(service.operation_model, service.operation_names):
        for member in operation.output_shape.members if operation.output_shape else ():
            yield f"{name}: {operation.name} answers {member}"
        for error in operation.error_shapes:
            yield f"{name}: {operation.name} raises {error.name}"
        if operation.output_shape is not None:
            yield from _members_below(name, operation.output_shape, shapes)


def _members_below(service: str, shape: Shape, known: set[str]) -> Iterator[str]:
    if shape.type_name in ("list", "map"):
        yield from _members_below(
            service, shape.member if shape.type_name == "list" else shape.value, known
        )
    elif shape.type_name == "structure" and shape.name not in known:
        known.add(shape.name)
        for name, member in shape.members.items():
            yield f"{service}: {shape.name}.{name}"
            yield from _members_below(service, member, known)


def _members_filled(service: str, shape: Shape, value: Any) -> Iterator[str]:
    if shape.type_name == "list":
        for item in value:
            yield from _members_filled(service, shape.member, item)
    elif shape.type_name == "map":
        for item in value.values():
            yield from _members_filled(service, shape.value, item)
    elif shape.type_name == "structure":
        for name, member in value.items():
            if _filled(member) and name in shape.members:
                yield f"{service}: {shape.name}.{name}"
                yield from _members_filled(service, shape.members[name], member)


def _filled(value: Any) -> bool:
    return value is not None and value not in ("", [], {}, ())


def _models() -> Iterator[ServiceModel]:
    loader = Loader()
    for name in SERVICES:
        yield ServiceModel(loader.load_service_model(name, "service-2"), name)


def main(folder: Path) -> int:
    """Print what no test has seen; return the exit status."""
    seen = {word for file in folder.glob("*.json") for word in json.loads(file.read_text())}
    missing = sorted({word for model in _models() for word in promised(model)} - seen)
    excused = [word for word in missing if any(fnmatchcase(word, one) for one in EXCUSED)]
    rest = [word for word in missing if word not in set(excused)]
    print(f"{len(seen)} seen, {len(excused)} excused with a reason, {len(rest)} seen by no test")
    print("\n".join(rest))
    needless = [one for one in EXCUSED if not any(fnmatchcase(word, one) for word in missing)]
    for one in needless:
        print(f"excused though it was seen: {one}")
    return 1 if rest or needless else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
