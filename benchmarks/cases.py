"""What is timed: calls on a client, and whole unit tests.

A case prepares what it needs and returns the action to be timed. It is the same code on each
side; the floor's answers were recorded from ours.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count, cycle
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.sides import Side

Action = Callable[[], Any]

BUILDSPEC = """\
version: 0.2
phases:
  build:
    commands:
      - make
      - echo done
"""


def project(name: str) -> dict[str, Any]:
    """Return the members of a small CreateProject request."""
    return {
        "name": name,
        "source": {"type": "S3", "location": "sources/web.zip", "buildspec": BUILDSPEC},
        "artifacts": {"type": "NO_ARTIFACTS"},
        "environment": {
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/standard:7.0",
            "computeType": "BUILD_GENERAL1_SMALL",
        },
        "serviceRole": "arn:aws:iam::123456789012:role/codebuild",
    }


def _look(client: Any, build_id: str) -> Any:
    return client.batch_get_builds(ids=[build_id])


def list_builds(side: "Side") -> Action:
    client = side.client
    client.create_project(**project("web"))
    for _ in range(10):
        client.start_build(projectName="web")
    return lambda: client.list_builds()


def get_build(side: "Side") -> Action:
    client = side.client
    client.create_project(**project("web"))
    ids = [client.start_build(projectName="web")["build"]["id"] for _ in range(50)]
    for build_id in ids:
        _look(client, build_id)  # now it is over
    # Another one each time, as what polling costs is a row of its own.
    builds = cycle(ids)
    return lambda: _look(client, next(builds))


def create_project(side: "Side") -> Action:
    client = side.client
    names = (f"p{number}" for number in count())
    return lambda: client.create_project(**project(next(names)))


def start_build(side: "Side") -> Action:
    client = side.client
    client.create_project(**project("web"))
    return lambda: client.start_build(projectName="web")


def get_100_projects(side: "Side") -> Action:
    client = side.client
    names = [f"p{number}" for number in range(100)]
    for name in names:
        client.create_project(**project(name))
    return lambda: client.batch_get_projects(names=names)


def get_100_builds(side: "Side") -> Action:
    client = side.client
    client.create_project(**project("web"))
    ids = [client.start_build(projectName="web")["build"]["id"] for _ in range(100)]
    client.batch_get_builds(ids=ids)  # now all are over
    return lambda: client.batch_get_builds(ids=ids)


def _unit_test(client: Any) -> Any:
    client.create_project(**project("web"))
    return _look(client, client.start_build(projectName="web")["build"]["id"])


def unit_test_shared_client(side: "Side") -> Action:
    """Enter, three calls with a client from outside, leave. The floor only makes the calls."""
    client = side.client

    def run() -> None:
        with side.mock():
            _unit_test(client)

    return run


def unit_test_own_client(side: "Side") -> Action:
    """The same with a client made inside."""

    def run() -> None:
        with side.mock():
            _unit_test(side.inner_client())

    return run


def enter_and_leave(side: "Side") -> Action:
    def run() -> None:
        with side.mock():
            pass

    return run


# Image Builder

COMPONENT = """\
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Install
        action: ExecuteBash
        inputs:
          commands:
            - yum install -y agent
"""


def _component(client: Any, name: str) -> Any:
    return client.create_component(
        name=name, semanticVersion="1.0.0", platform="Linux", data=COMPONENT
    )["componentBuildVersionArn"]


def _recipe(client: Any, name: str, component: str) -> Any:
    return client.create_image_recipe(
        name=name,
        semanticVersion="1.0.0",
        parentImage="arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux-2023-x86/x.x.x",
        components=[{"componentArn": component}],
    )["imageRecipeArn"]


def _infrastructure(client: Any) -> Any:
    return client.create_infrastructure_configuration(name="small", instanceProfileName="builder")[
        "infrastructureConfigurationArn"
    ]


def _images(client: Any, number: int) -> list[str]:
    """Make so many images, each of a recipe of its own, and see them through."""
    component, infrastructure = _component(client, "agent"), _infrastructure(client)
    made = []
    for index in range(number):
        recipe = _recipe(client, f"golden-{index}", component)
        image = client.create_image(
            imageRecipeArn=recipe, infrastructureConfigurationArn=infrastructure
        )["imageBuildVersionArn"]
        client.get_image(imageBuildVersionArn=image)  # now it is available
        made.append(image)
    return made


def create_component(side: "Side") -> Action:
    client = side.client
    names = (f"component-{number}" for number in count())
    return lambda: _component(client, next(names))


def get_image(side: "Side") -> Action:
    client = side.client
    images = cycle(_images(client, 50))
    return lambda: client.get_image(imageBuildVersionArn=next(images))


def list_images(side: "Side") -> Action:
    client = side.client
    _images(client, 10)
    return lambda: client.list_images()


def image_test(side: "Side") -> Action:
    """Enter, make an image and all that it takes, look at it, leave; the client is outside."""
    client = side.client

    def run() -> None:
        with side.mock():
            _images(client, 1)

    return run


def many_projects(number: int) -> Callable[["Side"], Action]:
    """Return a case that looks one of *number* projects up, by its ARN."""

    def case(side: "Side") -> Action:
        client = side.client
        side.lift_quotas()
        for index in range(number):
            arn = client.create_project(**project(f"p{index}"))["project"]["arn"]
        return lambda: client.batch_get_projects(names=[arn])

    return case


def many_listed(number: int) -> Callable[["Side"], Action]:
    """Return a case that lists projects, of which there are *number*."""

    def case(side: "Side") -> Action:
        client = side.client
        side.lift_quotas()
        for index in range(number):
            client.create_project(**project(f"p{index}"))
        return lambda: client.list_projects()

    return case


def many_builds_listed(number: int) -> Callable[["Side"], Action]:
    """Return a case that lists builds, of which there are *number*."""

    def case(side: "Side") -> Action:
        client = side.client
        client.create_project(**project("web"))
        for _ in range(number):
            client.start_build(projectName="web")
        return lambda: client.list_builds()

    return case


@dataclass(frozen=True)
class Case:
    """An action to be timed, and how.

    :param prepare: makes the action, inside a mock that is on already.
    :param calls: how many make one timing.
    :param fresh: prepare anew for each timing, because the action leaves something behind.
    :param outside: the action enters the mock itself.
    :param warm_up: calls that go before each timing.
    :param service: whose client it has.
    :param to_record: makes what the floor's answers are recorded from, if not *prepare*.
    """

    prepare: Callable[["Side"], Action]
    calls: int
    fresh: bool = False
    outside: bool = False
    warm_up: int = 3
    service: str = "codebuild"
    to_record: Callable[["Side"], Action] | None = None


FEW = 10
MANY = 10_000

CASES: dict[str, Case] = {
    "list": Case(list_builds, 40),
    "get": Case(get_build, 40, fresh=True),
    "create": Case(create_project, 40, fresh=True),
    "start": Case(start_build, 40, fresh=True),
    "get 100 projects": Case(get_100_projects, 4),
    "get 100 builds": Case(get_100_builds, 2, fresh=True, warm_up=1),
    "unit test, client outside": Case(unit_test_shared_client, 15, outside=True, warm_up=15),
    "unit test, client inside": Case(
        unit_test_own_client, 5, outside=True, to_record=unit_test_shared_client
    ),
    "enter and leave": Case(enter_and_leave, 50, outside=True),
    "by ARN, few": Case(many_projects(FEW), 40),
    "by ARN, many": Case(many_projects(MANY), 40),
    # A page holds 100 names; so does the short list, for otherwise its answer would be shorter.
    "list projects, few": Case(many_listed(100), 40),
    "list projects, many": Case(many_listed(MANY), 40),
    "list builds, few": Case(many_builds_listed(100), 40),
    "list builds, many": Case(many_builds_listed(MANY), 40),
    "create component": Case(create_component, 40, fresh=True, service="imagebuilder"),
    "get image": Case(get_image, 40, fresh=True, service="imagebuilder"),
    "list images": Case(list_images, 40, service="imagebuilder"),
    "image test": Case(image_test, 10, outside=True, service="imagebuilder"),
}
