"""The components that Amazon, third parties and sellers on the AWS Marketplace provide.

Most of Amazon's names, and some versions, are recorded in requests and lists of others. The rest of
the versions, the operating systems, the dates and what the documents do is a guess; the product of
the Marketplace is made up.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mockbuild.domain.image_arns import AMAZON
from mockbuild.services.imagebuilder.catalogue_entry import Entry, day

_LINUX: Final = (
    "Amazon Linux 2",
    "Amazon Linux 2023",
    "Red Hat Enterprise Linux 9",
    "Red Hat Enterprise Linux 10",
    "SLES 15",
    "Ubuntu 20",
    "Ubuntu 22",
    "Ubuntu 24",
)
_AMAZON_LINUX: Final = ("Amazon Linux 2", "Amazon Linux 2023")
_RED_HAT: Final = (
    "Amazon Linux 2",
    "Amazon Linux 2023",
    "Red Hat Enterprise Linux 9",
    "Red Hat Enterprise Linux 10",
)
_UBUNTU: Final = ("Ubuntu 20", "Ubuntu 22", "Ubuntu 24")
_WINDOWS: Final = (
    "Microsoft Windows Server 2016",
    "Microsoft Windows Server 2019",
    "Microsoft Windows Server 2022",
    "Microsoft Windows Server 2025",
)

_FIRST: Final = {"1.0.0": "2019-12-03"}
_SECOND: Final = {**_FIRST, "1.0.1": "2021-06-15"}
_OFTEN: Final = {**_SECOND, "1.0.2": "2023-03-21", "1.0.3": "2024-05-14", "1.0.4": "2025-02-11"}
_STIG: Final = {
    "2022.2.1": "2022-08-02",
    "2024.1.1": "2024-02-23",
    "2025.2.0": "2025-06-26",
    "2025.4.0": "2025-12-10",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A component with its versions, as the tables here have it.

    :param name: its name.
    :param description: what it is for; the document says the same.
    :param os: the operating systems it supports; the first word of one says the platform.
    :param versions: its versions and their days, the oldest first.
    :param run: commands of the build phase, or of the test phase of a name with ``-test``.
    :param check: commands of the phase ``validate``.
    :param action: an action module that does it instead of commands.
    :param parameters: parameters with their defaults.
    :param owner: as it stands in ARNs.
    :param more: members of its record that others do not have.
    """

    name: str
    description: str
    os: tuple[str, ...] = _LINUX
    versions: Mapping[str, str] = field(default_factory=lambda: _FIRST)
    run: tuple[str, ...] = ()
    check: tuple[str, ...] = ()
    action: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    owner: str = AMAZON
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def platform(self) -> str:
        """The platform."""
        return "Windows" if self.os[0].startswith("Microsoft") else "Linux"

    @property
    def is_test(self) -> bool:
        """Whether it is a test."""
        return "-test" in self.name


def _package(
    name: str,
    package: str,
    description: str,
    *,
    os: tuple[str, ...] = _RED_HAT,
    versions: Mapping[str, str] = _FIRST,
    check: str = "",
) -> Row:
    """Return a component that installs a package of the system's package manager."""
    manager = "apt-get" if os is _UBUNTU else "yum"
    return Row(
        name,
        description,
        os,
        versions,
        (f"sudo {manager} install -y {package}",),
        (check,) if check else (),
    )


_ON_LINUX: Final = (
    Row(
        "amazon-cloudwatch-agent-linux",
        "Installs the latest version of the Amazon CloudWatch agent",
        versions=_SECOND,
        run=(
            "cd /tmp",
            "curl -fsSLO https://amazoncloudwatch-agent.s3.amazonaws.com/install.sh",
            "sudo sh install.sh",
        ),
        check=("test -x /opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl",),
    ),
    _package(
        "amazon-corretto-8",
        "java-1.8.0-amazon-corretto-devel",
        "Installs Amazon Corretto 8",
        check="java -version",
    ),
    _package(
        "amazon-corretto-11",
        "java-11-amazon-corretto",
        "Installs Amazon Corretto 11",
        versions=_SECOND,
        check="java -version",
    ),
    _package(
        "amazon-corretto-17",
        "java-17-amazon-corretto",
        "Installs Amazon Corretto 17",
        check="java -version",
    ),
    _package(
        "amazon-corretto-21",
        "java-21-amazon-corretto",
        "Installs Amazon Corretto 21",
        versions={"1.0.0": "2024-01-16"},
        check="java -version",
    ),
    Row(
        "apache-tomcat-9-linux",
        "Installs Apache Tomcat 9",
        _RED_HAT,
        run=("sudo yum install -y tomcat9", "sudo systemctl enable tomcat9"),
        check=("systemctl is-enabled tomcat9",),
    ),
    Row(
        "aws-cli-version-2-linux",
        "Installs the latest version of the AWS CLI version 2",
        versions=_OFTEN,
        run=(
            "cd /tmp",
            "curl -fsSL https://awscli.amazonaws.com/awscli-exe-linux-$(uname -m).zip -o aws.zip",
            "unzip -qo aws.zip",
            "sudo ./aws/install --update",
        ),
        check=("/usr/local/bin/aws --version",),
    ),
    _package(
        "aws-codedeploy-agent-linux",
        "codedeploy-agent",
        "Installs the AWS CodeDeploy agent",
        versions=_SECOND,
    ),
    Row(
        "chrony-time-configuration-test",
        "Verifies that chrony is configured to use the Amazon Time Sync Service",
        _AMAZON_LINUX,
        run=("chronyc sources | grep -q 169.254.169.123",),
    ),
    _package(
        "docker-ce-linux",
        "docker",
        "Installs Docker Community Edition",
        versions=_SECOND,
        check="docker --version",
    ),
    _package(
        "docker-ce-ubuntu",
        "docker.io",
        "Installs Docker Community Edition on Ubuntu",
        os=_UBUNTU,
        check="docker --version",
    ),
    _package(
        "dotnet-core-sdk-linux",
        "dotnet-sdk-3.1",
        "Installs the .NET Core SDK",
        versions={"3.1.0": "2020-03-10"},
    ),
    _package(
        "dotnet-runtime-linux",
        "dotnet-runtime-8.0",
        "Installs the .NET runtime",
        versions={"6.0.0": "2022-05-17", "8.0.0": "2024-02-13"},
    ),
    _package(
        "dotnet-sdk-linux",
        "dotnet-sdk-8.0",
        "Installs the .NET SDK",
        versions={"6.0.0": "2022-05-17", "6.0.1": "2023-08-15", "8.0.0": "2024-02-13"},
        check="dotnet --list-sdks",
    ),
    Row(
        "ebs-volume-usage-test-linux",
        "Verifies that a volume can be attached, formatted, mounted and detached",
        run=("lsblk",),
    ),
    Row(
        "eni-attachment-test-linux",
        "Verifies that a network interface can be attached",
        run=("ip link show",),
    ),
    _package("go-stable-linux", "golang", "Installs the Go toolchain", check="go version"),
    Row(
        "hello-world-linux",
        "Prints a greeting",
        run=("echo 'Hello World.'",),
    ),
    Row(
        "inspector-test-linux",
        "Runs a security assessment with Amazon Inspector",
        versions=_SECOND,
        run=("echo 'Assessing the instance.'",),
    ),
    _package(
        "php-8-2-linux", "php8.2", "Installs PHP 8.2", os=_AMAZON_LINUX, check="php --version"
    ),
    Row(
        "python-3-linux",
        "Installs Python 3",
        versions=_SECOND,
        run=(
            "command -v python3 || sudo yum install -y python3 || sudo apt-get install -y python3",
        ),
        check=("python3 --version",),
    ),
    Row("reboot-linux", "Reboots the instance", action="Reboot"),
    Row("reboot-test-linux", "Verifies that the instance can reboot", action="Reboot"),
    Row(
        "scap-compliance-checker-linux",
        "Scans the instance for its compliance with STIG standards",
        versions={"2022.2.1": "2022-08-02", "2025.1.0": "2025-03-18"},
        run=("echo 'Scanning the instance.'",),
    ),
    Row(
        "simple-boot-test-linux",
        "Verifies that the instance boots and runs a command",
        run=("uptime",),
    ),
    Row(
        "stig-build-linux",
        "Applies STIG settings of a level",
        versions={"2025.4.0": "2025-12-10"},
        run=("echo 'Applying settings of level {{ Level }}.'",),
        parameters={"Level": "High", "InstallPackages": "No"},
    ),
    *(
        Row(
            f"stig-build-linux-{level}",
            f"Applies the STIG settings for {level} severity",
            versions=_STIG,
            run=(f"echo 'Applying settings of level {level}.'",),
            parameters={"InstallPackages": "No"} if level == "high" else {},
        )
        for level in ("low", "medium", "high")
    ),
    Row("update-linux", "Updates the operating system", versions=_OFTEN, action="UpdateOS"),
    Row(
        "yum-repository-test-linux",
        "Verifies that yum repositories can be reached",
        _RED_HAT,
        run=("yum repolist",),
    ),
)
_ON_WINDOWS: Final = (
    Row(
        "amazon-cloudwatch-agent-windows",
        "Installs the latest version of the Amazon CloudWatch agent",
        _WINDOWS,
        run=("msiexec /i https://amazoncloudwatch-agent.s3.amazonaws.com/agent.msi /qn",),
    ),
    Row(
        "aws-cli-version-2-windows",
        "Installs the latest version of the AWS CLI version 2",
        _WINDOWS,
        _OFTEN,
        ("msiexec /i https://awscli.amazonaws.com/AWSCLIV2.msi /qn",),
    ),
    Row("chocolatey", "Installs Chocolatey", _WINDOWS, run=("choco --version",)),
    Row(
        "distributor-package-windows",
        "Installs a package with AWS Systems Manager Distributor",
        _WINDOWS,
        _SECOND,
        ("Write-Host '{{ Action }} {{ PackageName }}'",),
        parameters={"Action": "Install", "PackageName": "AWSPVDriver"},
    ),
    Row(
        "dotnet-runtime-lts-windows",
        "Installs the .NET runtime",
        _WINDOWS,
        run=("winget install Microsoft.DotNet.Runtime.8",),
    ),
    Row(
        "ec2-network-route-test-windows",
        "Verifies that the routes to the instance metadata service are there",
        _WINDOWS,
        run=("Get-NetRoute -DestinationPrefix 169.254.169.254/32",),
    ),
    Row("hello-world-windows", "Prints a greeting", _WINDOWS, run=("Write-Host 'Hello World.'",)),
    Row(
        "inspector-test-windows",
        "Runs a security assessment with Amazon Inspector",
        _WINDOWS,
        _SECOND,
        ("Write-Host 'Assessing the instance.'",),
    ),
    Row(
        "powershell-windows",
        "Installs the latest version of PowerShell",
        _WINDOWS,
        _SECOND,
        ("msiexec /i PowerShell.msi /qn",),
    ),
    Row("python-3-windows", "Installs Python 3", _WINDOWS, run=("choco install python3 -y",)),
    Row("reboot-test-windows", "Verifies that the instance can reboot", _WINDOWS, action="Reboot"),
    Row("reboot-windows", "Reboots the instance", _WINDOWS, action="Reboot"),
    Row(
        "simple-boot-test-windows",
        "Verifies that the instance boots and runs a command",
        _WINDOWS,
        run=("Get-Uptime",),
    ),
    *(
        Row(
            f"stig-build-windows-{level}",
            f"Applies the STIG settings for {level} severity",
            _WINDOWS,
            _STIG,
            (f"Write-Host 'Applying settings of level {level}.'",),
        )
        for level in ("low", "medium", "high")
    ),
    Row("update-windows", "Updates the operating system", _WINDOWS, _OFTEN, action="UpdateOS"),
    Row(
        "windows-activation-test",
        "Verifies the license status of Windows",
        _WINDOWS,
        run=("slmgr /dlv",),
    ),
    Row(
        "windows-server-iis",
        "Installs the web server role",
        _WINDOWS,
        run=("Install-WindowsFeature -Name Web-Server",),
    ),
)
#: Out of support; lists leave them out unless they are asked for.
_DEPRECATED: Final = (
    Row(
        "dotnet-core-runtime-linux",
        "Installs the .NET Core runtime",
        _RED_HAT,
        {"3.1.0": "2020-03-10"},
        ("sudo yum install -y dotnet-runtime-3.1",),
        more={"state": {"status": "DEPRECATED"}},
    ),
)
_CIS: Final = {"obfuscate": True, "publisher": "CIS"}
_OF_OTHERS: Final = (
    *(
        Row(
            f"cis-benchmark-level-1-{system}",
            "Applies the CIS Benchmark, level 1",
            os,
            {"1.0.0": "2023-01-17", "1.0.1": "2024-04-09"},
            (f"echo 'Applying the benchmark for {system}.'",),
            owner="third-party",
            more=_CIS,
        )
        for system, os in (
            ("amazon-linux", ("Amazon Linux 2",)),
            ("amazon-linux-2023", ("Amazon Linux 2023",)),
            ("windows-2019", ("Microsoft Windows Server 2019",)),
            ("windows-2022", ("Microsoft Windows Server 2022",)),
        )
    ),
    Row(
        "example-agent-linux",
        "Installs the agent of a product on the AWS Marketplace",
        _RED_HAT,
        {"1.0.0": "2025-01-14", "1.1.0": "2025-09-16"},
        ("echo 'Installing the agent.'",),
        owner="aws-marketplace",
        more={
            "obfuscate": True,
            "publisher": "Example Corp.",
            "productCodes": [
                {"productCodeId": "examplecode123", "productCodeType": "marketplace"},
            ],
        },
    ),
)


def components() -> Iterator[Entry]:
    """Go through all components, the versions of each from the oldest to the newest."""
    for row in (*_ON_LINUX, *_ON_WINDOWS, *_DEPRECATED, *_OF_OTHERS):
        yield from _versions(row)


def _versions(row: Row) -> Iterator[Entry]:
    text = _document(row)
    members: dict[str, Any] = {
        "description": row.description,
        "type": "TEST" if row.is_test else "BUILD",
        "platform": row.platform,
        "supportedOsVersions": list(row.os),
        "state": {"status": "ACTIVE"},
        "encrypted": True,
        "obfuscate": False,
        "tags": {},
        **row.more,
    }
    if row.parameters:
        members["parameters"] = [
            {"name": name, "type": "string", "defaultValue": [value]}
            for name, value in row.parameters.items()
        ]
    if not members.get("obfuscate"):
        members["data"] = text
    for version, date in row.versions.items():
        yield Entry(
            "component", row.name, f"{version}/1", day(date), members, text, owner=row.owner
        )


def _document(row: Row) -> str:
    lines = [f"name: {row.name}", f"description: {row.description}", "schemaVersion: 1.0"]
    if row.parameters:
        lines.append("parameters:")
        for name, value in row.parameters.items():
            lines += [
                f"  - {name}:",
                "      type: string",
                f"      default: {_quoted(value)}",
            ]
    lines.append("phases:")
    shell = "ExecutePowerShell" if row.platform == "Windows" else "ExecuteBash"
    lines += _phase("test" if row.is_test else "build", row.action or shell, row.run)
    if row.check:
        lines += _phase("validate", shell, row.check)
    return "\n".join(lines) + "\n"


def _phase(name: str, action: str, commands: tuple[str, ...]) -> Iterator[str]:
    yield f"  - name: {name}"
    yield "    steps:"
    yield f"      - name: {name.capitalize()}Step"
    yield f"        action: {action}"
    if commands:
        yield "        inputs:"
        yield "          commands:"
        for command in commands:
            yield f"            - {_quoted(command)}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
