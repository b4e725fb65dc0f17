"""The images to build on that Amazon provides.

Their names are the ones that AWS's documentation and its CDK use. Which versions there are, and how
answers spell the names, is a guess; that versions are dates is recorded.
"""

from collections.abc import Iterator
from typing import Final

from mockbuild.services.imagebuilder.catalogue_entry import Entry, day

_LINUX: Final = "Linux"
_WINDOWS: Final = "Windows"
_MACOS: Final = "macOS"
_CURRENT: Final = ("2025.11.11", "2026.5.12", "2026.11.10")
#: Versions that AWS's examples name, beside those of late.
_FROM_EXAMPLES: Final = {
    "Amazon Linux 2 x86": ("2022.6.14",),
    "Amazon Linux x86 2": ("2020.8.10",),
    "Windows Server 2016 English Full Base x86": ("2019.12.17",),
    "Windows Server 2019 x86 Core ltsc2019 amd64": ("2020.12.8",),
}
#: Out of support; lists leave them out unless they are asked for.
_DEPRECATED: Final = {
    "Ubuntu Server 18 LTS x86": ("2020.8.10", "2023.5.9"),
    "Ubuntu Server 20 LTS x86": ("2024.11.12", "2025.5.13"),
}

#: Name, platform and version of the operating system.
_AMIS: Final = (
    ("Amazon Linux 2 arm64", _LINUX, "Amazon Linux 2"),
    ("Amazon Linux 2 x86", _LINUX, "Amazon Linux 2"),
    ("Amazon Linux 2023 arm64", _LINUX, "Amazon Linux 2023"),
    ("Amazon Linux 2023 x86", _LINUX, "Amazon Linux 2023"),
    ("Red Hat Enterprise Linux 9 x86", _LINUX, "Red Hat Enterprise Linux 9"),
    ("Red Hat Enterprise Linux 10 arm64", _LINUX, "Red Hat Enterprise Linux 10"),
    ("Red Hat Enterprise Linux 10 x86", _LINUX, "Red Hat Enterprise Linux 10"),
    ("SUSE Linux Enterprise Server 15 arm64", _LINUX, "SLES 15"),
    ("SUSE Linux Enterprise Server 15 x86", _LINUX, "SLES 15"),
    ("Ubuntu Server 18 LTS x86", _LINUX, "Ubuntu 18"),
    ("Ubuntu Server 20 LTS x86", _LINUX, "Ubuntu 20"),
    ("Ubuntu Server 22 LTS arm64", _LINUX, "Ubuntu 22"),
    ("Ubuntu Server 22 LTS x86", _LINUX, "Ubuntu 22"),
    ("Ubuntu Server 24 LTS arm64", _LINUX, "Ubuntu 24"),
    ("Ubuntu Server 24 LTS x86", _LINUX, "Ubuntu 24"),
    *(
        (
            f"Windows Server {year} English {edition} Base x86",
            _WINDOWS,
            f"Microsoft Windows Server {year}",
        )
        for year in (2016, 2019, 2022, 2025)
        for edition in ("Core", "Full")
    ),
    ("macOS Sonoma arm64", _MACOS, "macOS 14"),
    ("macOS Sonoma x86", _MACOS, "macOS 14"),
    ("macOS Sequoia arm64", _MACOS, "macOS 15"),
    ("macOS Sequoia x86", _MACOS, "macOS 15"),
)
#: The same of container images, and where each is.
_CONTAINERS: Final = (
    (
        "Amazon Linux x86 2",
        _LINUX,
        "Amazon Linux 2",
        "public.ecr.aws/amazonlinux/amazonlinux:2",
    ),
    (
        "Amazon Linux 2023 x86 2023",
        _LINUX,
        "Amazon Linux 2023",
        "public.ecr.aws/amazonlinux/amazonlinux:2023",
    ),
    ("Ubuntu 22 x86 22 04", _LINUX, "Ubuntu 22", "public.ecr.aws/ubuntu/ubuntu:22.04"),
    ("Ubuntu 24 x86 24 04", _LINUX, "Ubuntu 24", "public.ecr.aws/ubuntu/ubuntu:24.04"),
    (
        "Windows Server 2016 x86 Core ltsc2016 amd64",
        _WINDOWS,
        "Microsoft Windows Server 2016",
        "mcr.microsoft.com/windows/servercore:ltsc2016-amd64",
    ),
    (
        "Windows Server 2019 x86 Core ltsc2019 amd64",
        _WINDOWS,
        "Microsoft Windows Server 2019",
        "mcr.microsoft.com/windows/servercore:ltsc2019-amd64",
    ),
)


def images() -> Iterator[Entry]:
    """Go through all images, the versions of each from the oldest to the newest."""
    for name, platform, system in _AMIS:
        yield from _versions(name, platform, system, "")
    for name, platform, system, uri in _CONTAINERS:
        yield from _versions(name, platform, system, uri)


def _versions(name: str, platform: str, system: str, uri: str) -> Iterator[Entry]:
    old = _DEPRECATED.get(name)
    for version in old or (*_FROM_EXAMPLES.get(name, ()), *_CURRENT):
        members = {
            "type": "DOCKER" if uri else "AMI",
            "platform": platform,
            "osVersion": system,
            "state": {"status": "DEPRECATED" if old else "AVAILABLE"},
            "imageSource": "AMAZON_MANAGED",
            "tags": {},
        }
        year, month, date = map(int, version.split("."))
        created = day(f"{year}-{month:02}-{date:02}")
        yield Entry("image", name, f"{version}/1", created, members, uri=uri)
