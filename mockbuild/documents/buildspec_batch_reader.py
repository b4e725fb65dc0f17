"""Reading a buildspec's ``batch``.

The guide hardly says what makes the section invalid. That everything here which is noted as an
error is one, and the texts the service is given, are guesses.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from mockbuild.documents.buildspec_batch import (
    DEFAULT_MAXIMUM_BUILDS,
    INVALID,
    Batch,
    BuildFanout,
    BuildGraph,
    BuildList,
    BuildMatrix,
    Builds,
    EnvOverride,
    MatrixDynamic,
    MatrixStatic,
    Task,
    count_shown,
)
from mockbuild.documents.buildspec_batch_rules import (
    Written,
    check_dependencies,
    check_identifiers,
    invalid,
)
from mockbuild.documents.buildspec_env import read_variables, warn_about_name
from mockbuild.documents.errors import Placed, Problems, shown
from mockbuild.documents.fields import Fields, did_you_mean
from mockbuild.documents.yaml_text import Entry, List, Scalar
from mockbuild.documents.yaml_text import Mapping as MappingNode
from mockbuild.documents.yaml_wording import unmarshal

COMPUTE_TYPES = (
    "BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_MEDIUM", "BUILD_GENERAL1_LARGE",
    "BUILD_GENERAL1_XLARGE", "BUILD_GENERAL1_2XLARGE", "BUILD_LAMBDA_1GB", "BUILD_LAMBDA_2GB",
    "BUILD_LAMBDA_4GB", "BUILD_LAMBDA_8GB", "BUILD_LAMBDA_10GB", "ATTRIBUTE_BASED_COMPUTE",
    "CUSTOM_INSTANCE_TYPE",
)  # fmt: skip
ENVIRONMENT_TYPES = (
    "WINDOWS_CONTAINER", "LINUX_CONTAINER", "LINUX_GPU_CONTAINER", "ARM_CONTAINER",
    "WINDOWS_SERVER_2019_CONTAINER", "WINDOWS_SERVER_2022_CONTAINER", "LINUX_LAMBDA_CONTAINER",
    "ARM_LAMBDA_CONTAINER", "LINUX_EC2", "ARM_EC2", "WINDOWS_EC2", "MAC_ARM",
)  # fmt: skip
_KINDS = (BuildGraph.kind, BuildList.kind, BuildMatrix.kind, BuildFanout.kind)
#: More digits than this no batch could ever use, and ``int()`` refuses thousands of them.
_COUNT = re.compile(r"[1-9][0-9]{0,17}")


def read_batch(entry: Entry, source: str, problems: Problems) -> Batch:
    """Read ``batch``.

    :param entry: the key with its value.
    :param source: the buildspec's name for messages, or ``<inline>``.
    :param problems: where findings go; the first error there becomes the batch's own.
    """
    fast_fail, builds = False, _nothing()
    if isinstance(entry.value, MappingNode):
        fields = Fields(entry.value, "batch", entry.key, problems)
        fast_fail = fields.flag("fast-fail")
        builds = _read_builds(fields, problems)
        fields.warn_unknown()
    else:
        problems.error(
            entry.value,
            "batch has to be a mapping",
            unmarshal(entry.value, "map[string]interface {}"),
        )
    batch = Batch(fast_fail, builds, source, entry.key.line, entry.key.column)
    if batch.size > DEFAULT_MAXIMUM_BUILDS:
        problems.warning(
            entry.key,
            f"the batch makes {count_shown(batch.size)} builds; a project allows "
            f"{DEFAULT_MAXIMUM_BUILDS} unless its maximumBuildsAllowed says otherwise",
        )
    errors = (found for found in problems.in_order() if found.severity == "error")
    return replace(batch, problem=next(errors, None))


def _nothing() -> Builds:
    return BuildList(())


def _read_builds(fields: Fields, problems: Problems) -> Builds:
    found = [entry for kind in _KINDS if (entry := fields.entry(kind))]
    if not found:
        invalid(
            problems,
            fields.at,
            f"batch has no builds; give it one of {', '.join(_KINDS)}",
            "Exactly one of build-graph, build-list, build-matrix, build-fanout must be specified.",
        )
        return _nothing()
    found.sort(key=lambda entry: (entry.key.line, entry.key.column))
    for entry in found[1:]:
        invalid(
            problems,
            entry.key,
            f"batch has {found[0].key.text} already; take {found[0].key.text} or {entry.key.text}",
            "Exactly one of build-graph, build-list, build-matrix, build-fanout must be specified.",
        )
    match found[0].key.text:
        case BuildGraph.kind:
            return BuildGraph(_read_tasks(fields, found[0], problems, graph=True))
        case BuildList.kind:
            return BuildList(_read_tasks(fields, found[0], problems, graph=False))
        case BuildMatrix.kind:
            return _read_matrix(fields, found[0], problems)
    return _read_fanout(fields, problems)


def _read_tasks(
    fields: Fields, entry: Entry, problems: Problems, *, graph: bool
) -> tuple[Task, ...]:
    path, node = fields.path(entry.key.text), entry.value
    if isinstance(node, Scalar) and node.is_null:
        node = List((), entry.key.line, entry.key.column)
    if not isinstance(node, List):
        problems.error(
            node,
            f"{path} has to be a list of tasks, each with a - in front",
            unmarshal(node, "[]interface {}"),
        )
        return ()
    if not node.items:
        _empty(problems, entry.key, path)
    written = []
    for index, item in enumerate(node.items):
        if isinstance(item, MappingNode):
            part = Fields(item, f"{path}[{index}]", None, problems)
            written.append(_read_task(part, problems, graph=graph))
        else:
            problems.error(
                item,
                f"{path}[{index}] has to be a mapping; start it with identifier:",
                unmarshal(item, "map[string]interface {}"),
            )
    check_identifiers(written, problems)
    if graph:
        check_dependencies(written, path, problems)
    return tuple(item.task for item in written)


def _read_task(fields: Fields, problems: Problems, *, graph: bool) -> Written:
    identifier = fields.text("identifier")
    depend_on = fields.texts("depend-on") if graph else ()
    task = Task(
        identifier=identifier.text if identifier else "",
        line=fields.at.line,
        column=fields.at.column,
        buildspec=_optional(fields.text("buildspec")),
        env=_read_env(fields.fields("env"), problems),
        depends_on=tuple(dict.fromkeys(name.text for name in depend_on)),
        ignore_failure=fields.flag("ignore-failure"),
        debug_session=fields.flag("debug-session"),
    )
    if fields.value("identifier") is None:
        invalid(
            problems,
            fields.at,
            f"{fields.path('identifier')} is missing; give the task a name",
            "Build Identifiers must not be empty.",
        )
    order = None if graph else fields.value("depend-on")
    if order:
        problems.warning(
            order[0], f"{fields.path('depend-on')} has no effect in a list; use build-graph"
        )
    fields.warn_unknown()
    return Written(task, identifier, depend_on)


def _read_env(fields: Fields | None, problems: Problems) -> EnvOverride:
    if fields is None:
        return EnvOverride()
    compute_type, fleet, kind = (fields.text(key) for key in ("compute-type", "fleet", "type"))
    env = EnvOverride(
        compute_type=_optional(compute_type),
        fleet=_optional(fleet),
        image=_optional(fields.text("image")),
        privileged_mode=_optional_flag(fields, "privileged-mode"),
        type=_optional(kind),
        variables=MappingProxyType(
            {pair.name.text: pair.value.text for pair in read_variables(fields, problems)}
        ),
    )
    fields.warn_unknown()
    if compute_type:
        _check_compute_type(compute_type, fields, problems)
    if kind and not _known(kind, ENVIRONMENT_TYPES):
        invalid(
            problems,
            kind,
            f"{fields.path('type')} is {shown(kind.text)}, which AWS does not know"
            f"{did_you_mean(kind.text, ENVIRONMENT_TYPES)}",
            f"Invalid type provided: {kind.text}",
        )
    if compute_type and fleet:
        _not_both(problems, fleet, fields)
    return env


def _read_matrix(fields: Fields, entry: Entry, problems: Problems) -> BuildMatrix:
    matrix = fields.fields(entry.key.text)
    static, dynamic = MatrixStatic(), MatrixDynamic()
    if matrix is not None:
        static = _read_static(matrix.fields("static"), problems)
        dynamic = _read_dynamic(matrix.fields("dynamic"), static, problems)
        matrix.warn_unknown()
        if dynamic == MatrixDynamic():
            # None of the lists is required, so one build is what the guide's words come to.
            problems.warning(
                entry.key, f"{matrix.path('dynamic')} has nothing to combine: there is one build"
            )
    return BuildMatrix(static, dynamic, entry.key.line, entry.key.column)


def _read_static(fields: Fields | None, problems: Problems) -> MatrixStatic:
    if fields is None:
        return MatrixStatic()
    static = MatrixStatic(
        ignore_failure=fields.flag("ignore-failure"),
        env=_read_env(fields.fields("env"), problems),
    )
    fields.warn_unknown()
    return static


def _read_dynamic(fields: Fields | None, static: MatrixStatic, problems: Problems) -> MatrixDynamic:
    if fields is None:
        return MatrixDynamic()
    buildspecs = _axis(fields, "buildspec", problems)
    env = fields.fields("env")
    fields.warn_unknown()
    if env is None:
        return MatrixDynamic(_plain(buildspecs))
    compute_types = _axis(env, "compute-type", problems)
    dynamic = MatrixDynamic(
        buildspecs=_plain(buildspecs),
        compute_types=_plain(compute_types),
        images=_plain(_axis(env, "image", problems)),
        variables=_read_axes(env.fields("variables"), problems),
    )
    env.warn_unknown()
    for compute_type in compute_types:
        _check_compute_type(compute_type, env, problems)
    if compute_types and static.env.fleet and not static.env.compute_type:
        _not_both(problems, compute_types[0], env)
    return dynamic


def _read_axes(fields: Fields | None, problems: Problems) -> Mapping[str, tuple[str, ...]]:
    if fields is None:
        return MappingProxyType({})
    axes = {}
    for name in fields.names():
        warn_about_name(name, problems)
        axes[name.text] = _plain(_axis(fields, name.text, problems))
        if fields.value(name.text) is None:
            _empty(problems, name, fields.path(name.text))
    return MappingProxyType(axes)


def _axis(fields: Fields, key: str, problems: Problems) -> tuple[Scalar, ...]:
    """Read a list of values; an empty one would leave no build."""
    found = fields.value(key)
    if found and isinstance(found[1], List) and not found[1].items:
        _empty(problems, found[0], fields.path(key))
    return fields.texts(key)


def _read_fanout(fields: Fields, problems: Problems) -> Builds:
    entry = fields.entry(BuildFanout.kind)
    fanout = fields.fields(BuildFanout.kind)
    if entry is None or fanout is None:
        return _nothing()
    found = fanout.text("parallelism")
    ignore_failure = fanout.flag("ignore-failure")
    fanout.warn_unknown()
    if found is not None and found.plain and _COUNT.fullmatch(found.text):
        return BuildFanout(int(found.text), ignore_failure, entry.key.line, entry.key.column)
    path = fanout.path("parallelism")
    if fanout.value("parallelism") is None:
        invalid(
            problems,
            fanout.at,
            f"{path} is missing; say how many builds",
            "parallelism must be specified.",
        )
    elif found is not None:
        is_number = found.plain and re.fullmatch(r"-[0-9]{1,18}|0", found.text)
        problems.error(
            found,
            f"{path} has to be a whole number greater than 0, without quotes",
            f"{INVALID} parallelism must be greater than 0."
            if is_number
            else unmarshal(found, "int"),
        )
    return _nothing()


def _check_compute_type(value: Scalar, fields: Fields, problems: Problems) -> None:
    if not _known(value, COMPUTE_TYPES) and not problems.is_full("error"):
        invalid(
            problems,
            value,
            f"{fields.path('compute-type')} is {shown(value.text)}, which AWS does not know"
            f"{did_you_mean(value.text, COMPUTE_TYPES)}",
            f"Invalid compute type provided: {value.text}",
        )


def _known(value: Scalar, names: Sequence[str]) -> bool:
    """Whether `value` is one of `names`, or has a variable in it and may become one."""
    return value.text in names or "$" in value.text


def _not_both(problems: Problems, at: Placed, fields: Fields) -> None:
    invalid(
        problems,
        at,
        f"{fields.name} has compute-type and fleet; take one of them",
        "compute-type and fleet must not be specified together.",
    )


def _empty(problems: Problems, at: Placed, path: str) -> None:
    invalid(
        problems,
        at,
        f"{path} is empty, so there would be no build",
        f"{path.removeprefix('batch.')} must not be empty.",
    )


def _optional(value: Scalar | None) -> str | None:
    return None if value is None else value.text


def _optional_flag(fields: Fields, key: str) -> bool | None:
    return None if fields.value(key) is None else fields.flag(key)


def _plain(values: tuple[Scalar, ...]) -> tuple[str, ...]:
    return tuple(value.text for value in values)
