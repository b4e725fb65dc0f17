"""Checks that need an environment of their own: ``nox``, or ``nox -s oldest``."""

import nox

nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["newest", "oldest", "bare", "aiobotocore", "lint", "types", "imports"]

#: The oldest botocore that mockbuild says it works with.
OLDEST_BOTOCORE = "1.40.0"
#: What the tests must do without: users may have none of them.
OPTIONAL = ("boto3", "s3transfer", "moto", "docker")
#: Tests that meet botocore; the others know nothing of it, so its version is no matter to them.
MEETS_BOTOCORE = (
    "tests/wire",
    "tests/intercept",
    "tests/mock",
    "tests/codebuild",
    "tests/neighbours",
    "tests/test_early_client.py",
    "tests/test_package.py",
    "tests/test_pytest_plugin.py",
)
#: Of these, what asks for members and operations that the oldest botocore has not heard of. So do
#: most tests of Image Builder.
TOO_NEW = (
    "tests/codebuild/test_deliveries.py",
    "tests/codebuild/test_update_webhook.py",
    "tests/codebuild/test_valid_and_single_faults.py",
    "tests/codebuild/test_webhook_rules.py",
    "tests/codebuild/test_webhooks.py",
    "tests/neighbours/test_image_outputs_in_moto.py",
)
#: Tests that go another way where one of the optional packages is missing.
MEETS_OPTIONAL = (
    "tests/intercept",
    "tests/mock",
    "tests/neighbours",
    "tests/cli",
    "tests/docs",
    "tests/clock",
    "tests/codebuild/test_projects.py",
    "tests/codebuild/test_start_build.py",
    "tests/codebuild/test_logs.py",
    "tests/codebuild/test_transitions.py",
    "tests/test_early_client.py",
    "tests/test_package.py",
    "tests/test_pytest_plugin.py",
)


@nox.session
def newest(session: nox.Session) -> None:
    """Run all tests with the newest of everything."""
    session.install("-e", ".[dev]")
    session.run("pytest", *session.posargs)


@nox.session
def oldest(session: nox.Session) -> None:
    """Run the tests that meet botocore with its oldest version."""
    pins = (f"botocore=={OLDEST_BOTOCORE}", f"boto3=={OLDEST_BOTOCORE}")
    session.install("-e", ".[dev]", *pins)
    without = [f"--ignore={path}" for path in TOO_NEW]
    session.run("pytest", *(session.posargs or [*MEETS_BOTOCORE, *without]))


@nox.session
def bare(session: nox.Session) -> None:
    """Run the tests that need neither boto3, moto nor docker; the others skip themselves."""
    session.install("-e", ".[dev]")
    uninstall = (
        ("uv", "pip", "uninstall")
        if session.venv_backend == "uv"
        else ("python", "-m", "pip", "uninstall", "-y")
    )
    session.run(*uninstall, *OPTIONAL, external=session.venv_backend == "uv")
    session.run("pytest", *(session.posargs or MEETS_OPTIONAL))


@nox.session
def aiobotocore(session: nox.Session) -> None:
    """Run the tests of interception with aiobotocore, which wants a botocore of its own choice."""
    tools = ("hypothesis", "pytest", "pytest-asyncio", "pytest-xdist")
    session.install("aiobotocore", "-e", ".", *tools)
    session.run("pytest", "tests/intercept", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format."""
    session.install("ruff")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """Check types, strictly."""
    session.install("-e", ".[dev]")
    session.run("mypy")


@nox.session
def imports(session: nox.Session) -> None:
    """Check who imports whom; see docs/architecture.md."""
    session.install("-e", ".", "import-linter")
    session.run("lint-imports")


@nox.session
def docs(session: nox.Session) -> None:
    """Check the examples, links and diagrams of README and docs."""
    session.install("-e", ".[dev]")
    session.run("pytest", "tests/docs", *session.posargs)


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Measure what mockbuild costs, beside the floor and moto."""
    session.install("-e", ".[dev]")
    session.run("python", "-m", "benchmarks", *session.posargs)
