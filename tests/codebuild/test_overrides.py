"""StartBuild's overrides: for one build, and never for its project."""

import contextlib

import pytest

from mockbuild.services.codebuild.overrides import _PLACES
from tests.codebuild.factory import ARN, CLIENT, RAW, ROLE, create, environment, refused, run, start

GITHUB = {"type": "GITHUB", "location": "https://github.com/o/r.git"}
INLINE = "version: 0.2\nphases: {}\n"

#: override, value, what the build's record has.
SIMPLE = {
    "sourceVersion": ("main", ("sourceVersion",)),
    "sourceLocationOverride": ("https://github.com/o/other.git", ("source", "location")),
    "sourceAuthOverride": ({"type": "OAUTH"}, ("source", "auth")),
    "gitCloneDepthOverride": (3, ("source", "gitCloneDepth")),
    "gitSubmodulesConfigOverride": ({"fetchSubmodules": True}, ("source", "gitSubmodulesConfig")),
    "buildspecOverride": (INLINE, ("source", "buildspec")),
    "insecureSslOverride": (True, ("source", "insecureSsl")),
    "reportBuildStatusOverride": (True, ("source", "reportBuildStatus")),
    "buildStatusConfigOverride": ({"context": "c"}, ("source", "buildStatusConfig")),
    "environmentTypeOverride": ("ARM_CONTAINER", ("environment", "type")),
    "imageOverride": ("debian", ("environment", "image")),
    "computeTypeOverride": ("BUILD_GENERAL1_LARGE", ("environment", "computeType")),
    "certificateOverride": ("b/c.pem", ("environment", "certificate")),
    "privilegedModeOverride": (True, ("environment", "privilegedMode")),
    "fleetOverride": ({"fleetArn": "arn:f"}, ("environment", "fleet")),
    "hostKernelOverride": ("LINUX_KERNEL_6", ("environment", "hostKernel")),
    "cacheOverride": ({"type": "S3", "location": "b"}, ("cache",)),
    "serviceRoleOverride": (ROLE + "2", ("serviceRole",)),
    "timeoutInMinutesOverride": (7, ("timeoutInMinutes",)),
    "queuedTimeoutInMinutesOverride": (8, ("queuedTimeoutInMinutes",)),
    "encryptionKeyOverride": ("arn:k", ("encryptionKey",)),
    "secondarySourcesVersionOverride": (
        [{"sourceIdentifier": "a", "sourceVersion": "v"}],
        ("secondarySourceVersions",),
    ),
    "debugSessionEnabled": (True, ("debugSession", "sessionEnabled")),
    "autoRetryLimitOverride": (2, ("autoRetryConfig", "autoRetryLimit")),
}
#: Overrides with a test of their own here.
OTHERS = {
    "projectName",
    "idempotencyToken",
    "sourceTypeOverride",
    "artifactsOverride",
    "secondaryArtifactsOverride",
    "secondarySourcesOverride",
    "environmentVariablesOverride",
    "logsConfigOverride",
    "registryCredentialOverride",
    "imagePullCredentialsTypeOverride",
}


MEMBERS = CLIENT.meta.service_model.operation_model("StartBuild").input_shape.members
#: Those of the installed botocore: older ones know fewer.
THERE = [name for name in SIMPLE if name in MEMBERS]


def reach(record, path):
    for step in path:
        record = record[step]
    return record


@pytest.mark.model
def test_every_override_there_is_has_a_test():
    known = SIMPLE.keys() | OTHERS
    assert set(MEMBERS) <= known
    assert set(_PLACES) <= known


def valued(override):
    """Return what to override with, and where it shows; a fleet is made first."""
    value, path = SIMPLE[override]
    if override == "fleetOverride":
        fleet = CLIENT.create_fleet(
            name="fleet",
            baseCapacity=2,
            environmentType="LINUX_CONTAINER",
            computeType="BUILD_GENERAL1_SMALL",
        )["fleet"]
        value = {"fleetArn": fleet["arn"]}
    return value, path


@pytest.mark.docs
@pytest.mark.parametrize("override", THERE)
def test_an_override_shows_in_the_build_and_not_in_the_project(client, override):
    value, path = valued(override)
    project = create(source=GITHUB)
    build = start(**{override: value})
    assert reach(build, path) == value
    assert CLIENT.batch_get_projects(names=["web"])["projects"] == [project]
    plain = start()
    with contextlib.suppress(KeyError):
        assert reach(plain, path) != value


@pytest.mark.docs
@pytest.mark.parametrize("override", THERE)
def test_an_override_leaves_the_rest_alone(client, override):
    value, (first, *_) = valued(override)
    create(source=GITHUB)
    plain, build = start(), start(**{override: value})
    ours = {"id", "arn", "buildNumber", "startTime", "phases", first}
    assert {n: v for n, v in build.items() if n not in ours} == {
        n: v for n, v in plain.items() if n not in ours
    }


@pytest.mark.docs
def test_another_source_altogether(client):
    create(source={**GITHUB, "reportBuildStatus": True})
    build = start(sourceTypeOverride="S3", sourceLocationOverride="b/k.zip")
    assert build["source"]["type"] == "S3"
    assert build["source"]["location"] == "b/k.zip"


@pytest.mark.inferred
def test_no_source_instead_of_one(client):
    create(source=GITHUB)
    source = start(sourceTypeOverride="NO_SOURCE", buildspecOverride=INLINE)["source"]
    assert source == {"type": "NO_SOURCE", "buildspec": INLINE, "insecureSsl": False}


@pytest.mark.recorded
def test_a_source_that_needs_a_location(web):
    with refused(message="Project source location is required"):
        start(sourceTypeOverride="S3")


@pytest.mark.recorded
def test_artifacts_with_type_and_location_only(web):
    build = start(artifactsOverride={"type": "S3", "location": "arn:aws:s3:::out"})
    assert build["artifacts"]["location"] == "arn:aws:s3:::out/web"


@pytest.mark.docs
def test_secondary_artifacts(web):
    wanted = {"type": "S3", "location": "out", "artifactIdentifier": "a", "name": "n"}
    (shown,) = start(secondaryArtifactsOverride=[wanted])["secondaryArtifacts"]
    assert shown["location"] == "arn:aws:s3:::out/n"


@pytest.mark.docs
def test_secondary_sources(web):
    (shown,) = start(secondarySourcesOverride=[{**GITHUB, "sourceIdentifier": "a"}])[
        "secondarySources"
    ]
    assert shown == {**GITHUB, "sourceIdentifier": "a", "insecureSsl": False}


@pytest.mark.docs
def test_variables_replace_those_of_the_same_name_and_join_the_others(client):
    variables = [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    create(environment=environment(environmentVariables=variables))
    build = start(
        environmentVariablesOverride=[
            {"name": "B", "value": "/p", "type": "PARAMETER_STORE"},
            {"name": "C", "value": "3"},
        ]
    )
    assert build["environment"]["environmentVariables"] == [
        {"name": "A", "value": "1", "type": "PLAINTEXT"},
        {"name": "B", "value": "/p", "type": "PARAMETER_STORE"},
        {"name": "C", "value": "3", "type": "PLAINTEXT"},
    ]


@pytest.mark.recorded
def test_a_variable_twice(web):
    with refused(message="EnvironmentVariable name cannot be duplicated"):
        start(environmentVariablesOverride=[{"name": "A", "value": "1"}] * 2)


@pytest.mark.docs
def test_logs(web):
    logs = start(logsConfigOverride={"cloudWatchLogs": {"status": "DISABLED"}})["logs"]
    assert logs["cloudWatchLogs"] == {"status": "DISABLED"}
    assert logs["s3Logs"] == {"status": "DISABLED", "encryptionDisabled": False}


@pytest.mark.docs
def test_logs_in_s3(web):
    wanted = {"status": "ENABLED", "location": "log-bucket"}
    logs = start(logsConfigOverride={"s3Logs": wanted})["logs"]
    assert logs["cloudWatchLogs"] == {"status": "ENABLED"}
    assert logs["s3Logs"] == {**wanted, "encryptionDisabled": False}


@pytest.mark.docs
def test_an_image_behind_a_password(web):
    credential = {"credential": "secret", "credentialProvider": "SECRETS_MANAGER"}
    build = start(
        imageOverride="registry/x",
        imagePullCredentialsTypeOverride="SERVICE_ROLE",
        registryCredentialOverride=credential,
    )
    assert build["environment"]["registryCredential"] == credential
    assert build["environment"]["imagePullCredentialsType"] == "SERVICE_ROLE"


REFUSED = {
    "report to s3": {
        "sourceTypeOverride": "S3",
        "sourceLocationOverride": "b/k",
        "reportBuildStatusOverride": True,
    },
    "report without a source": {"reportBuildStatusOverride": True},
    "source type": {"sourceTypeOverride": "SVN"},
    "environment type": {"environmentTypeOverride": "BEOS"},
    "compute type": {"computeTypeOverride": "TINY"},
    "combination": {"computeTypeOverride": "BUILD_LAMBDA_1GB"},
    "timeout of 4": {"timeoutInMinutesOverride": 4},
    "timeout of 2161": {"timeoutInMinutesOverride": 2161},
    "queue timeout of 481": {"queuedTimeoutInMinutesOverride": 481},
    "role of another account": {"serviceRoleOverride": "arn:aws:iam::999999999999:role/x"},
    "curated image": {"imagePullCredentialsTypeOverride": "SERVICE_ROLE"},
    "location of no artifacts": {"artifactsOverride": {"type": "NO_ARTIFACTS", "location": "b"}},
    "logs to a folder of no bucket": {
        "logsConfigOverride": {"s3Logs": {"status": "ENABLED", "location": "/x"}}
    },
}


@pytest.mark.docs
@pytest.mark.parametrize("overrides", REFUSED.values(), ids=REFUSED)
def test_refused(web, overrides):
    with refused():
        RAW.start_build(projectName="web", **overrides)
    assert start()["buildNumber"] == 1  # a refused start takes no number


@pytest.mark.docs
@pytest.mark.parametrize("minutes", [5, 2160])
def test_timeouts_at_their_limits(web, minutes):
    assert start(timeoutInMinutesOverride=minutes)["timeoutInMinutes"] == minutes


@pytest.mark.docs
def test_the_overriding_buildspec_is_what_is_built(web):
    text = "version: 0.2\nenv:\n  variables: {A: x}\n  exported-variables: [A]\n"
    assert run(buildspecOverride=text)["exportedEnvironmentVariables"] == [
        {"name": "A", "value": "x"}
    ]
    assert "exportedEnvironmentVariables" not in run()


@pytest.mark.model
def test_an_override_is_no_update(web):
    start(imageOverride="debian")
    project = CLIENT.batch_get_projects(names=["web"])["projects"][0]
    assert project == web
    assert project["arn"] == f"{ARN}:project/web"
