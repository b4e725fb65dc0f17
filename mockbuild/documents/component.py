"""Image Builder's component document, the language of AWSTOE.

The grammar is the user guide's chapter on the AWSTOE component document framework. Two sentences
of the service were recorded (a step's name with a wrong character, a step without inputs), one is
documented (no phases). For the rest, what is refused when a component is made is as the guide
says where the guide says so, and a guess otherwise; the wording is ours.
"""

from dataclasses import dataclass
from typing import Any, Literal

from mockbuild.documents.component_parameters import (
    Constant,
    read_constants,
    read_parameters,
    refuse_shared_names,
)
from mockbuild.documents.component_scope import check_references
from mockbuild.documents.component_steps import Phase, read_phases
from mockbuild.documents.errors import Problem, Problems
from mockbuild.documents.parameters import Parameter
from mockbuild.documents.records import Reader, Record, read_schema_version

Platform = Literal["Linux", "Windows", "macOS"]


@dataclass(frozen=True, slots=True)
class Component:
    """A component document that can be run.

    :param source: the file's name, or ``<inline>``.
    :param name: the document's name, or ``""``.
    :param description: what it does, or ``""``.
    :param constants: its constants.
    :param parameters: its parameters.
    :param phases: its phases, in the order they run.
    """

    source: str
    name: str
    description: str
    constants: tuple[Constant, ...]
    parameters: tuple[Parameter, ...]
    phases: tuple[Phase, ...]

    @property
    def type(self) -> Literal["BUILD", "TEST"]:
        """The component's type: ``TEST`` when ``test`` is its only phase."""
        return "TEST" if [phase.name for phase in self.phases] == ["test"] else "BUILD"

    @property
    def parameter_details(self) -> list[dict[str, Any]]:
        """The parameters as GetComponent returns them."""
        return [parameter.detail for parameter in self.parameters]


def parse_component(
    text: str | bytes, source: str = "<inline>", platform: Platform | None = None
) -> Component:
    """Read a component document.

    The same text a second time costs nothing.

    :param text: the YAML (or JSON, which is YAML too).
    :param source: the file's name for messages.
    :param platform: the component's platform; when it is not known, action modules of all
        platforms will do.
    :raises DocumentError: for the first error, in the order of the document. Its ``aws_message``
        is the sentence that follows ``The value supplied for parameter 'data' is not valid.``
    """
    return _READER.parse(text, source, platform)


def check_component(
    text: str | bytes, source: str = "<inline>", platform: Platform | None = None
) -> list[Problem]:
    """Everything wrong or odd about a component document, in the order of the document.

    :param text: the YAML.
    :param source: the file's name for messages.
    :param platform: the component's platform, or ``None``.
    """
    return _READER.check(text, source, platform)


def _read_root(
    root: Record, source: str, platform: Platform | None, problems: Problems
) -> Component:
    read_schema_version(root, problems)
    name, description = root.text("name"), root.text("description")
    component = Component(
        source=source,
        name=name.text if name else "",
        description=description.text if description else "",
        constants=read_constants(root, problems),
        parameters=read_parameters(root, problems),
        phases=read_phases(root, platform, problems),
    )
    refuse_shared_names(component.constants, component.parameters, problems)
    check_references(component.constants, component.parameters, component.phases, problems)
    return component


_READER = Reader("component document", _read_root)
