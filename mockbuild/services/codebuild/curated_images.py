"""The Docker images that CodeBuild maintains: ListCuratedEnvironmentImages."""

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain, product
from typing import Final

from mockbuild.services.backend import Record
from mockbuild.services.codebuild.backend import CodeBuild
from mockbuild.services.operations import operation

#: How descriptions name platforms.
_PLATFORMS: Final = {
    "AMAZON_LINUX": "Amazon Linux",
    "UBUNTU": "Ubuntu",
    "WINDOWS_SERVER": "Windows Server Core",
}
#: Images with several runtimes, listed under each of them.
_STANDARD: Final[Mapping[str, tuple[str, ...]]] = {
    "AMAZON_LINUX": (
        "amazonlinux-x86_64-standard:5.0",
        "amazonlinux-x86_64-standard:6.0",
        "amazonlinux-aarch64-standard:3.0",
        "amazonlinux-aarch64-standard:4.0",
        # what the same images were called before
        "amazonlinux2-x86_64-standard:4.0",
        "amazonlinux2-x86_64-standard:5.0",
        "amazonlinux2-aarch64-standard:3.0",
    ),
    "UBUNTU": ("standard:7.0", "standard:8.0"),
}
_RUNTIMES: Final = ("DOTNET", "GOLANG", "JAVA", "NODE_JS", "PHP", "PYTHON", "RUBY")
#: Images for Lambda compute, of one runtime each.
_LAMBDA: Final[Mapping[str, tuple[str, ...]]] = {
    "DOTNET": ("dotnet6", "dotnet8"),
    "GOLANG": ("go1.21",),
    "JAVA": ("corretto11", "corretto17", "corretto21"),
    "NODE_JS": ("nodejs18", "nodejs20"),
    "PYTHON": ("python3.11", "python3.12"),
    "RUBY": ("ruby3.2",),
}
_WINDOWS: Final = ("windows-base:2019-1.0", "windows-base:2019-2.0")


@operation
def list_curated_environment_images(_: CodeBuild) -> Record:
    """List the images that are maintained, by platform and language.

    Which these are is documented, and the form of a record is recorded. Which languages an image
    is listed under, its description and the number of its pinned version are guesses. macOS is
    not among the platforms that the API knows, so its image is left out.
    """
    return {"platforms": _listed()}


@cache
def _listed() -> list[Record]:
    return [
        {
            "platform": platform,
            "languages": [
                {"language": language, "images": [_image(name, title) for name in names]}
                for language, names in _by_language(platform)
            ],
        }
        for platform, title in _PLATFORMS.items()
    ]


def _by_language(platform: str) -> Iterator[tuple[str, list[str]]]:
    if platform == "WINDOWS_SERVER":
        yield "BASE", list(_WINDOWS)
        return
    for language in _RUNTIMES:
        tags = _LAMBDA.get(language, ()) if platform == "AMAZON_LINUX" else ()
        on_lambda = (
            f"amazonlinux-{architecture}-lambda-standard:{tag}"
            for architecture, tag in product(("x86_64", "aarch64"), tags)
        )
        yield language, list(chain(_STANDARD[platform], on_lambda))


def _image(name: str, platform: str) -> Record:
    full = f"aws/codebuild/{name}"
    return {
        "name": full,
        "description": f"AWS CodeBuild - {name} running on {platform}",
        "versions": [f"{full}-1.0.0"],
    }
