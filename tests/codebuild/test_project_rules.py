"""What CreateProject refuses, in the service's words, and what it must not refuse."""

import pytest

from tests.codebuild.factory import CLIENT, RAW, create, environment, members, refused

GITHUB = {"type": "GITHUB", "location": "https://github.com/o/r.git"}
S3_OUT = {"type": "S3", "location": "out"}
VARIABLE = {"name": "A", "value": "1"}
SUBMODULES = {"fetchSubmodules": True}
CACHE_LOCATION = (
    "Invalid cache: location must be a valid S3 bucket, followed by slash and the prefix"
)


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
    "no report to s3": (
        {"source": {"type": "S3", "location": "b/k", "reportBuildStatus": False}},
        "Source type S3 does not support ReportBuildStatus",
    ),
    "no source in a place": (
        {"source": {"type": "NO_SOURCE", "buildspec": "x", "location": "b/k"}},
        "Invalid input: source location must be empty for source type NO_SOURCE",
    ),
    "submodules in s3": (
        {"source": {"type": "S3", "location": "b/k", "gitSubmodulesConfig": SUBMODULES}},
        "Git submodules config is not supported for S3 source",
    ),
    "submodules in a pipeline": (
        {
            "source": {"type": "CODEPIPELINE", "gitSubmodulesConfig": SUBMODULES},
            "artifacts": {"type": "CODEPIPELINE"},
        },
        "Git submodules config is not supported for CodePipeline source",
    ),
    "badge without a source": (
        {"badgeEnabled": True},
        "Build badges are not supported for projects with no source",
    ),
    "badge of s3": (
        {"badgeEnabled": True, "source": {"type": "S3", "location": "b/k"}},
        "Build badges are not supported for S3 source",
    ),
    "badge of a pipeline": (
        {
            "badgeEnabled": True,
            "source": {"type": "CODEPIPELINE"},
            "artifacts": {"type": "CODEPIPELINE"},
        },
        "Build badges are not supported for CodePipeline source",
    ),
    "s3 artifacts without a bucket": (
        {"artifacts": {"type": "S3"}},
        "Invalid artifacts: location is required",
    ),
    "secondary source without an identifier": (
        {"secondarySources": [GITHUB]},
        "Invalid input: sourceIdentifier is required for secondary sources",
    ),
    "secondary source twice": (
        {"secondarySources": [{**GITHUB, "sourceIdentifier": "a"}] * 2},
        "Invalid input: sourceIdentifier cannot be duplicated",
    ),
    "secondary source nowhere": (
        {"secondarySources": [{"type": "S3", "sourceIdentifier": "a"}]},
        "Project source location is required",
    ),
    "version of nothing": (
        {"secondarySourceVersions": [{"sourceIdentifier": "a", "sourceVersion": "v"}]},
        "Invalid input: secondary source identifier does not exist",
    ),
    "version of the primary source": (
        {
            "source": {**GITHUB, "sourceIdentifier": "a"},
            "secondarySourceVersions": [{"sourceIdentifier": "a", "sourceVersion": "v"}],
        },
        "Invalid input: secondary source identifier does not exist",
    ),
    "secondary artifacts without an identifier": (
        {"secondaryArtifacts": [S3_OUT]},
        "Invalid input: artifactIdentifier is required for secondary artifacts",
    ),
    "secondary artifacts twice": (
        {"secondaryArtifacts": [{**S3_OUT, "artifactIdentifier": "a"}] * 2},
        "Invalid input: artifactIdentifier cannot be duplicated",
    ),
    "secondary artifacts of a pipeline": (
        {"secondaryArtifacts": [{"type": "CODEPIPELINE", "artifactIdentifier": "a"}]},
        "Invalid input: artifactType CODEPIPELINE is not allowed for secondaryArtifacts",
    ),
    "secondary artifacts of none": (
        {"secondaryArtifacts": [{"type": "NO_ARTIFACTS", "artifactIdentifier": "a"}]},
        "Invalid input: artifactType NO_ARTIFACTS is not allowed for secondaryArtifacts",
    ),
    "s3 cache without a bucket": ({"cache": {"type": "S3"}}, CACHE_LOCATION),
    "s3 cache in a folder of no bucket": (
        {"cache": {"type": "S3", "location": "/x"}},
        CACHE_LOCATION,
    ),
    "local cache of nothing": (
        {"cache": {"type": "LOCAL"}},
        "At least one mode must be provided for cache type: LOCAL",
    ),
    "local cache without modes": (
        {"cache": {"type": "LOCAL", "modes": []}},
        "At least one mode must be provided for cache type: LOCAL",
    ),
    "local cache of no source": (
        {"cache": {"type": "LOCAL", "modes": ["LOCAL_SOURCE_CACHE"]}},
        "Cache mode LOCAL_SOURCE_CACHE is not available for source type NO_SOURCE",
    ),
    "s3 logs without a bucket": (
        {"logsConfig": {"s3Logs": {"status": "ENABLED"}}},
        "Invalid logsConfig: s3Logs location must be provided if status is 'ENABLED'",
    ),
    "key of another region": (
        {"encryptionKey": "arn:aws:kms:eu-west-1:123456789012:key/k"},
        "Invalid encryption key: region does not match current region",
    ),
    "variable of codebuild's own": (
        {"environment": environment(environmentVariables=[{**VARIABLE, "name": "CODEBUILD_A"}])},
        "No user environment variables can start with CODEBUILD_",
    ),
    "none at once": (
        {"concurrentBuildLimit": 0},
        "Project level concurrent builds limit should be greater than 0",
    ),
    "less than none at once": (
        {"concurrentBuildLimit": -1},
        "Project level concurrent builds limit should be greater than 0",
    ),
    "batches of 4 minutes": (
        {"buildBatchConfig": {"timeoutInMins": 4}},
        "TimeoutInMins must be between 5 and 2160",
    ),
    "batches of 2161 minutes": (
        {"buildBatchConfig": {"timeoutInMins": 2161}},
        "TimeoutInMins must be between 5 and 2160",
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
    "s3 artifacts in a folder of no bucket": {"artifacts": {"type": "S3", "location": "/x"}},
    "s3 logs in a folder of no bucket": {
        "logsConfig": {"s3Logs": {"status": "ENABLED", "location": "/x"}}
    },
    "identifier of the artifacts": {"artifacts": {**S3_OUT, "artifactIdentifier": "a-b"}},
    "encryption of a pipeline": {
        "source": {"type": "CODEPIPELINE"},
        "artifacts": {"type": "CODEPIPELINE", "encryptionDisabled": True},
    },
    "connection to nothing": {"source": {**GITHUB, "auth": {"type": "CODECONNECTIONS"}}},
    "secret of no name": {"source": {**GITHUB, "auth": {"type": "SECRETS_MANAGER"}}},
    "batches of none": {"buildBatchConfig": {"restrictions": {"maximumBuildsAllowed": 0}}},
    "batches of 101": {"buildBatchConfig": {"restrictions": {"maximumBuildsAllowed": 101}}},
    "batches of another account": {
        "buildBatchConfig": {"serviceRole": "arn:aws:iam::999999999999:role/x"}
    },
    "less than no retries": {"autoRetryLimit": -1},
    "eleven retries": {"autoRetryLimit": 11},
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
    "no report to github": {"source": {**GITHUB, "reportBuildStatus": False}},
    "no source in an empty place": {
        "source": {"type": "NO_SOURCE", "buildspec": "x: 1\n", "location": ""}
    },
    "submodules of no source": {
        "source": {"type": "NO_SOURCE", "buildspec": "x", "gitSubmodulesConfig": SUBMODULES}
    },
    "submodules of codecommit": {
        "source": {"type": "CODECOMMIT", "location": "r", "gitSubmodulesConfig": SUBMODULES}
    },
    "badge of codecommit": {
        "badgeEnabled": True,
        "source": {"type": "CODECOMMIT", "location": "r"},
    },
    "no badge of s3": {"badgeEnabled": False, "source": {"type": "S3", "location": "b/k"}},
    "version of a secondary source": {
        "secondarySources": [{**GITHUB, "sourceIdentifier": "a"}],
        "secondarySourceVersions": [{"sourceIdentifier": "a", "sourceVersion": "v"}],
    },
    "source and artifacts of one name": {
        "secondarySources": [{**GITHUB, "sourceIdentifier": "a"}],
        "secondaryArtifacts": [{**S3_OUT, "artifactIdentifier": "a"}],
    },
    "encryption of a pipeline": {
        "source": {"type": "CODEPIPELINE"},
        "artifacts": {"type": "CODEPIPELINE", "encryptionDisabled": False},
    },
    "oauth": {"source": {**GITHUB, "auth": {"type": "OAUTH"}}},
    "s3 cache in a bucket": {"cache": {"type": "S3", "location": "b"}},
    "local cache of a source": {
        "source": GITHUB,
        "cache": {"type": "LOCAL", "modes": ["LOCAL_SOURCE_CACHE", "LOCAL_DOCKER_LAYER_CACHE"]},
    },
    "no cache with modes": {"cache": {"type": "NO_CACHE", "modes": ["LOCAL_SOURCE_CACHE"]}},
    "key by its alias": {"encryptionKey": "alias/mine"},
    "key of this region": {"encryptionKey": "arn:aws:kms:us-east-1:999999999999:key/k"},
    "variable that is nearly codebuild's": {
        "environment": environment(environmentVariables=[{"name": "MY_CODEBUILD_A", "value": "1"}])
    },
    "batches of 36 hours": {"buildBatchConfig": {"timeoutInMins": 2160}},
    "batches of one": {"buildBatchConfig": {"restrictions": {"maximumBuildsAllowed": 1}}},
    "ten retries": {"autoRetryLimit": 10},
    "no retries": {"autoRetryLimit": 0},
    "one at once": {"concurrentBuildLimit": 1},
    "identifier of 127": {"secondarySources": [{**GITHUB, "sourceIdentifier": "a" * 127}]},
    "identifier with an underscore": {
        "secondaryArtifacts": [{**S3_OUT, "artifactIdentifier": "a_1"}]
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
