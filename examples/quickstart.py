"""An ordinary boto3 program that builds a project with CodeBuild, without AWS.

It uploads the source to S3, creates a project, starts a build, waits for it, and reads its log and
its artifact: once for a build that succeeds, once for one that fails. The builds really run, on
this machine. Run it from the root of the repository::

    python examples/quickstart.py
"""

import io
import time
import zipfile
from pathlib import Path

import boto3

from mockbuild import mock_codebuild

HELLO = Path(__file__).parent / "hello"


def main():
    with mock_codebuild(runner="local") as mb:
        # Test code fills S3 and reads it; the program under test would use a boto3 client.
        mb.s3["hello-source"]["hello.zip"] = zipped(HELLO)

        codebuild = boto3.client("codebuild", region_name="eu-central-1")
        codebuild.create_project(
            name="hello",
            source={"type": "S3", "location": "hello-source/hello.zip"},
            artifacts={"type": "S3", "location": "hello-releases", "packaging": "NONE"},
            environment={
                "type": "LINUX_CONTAINER",
                "image": "aws/codebuild/standard:7.0",
                "computeType": "BUILD_GENERAL1_SMALL",
            },
            serviceRole="arn:aws:iam::123456789012:role/hello-build",
        )

        title("A build that succeeds")
        build = run(codebuild)
        print("\nIts log:\n")
        print(indented(log(mb, build)))
        print("\nIts exported variables:\n")
        for variable in build["exportedEnvironmentVariables"]:
            print(f"    {variable['name']} = {variable['value']}")
        print(f"\nIts artifacts, at {build['artifacts']['location']}:\n")
        releases = mb.s3["hello-releases"]
        for key in releases:
            print(f"    {key}  ({len(releases[key])} bytes)")
        greeting = next(key for key in releases if key.endswith("greeting.txt"))
        print(f"\nWhat {greeting} says:\n\n    {releases[greeting].decode().strip()}")

        title("The same project, told to speak a language it does not know")
        build = run(
            codebuild,
            environmentVariablesOverride=[{"name": "HELLO_LANGUAGE", "value": "tlh"}],
        )
        print("\nWhy, from the phases of the build:\n")
        for phase in build["phases"]:
            for context in phase.get("contexts", []):
                if context["statusCode"]:
                    print(f"    {phase['phaseType']}: {context['statusCode']}")
                    print(f"    {context['message']}")
        print("\nThe end of its log:\n")
        print(indented("\n".join(log(mb, build).splitlines()[-20:])))

        started = mb.calls("StartBuild")
        print(f"\nStartBuild was called {len(started)} times; nothing was sent to AWS.")


def run(codebuild, **overrides):
    """Start a build and wait for it, showing each phase when it is over."""
    build = codebuild.start_build(projectName="hello", **overrides)["build"]
    print(f"Started {build['id']}\n")
    shown = 0
    while True:
        build = codebuild.batch_get_builds(ids=[build["id"]])["builds"][0]
        over = [phase for phase in build["phases"] if "phaseStatus" in phase]
        for phase in over[shown:]:
            seconds = (phase["endTime"] - phase["startTime"]).total_seconds()
            print(f"    {phase['phaseType']:<18}{phase['phaseStatus']:<11}{seconds:6.2f} s")
        shown = len(over)
        if build["buildComplete"]:
            print(f"\nThe build {build['buildStatus']}.")
            return build
        time.sleep(0.1)


def log(mb, build):
    """Return the log of a build: what CloudWatch Logs has of it."""
    place = build["logs"]
    return mb.logs[place["groupName"]][place["streamName"]].text


def zipped(folder):
    """Return a zip archive of a folder."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, path.relative_to(folder))
    return buffer.getvalue()


def title(text):
    print(f"\n{text}\n{'=' * len(text)}\n")


def indented(text):
    return "\n".join(f"    {line}".rstrip() for line in text.splitlines())


if __name__ == "__main__":
    main()
