"""What CreateProject refuses, in the service's words, and what it must not refuse."""

import pytest

from tests.codebuild.factory import CLIENT, RAW, create, environment, members, refused

GITHUB = {"type": "GITHUB", "location": "https://github.com/o/r.git"}
S3_OUT = {"type": "S3", "location": "out"}
VARIABLE = {"name": "A", "value": "1"}


def mixed(source: str, artifacts: str) -> dict:
    return {
        "source": {"type": source, "location": "b/k"},
        "artifacts": {"type": artifacts, "location": "b"},
    }


CODEPIPELINE = (
    "Invalid input: when using CodePipeline both sourceType, and artifactType must be set to: "
    "CODEPIPELINE"
)
IDENTIFIER = (
    "Invalid input: identifier must contain only alphanumeric characters and underscores and be "
    "less than 128 characters in length"
)
ROLE_ACCOUNT = "Invalid service role: Service role account ID does not match caller's account"
CURATED = (
    "Invalid input: cannot use a CodeBuild curated image with imagePullCredentialsType SERVICE_ROLE"
)

RECORDED = {
    "spaces in the name": (
        {"name": "a b"},
        "Only alphanumeric characters, dash, and underscore are supported",
    ),
    "name too long": ({"name": "a" * 151}, None),
    "name begins with an underscore": ({"name": "_ab"}, None),
    "source type": (
        {"source": {"type": "SVN", "location": "x"}},
        "Invalid type provided: Project source type",
    ),
    "artifacts type": ({"artifacts": {"type": "FTP"}}, "Invalid type provided: Artifact type"),
    "environment type": (
        {"environment": environment(type="BEOS")},
        "Invalid type provided: BEOS",
    ),
    "compute type": (
        {"environment": environment(computeType="TINY")},
        "Invalid compute type provided: TINY",
    ),
    "no location": ({"source": {"type": "S3"}}, "Project source location is required"),
    "empty location": (
        {"source": {"type": "GITHUB", "location": ""}},
        "Project source location is required",
    ),
    "location of no artifacts": (
        {"artifacts": {"type": "NO_ARTIFACTS", "location": "b"}},
        "Invalid artifacts: artifact type NO_ARTIFACTS should have null location",
    ),
    "encryption of no artifacts": (
        {"artifacts": {"type": "NO_ARTIFACTS", "encryptionDisabled": False}},
        "Invalid artifacts: artifact type NO_ARTIFACTS should have null encryptionDisabled",
    ),
    "pipeline source only": (mixed("CODEPIPELINE", "S3"), CODEPIPELINE),
    "pipeline artifacts only": (mixed("S3", "CODEPIPELINE"), CODEPIPELINE),
    "report without a source": (
        {"source": {"type": "NO_SOURCE", "buildspec": "x", "reportBuildStatus": True}},
        "Source type NO_SOURCE does not support ReportBuildStatus",
    ),
    "identifier with a dash": (
        {"secondarySources": [{**GITHUB, "sourceIdentifier": "a-b"}]},
        IDENTIFIER,
    ),
    "identifier with a slash": (
        {"secondaryArtifacts": [{**S3_OUT, "artifactIdentifier": "a/b"}]},
        IDENTIFIER,
    ),
    "identifier of 128": (
        {"secondarySources": [{**GITHUB, "sourceIdentifier": "a" * 128}]},
        IDENTIFIER,
    ),
    "variable twice": (
        {"environment": environment(environmentVariables=[VARIABLE, VARIABLE])},
        "EnvironmentVariable name cannot be duplicated",
    ),
    "combination": (
        {"environment": environment(computeType="BUILD_LAMBDA_1GB")},
        "The environment type LINUX_CONTAINER and compute type BUILD_LAMBDA_1GB combination is "
        "not supported in us-east-1",
    ),
    "curated image with own credentials": (
        {"environment": environment(imagePullCredentialsType="SERVICE_ROLE")},
        CURATED,
    ),
    "role of another account": (
        {"serviceRole": "arn:aws:iam::999999999999:role/x"},
        ROLE_ACCOUNT,
    ),
    "role that is none": ({"serviceRole": "my-role"}, ROLE_ACCOUNT),
}


@pytest.mark.recorded
@pytest.mark.parametrize(("changes", "message"), RECORDED.values(), ids=RECORDED)
def test_refused_with_recorded_words(client, changes, message):
    with refused(message=message):
        CLIENT.create_project(**members(**changes))


GUESSED = {
    "s3 artifacts without a bucket": {"artifacts": {"type": "S3"}},
    "s3 artifacts in a folder of no bucket": {"artifacts": {"type": "S3", "location": "/x"}},
    "s3 logs without a bucket": {"logsConfig": {"s3Logs": {"status": "ENABLED"}}},
    "s3 logs in a folder of no bucket": {
        "logsConfig": {"s3Logs": {"status": "ENABLED", "location": "/x"}}
    },
    "s3 cache without a bucket": {"cache": {"type": "S3"}},
    "identifier missing": {"secondarySources": [GITHUB]},
    "identifier twice": {"secondarySources": [{**GITHUB, "sourceIdentifier": "a"}] * 2},
    "artifact identifier twice": {
        "secondaryArtifacts": [{**S3_OUT, "artifactIdentifier": "a"}] * 2
    },
    "registry credential with codebuild's own": {
        "environment": environment(
            image="registry/x",
            registryCredential={"credential": "c", "credentialProvider": "SECRETS_MANAGER"},
        )
    },
    "limit of none at once": {"concurrentBuildLimit": 0},
    "limit of less than none": {"concurrentBuildLimit": -1},
    "tag of aws": {"tags": [{"key": "aws:x", "value": "1"}]},
    "tag twice": {"tags": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]},
}


@pytest.mark.inferred
@pytest.mark.parametrize("changes", GUESSED.values(), ids=GUESSED)
def test_refused_in_other_words(client, changes):
    with refused():
        CLIENT.create_project(**members(**changes))


@pytest.mark.docs
@pytest.mark.parametrize("kind", ["S3", "CODECOMMIT"])
def test_only_git_hosts_take_reports(client, kind):
    source = {"type": kind, "location": "b/k", "reportBuildStatus": True}
    with refused(message=f"Source type {kind} does not support ReportBuildStatus"):
        CLIENT.create_project(**members(source=source))


MODEL = {
    "timeout of 4": {"timeoutInMinutes": 4},
    "timeout of 2161": {"timeoutInMinutes": 2161},
    "queue timeout of 481": {"queuedTimeoutInMinutes": 481},
    "description of 256": {"description": "d" * 256},
    "13 secondary sources": {
        "secondarySources": [{**GITHUB, "sourceIdentifier": f"s{n}"} for n in range(13)]
    },
    "51 tags": {"tags": [{"key": f"k{n}", "value": "v"} for n in range(51)]},
    "17 subnets": {"vpcConfig": {"vpcId": "v", "subnets": [f"s{n}" for n in range(17)]}},
    "6 groups": {"vpcConfig": {"vpcId": "v", "securityGroupIds": [f"s{n}" for n in range(6)]}},
    "clone depth of -1": {"source": {**GITHUB, "gitCloneDepth": -1}},
    "tag with a quote": {"tags": [{"key": '"', "value": "v"}]},
    "unknown packaging": {"artifacts": {**S3_OUT, "packaging": "TAR"}},
    "unknown namespace": {"artifacts": {**S3_OUT, "namespaceType": "X"}},
    "unknown variable type": {
        "environment": environment(environmentVariables=[{**VARIABLE, "type": "X"}])
    },
    "unknown cache mode": {"cache": {"type": "LOCAL", "modes": ["X"]}},
}


@pytest.mark.model
@pytest.mark.parametrize("changes", MODEL.values(), ids=MODEL)
def test_refused_by_the_model(client, changes):
    with refused():
        RAW.create_project(**members(**changes))


ALLOWED = {
    "digit first": {"name": "1a"},
    "name of 150": {"name": "a" * 150},
    "dash and underscore": {"name": "a-_"},
    "no source has no location": {"source": {"type": "NO_SOURCE", "buildspec": "x: 1\n"}},
    "pipeline has no location": {
        "source": {"type": "CODEPIPELINE"},
        "artifacts": {"type": "CODEPIPELINE"},
    },
    "empty location of no artifacts": {"artifacts": {"type": "NO_ARTIFACTS", "location": ""}},
    "report to github": {"source": {**GITHUB, "reportBuildStatus": True}},
    "no report without a source": {
        "source": {"type": "NO_SOURCE", "buildspec": "x: 1\n", "reportBuildStatus": False}
    },
    "identifier of 127": {"secondarySources": [{**GITHUB, "sourceIdentifier": "a" * 127}]},
    "identifier with an underscore": {
        "secondaryArtifacts": [{**S3_OUT, "artifactIdentifier": "a_1"}]
    },
    "own image with own credentials": {
        "environment": environment(image="registry/x", imagePullCredentialsType="SERVICE_ROLE")
    },
    "timeout of 36 hours": {"timeoutInMinutes": 2160},
    "timeout of 5": {"timeoutInMinutes": 5},
    "description of 255": {"description": "d" * 255},
    "source as an arn": {"source": {"type": "S3", "location": "arn:aws:s3:::b/k.zip"}},
    "source as a folder": {"source": {"type": "S3", "location": "b/folder/"}},
    "names that differ in case": {
        "environment": environment(
            environmentVariables=[{"name": "a", "value": "1"}, {"name": "A", "value": "1"}]
        )
    },
    "lambda": {
        "environment": environment(type="LINUX_LAMBDA_CONTAINER", computeType="BUILD_LAMBDA_1GB")
    },
    "a fleet decides on the type": {
        "environment": environment(
            computeType="BUILD_LAMBDA_1GB", fleet={"fleetArn": "arn:aws:codebuild:fleet/f"}
        )
    },
    "role with a path": {"serviceRole": "arn:aws:iam::123456789012:role/service-role/x"},
    "s3 logs off without a bucket": {"logsConfig": {"s3Logs": {"status": "DISABLED"}}},
    "twelve secondary sources": {
        "secondarySources": [{**GITHUB, "sourceIdentifier": f"s{n}"} for n in range(12)]
    },
}


@pytest.mark.docs
@pytest.mark.parametrize("changes", ALLOWED.values(), ids=ALLOWED)
def test_not_refused(client, changes):
    changes = dict(changes)
    assert create(changes.pop("name", "web"), **changes)


@pytest.mark.model
@pytest.mark.parametrize("operation", ["update_project", "create_project"])
def test_the_same_rules_hold_for_updates(client, operation):
    create()
    with refused(message="Project source location is required"):
        getattr(CLIENT, operation)(
            **members("other" if operation == "create_project" else "web", source={"type": "S3"})
        )
