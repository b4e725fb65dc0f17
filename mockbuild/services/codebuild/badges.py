"""Build badges: the picture behind a project's ``badgeRequestUrl``."""

from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

from mockbuild.engine.live_build import LiveBuild
from mockbuild.services.codebuild.backend import CodeBuild, Project

#: What a badge says, by the status of the build, as documented; UNKNOWN without one.
_STATES = {"SUCCEEDED": "PASSING", "IN_PROGRESS": "IN_PROGRESS"}
_COLOURS = {
    "PASSING": "#4c1",
    "FAILING": "#e05d44",
    "IN_PROGRESS": "#dfb317",
    "UNKNOWN": "#9f9f9f",
}
#: Branches that a build without a version of its own is taken to have built: a guess, since only
#: the provider knows the name of the default branch.
_DEFAULT_BRANCHES = ("master", "main")


def badge(backends: Iterable[CodeBuild], query: str) -> str:
    """Return the badge that a URL's *query* asks for, as SVG.

    Asking is a look at the build. A badge that is not, or no longer, enabled is UNKNOWN.
    """
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    for here in backends:
        project = _find(here, asked.get("uuid", ""))
        if project is not None:
            return _svg(_state(here, project, asked))
    return _svg("UNKNOWN")


def _find(here: CodeBuild, uuid: str) -> Project | None:
    for project in here.projects.by_creation.values():
        shown = project.record["badge"]
        if shown["badgeEnabled"] and uuid == _uuid(shown["badgeRequestUrl"]):
            return project
    return None


def _uuid(url: str) -> str:
    return parse_qs(urlsplit(url).query)["uuid"][0]


def _state(here: CodeBuild, project: Project, asked: dict[str, str]) -> str:
    for build in reversed(project.builds.values()):
        if _is_of(build, asked):
            status = here.conductor.look(build).status
            return _STATES.get(status, "FAILING")
    return "UNKNOWN"


def _is_of(build: LiveBuild, asked: dict[str, str]) -> bool:
    """Tell whether a build is of the branch or tag asked for; a tag goes before a branch."""
    version = build.job.source_version
    tag = asked.get("tag")
    if tag is not None:
        return version in (tag, f"refs/tags/{tag}")
    branch = asked.get("branch", _DEFAULT_BRANCHES[0])
    if not version:
        return branch in _DEFAULT_BRANCHES
    return version in (branch, f"refs/heads/{branch}")


def _svg(state: str) -> str:
    """Draw a badge; what the service's look like is not modelled, what they say is."""
    text = state.lower().replace("_", " ")
    left, right = 38, 7 * len(text) + 12
    width = left + right
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" '
        f'aria-label="build: {text}"><title>build: {text}</title>'
        f'<rect width="{left}" height="20" fill="#555"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{_COLOURS[state]}"/>'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,sans-serif" font-size="11">'
        f'<text x="{left / 2}" y="14">build</text>'
        f'<text x="{left + right / 2}" y="14">{text}</text></g></svg>'
    )
