"""Whether a response is one that the service's model allows."""

from collections.abc import Iterator, Mapping
from typing import Any

import botocore
from botocore.model import Shape

_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (Mapping,),
    "map": (Mapping,),
    "list": (list, tuple),
    "string": (str,),
    "timestamp": (int, float),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "blob": (bytes,),
}


#: An older botocore does not know members that the services have learned since.
_OLD = tuple(map(int, botocore.__version__.split(".")[:2])) < (1, 44)
#: Values that answers of the real service were recorded with and the model does not know: in batch
#: builds, groups that wait, phases that failed or were retried, and types in lower case.
_RECORDED = frozenset(
    {
        ("StatusType", "PENDING"),
        ("StatusType", "CLIENT_ERROR"),
        ("StatusType", "RETRY"),
        ("ArtifactsType", "no_artifacts"),
        ("ArtifactsType", "s3"),
    }
)


def problems(shape: Shape | None, value: Any, path: str = "") -> Iterator[str]:
    """Yield what is wrong with *value*, a result as operations return it.

    Absent is the same as ``None``. Enums are checked, patterns and lengths are not: the service
    itself does not keep to them in what it returns.
    """
    if shape is None:
        if value:
            yield f"{path or 'result'}: the operation returns nothing, not {value!r}"
        return
    kind = shape.type_name
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        yield f"{path or 'result'}: {value!r} is not a {kind}"
    elif kind == "structure":
        yield from _members(shape, value, path)
    elif kind == "list":
        for index, item in enumerate(value):
            yield from problems(shape.member, item, f"{path}[{index}]")
    elif kind == "map":
        for key, item in value.items():
            yield from problems(shape.key, key, f"{path}.{key}")
            yield from problems(shape.value, item, f"{path}.{key}")
    elif (
        kind == "string"
        and shape.enum
        and value not in shape.enum
        and (shape.name, value) not in _RECORDED
    ):
        yield f"{path}: {value!r} is none of {', '.join(shape.enum)}"


def _members(shape: Any, value: Mapping[str, Any], path: str) -> Iterator[str]:
    for name in value:
        if name not in shape.members and not _OLD:
            yield f"{path}.{name}: {shape.name} has no such member"
    for name in shape.required_members:
        if value.get(name) is None:
            yield f"{path}.{name}: {shape.name} requires it"
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from problems(member, value[name], f"{path}.{name}")
