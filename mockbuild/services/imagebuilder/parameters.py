"""Parameters that components and workflows declare, and the values that requests give them."""

import re
from collections.abc import Sequence
from typing import Final

from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.quotas import check_quota, longest
from mockbuild.services.imagebuilder.shelves import Resource
from mockbuild.services.imagebuilder.words import does_not_go_together

#: The quotas for how many there are and for how long a value is, by what declares them.
_MOST: Final = {
    "component": "parameters_per_component",
    "workflow": "parameters_per_image_workflow",
}
_LONGEST: Final = {
    "component": "component_parameter_length",
    "workflow": "image_workflow_parameter",
}
_INTEGER = re.compile(r"[-+]?[0-9]{1,19}")


def check_declared(here: ImageBuilder, noun: str, declared: Sequence[Record]) -> None:
    """Check the parameters of a new document.

    :param noun: what the document is: ``component`` or ``workflow``.
    :param declared: the parameters as ``Get…`` shows them.
    :raises ServiceQuotaExceededException: there are too many, or a default is too long.
    """
    if not declared:
        return
    check_quota(here, _MOST[noun], len(declared))
    defaults = (value for one in declared for value in one.get("defaultValue", ()))
    check_quota(here, _LONGEST[noun], longest(defaults))


def check_given(here: ImageBuilder, to: Resource, given: Sequence[Record], path: str) -> None:
    """Check the values that a recipe, a pipeline or an image gives.

    :param to: the component or workflow that they are for.
    :param given: the request's ``parameters``, each with ``name`` and a list as ``value``.
    :param path: where they stand in the request.
    :raises InvalidParameterCombinationException: they are not those that it wants.
    :raises ServiceQuotaExceededException: a value is too long.
    """
    noun = to.arn.kind.partition("/")[0]
    sentence = complaint(to.record.get("parameters", ()), given, noun)
    if sentence:
        raise does_not_go_together(path, sentence)
    check_quota(here, _LONGEST[noun], longest(value for one in given for value in one["value"]))


def complaint(declared: Sequence[Record], given: Sequence[Record], noun: str) -> str:
    """Say what is wrong with values; ``""`` when all is well.

    The sentence for names that were not declared is recorded; the others are a guess.

    :param declared: and *given*, *noun*: see above.
    """
    known = {one["name"]: one for one in declared}
    values: dict[str, list[str]] = {}
    twice = []
    for one in given:
        if one["name"] in values:
            twice.append(one["name"])
        values[one["name"]] = one["value"]
    for names, what in (
        ([name for name in values if name not in known], f"are not defined in the provided {noun}"),
        (twice, "are specified more than once"),
        (
            [name for name in known if "defaultValue" not in known[name] and name not in values],
            f"are required by the provided {noun}",
        ),
        (
            [name for name in values if name in known and not _fits(known[name], values[name])],
            f"have values of the wrong type for the provided {noun}",
        ),
    ):
        if names:
            return f"The following parameters {what}: {', '.join(names)}"
    return ""


def _fits(parameter: Record, values: Sequence[str]) -> bool:
    if parameter["type"] == "stringList":
        return True
    if len(values) != 1:
        return False
    (value,) = values
    if parameter["type"] == "integer":
        return bool(_INTEGER.fullmatch(value))
    return parameter["type"] == "string" or value.lower() in ("true", "false")
