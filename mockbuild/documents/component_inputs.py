"""A step's ``inputs`` in a component document, by the table of action modules."""

from collections.abc import Mapping
from types import MappingProxyType

from mockbuild.documents.component_actions import ActionModule
from mockbuild.documents.conditions import Condition, Grammar, read_condition
from mockbuild.documents.errors import Problems
from mockbuild.documents.inputs import check_inputs
from mockbuild.documents.records import Record, one_of
from mockbuild.documents.yaml_text import List, Node, Scalar
from mockbuild.documents.yaml_text import Mapping as MappingNode

#: The guide's comparison operators, each with what stands beside it.
CONDITIONS = Grammar(
    MappingProxyType(
        {
            **dict.fromkeys(
                (
                    "stringIsEmpty", "stringIsWhitespace", "binaryExists", "fileExists",
                    "folderExists",
                ),
                "",
            ),
            **dict.fromkeys(
                (
                    "stringEquals", "stringLessThan", "stringLessThanEquals", "stringGreaterThan",
                    "stringGreaterThanEquals", "patternMatches", "numberEquals", "numberLessThan",
                    "numberLessThanEquals", "numberGreaterThan", "numberGreaterThanEquals",
                ),
                "value",
            ),
            **dict.fromkeys(
                ("fileMD5Equals", "fileSHA1Equals", "fileSHA256Equals", "fileSHA512Equals"), "path"
            ),
        }
    ),
    max_nesting=4,
)  # fmt: skip


def read_inputs(
    step: Record,
    action: Scalar | None,
    module: ActionModule | None,
    platform: str | None,
    problems: Problems,
) -> tuple[tuple[Mapping[str, Node], ...], Condition | None]:
    """Read a step's ``inputs``: mappings of names to values, or the condition of an ``Assert``.

    :param step: the step.
    :param action: the name of its action module, or ``None``.
    :param module: the module, or ``None`` when there is none of that name.
    :param platform: the component's platform, or ``None`` when not known.
    :param problems: where findings go.
    """
    records = _input_records(step)
    if action is None or module is None:
        return (), None
    if not any(record.names() for record in records):
        if module.needs_inputs and _lacks_inputs(step):
            step.missing(
                "inputs",
                f"{action.text} needs some",
                f"Action {action.text} has no inputs; it requires an 'inputs'",
            )
        return (), None
    if len(records) > 1 and not module.takes_many:
        problems.error(
            records[1].at, f"{action.text} takes one mapping of inputs; use a step for each"
        )
    if module.is_condition:
        return (), read_condition(records[0], CONDITIONS, problems)
    for record in records:
        check_inputs(record, module.inputs, problems)
        _check_together(record, action.text, module, platform, problems)
    return tuple(record.values() for record in records), None


def _input_records(step: Record) -> tuple[Record, ...]:
    """Return the mappings of ``inputs``: every module takes one alone, or a list of them."""
    found = step.value("inputs")
    if found is None:
        return ()
    if isinstance(found[1], List):
        return step.records("inputs")
    record = step.record("inputs")
    return () if record is None else (record,)


def _lacks_inputs(step: Record) -> bool:
    """Whether inputs are missing or empty, in contrast to wrong."""
    found = step.value("inputs")
    node = found[1] if found else None
    if isinstance(node, List):
        return all(isinstance(item, MappingNode) and not item.entries for item in node.items)
    return node is None or (isinstance(node, MappingNode) and not node.entries)


def _check_together(
    record: Record, action: str, module: ActionModule, platform: str | None, problems: Problems
) -> None:
    given = [name for name in module.one_of if record.value(name) is not None]
    if module.one_of and len(given) != 1:
        problems.error(record.at, f"{action} takes either {one_of(module.one_of)}")
    given = [name for name in module.together if record.value(name) is not None]
    if 0 < len(given) < len(module.together):
        problems.warning(
            record.at, f"{given[0]} has no effect alone; give {' and '.join(module.together)}"
        )
    if platform != "Windows":
        return
    for key in record.names():
        wanted = module.inputs.get(key.text)
        if wanted and wanted.not_on_windows:
            problems.warning(key, f"{action} fails on Windows when {key.text} is given")
