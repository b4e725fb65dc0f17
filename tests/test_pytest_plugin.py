"""The pytest plugin, as a user's own tests see it."""

import sys

import pytest

pytest_plugins = ["pytester"]
pytestmark = [pytest.mark.docs, pytest.mark.usefixtures("nobody")]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """Run a test file with the plugin, which need not be installed for that."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)  # what it says is for the tests around
    # Where the plugin is installed, the tests around have loaded it already, which is a warning.
    monkeypatch.delitem(sys.modules, "mockbuild.pytest_plugin", raising=False)

    def run(source: str, *arguments: str, ini: str = "") -> pytest.RunResult:
        pytester.makepyfile(source)
        pytester.makeini("[pytest]\naddopts = --strict-markers\nfilterwarnings = error\n" + ini)
        plugins = ("-p", "mockbuild.pytest_plugin", "-p", "no:cacheprovider")
        return pytester.runpytest_inprocess(*plugins, *arguments)

    return run


def test_fixtures(run) -> None:
    run("""
        def test_handle(mockbuild):
            assert mockbuild.settings.runner == "simulated"
            assert mockbuild.calls() == []

        def test_codebuild(mockbuild, codebuild):
            assert codebuild.list_projects()["projects"] == []
            assert [call.operation for call in mockbuild.calls()] == ["ListProjects"]

        def test_imagebuilder(imagebuilder, codebuild):
            assert imagebuilder.meta.service_model.service_name == "imagebuilder"

        def test_nothing():
            from mockbuild.intercept.switch import SWITCH
            assert SWITCH.answers == {}
    """).assert_outcomes(passed=4)


def test_clients_without_boto3(run) -> None:
    run("""
        import sys
        def test_codebuild(monkeypatch, mockbuild, request):
            monkeypatch.setitem(sys.modules, "boto3", None)
            codebuild = request.getfixturevalue("codebuild")
            assert codebuild.list_projects()["projects"] == []
    """).assert_outcomes(passed=1)


def test_each_test_has_its_own_state(run) -> None:
    test = """
        def test_{}(mockbuild, codebuild):
            codebuild.list_projects()
            assert len(mockbuild.calls()) == 1
    """
    run(test.format("one") + test.format("two")).assert_outcomes(passed=2)


def test_the_marker_gives_settings(run) -> None:
    run("""
        import pytest

        @pytest.mark.mockbuild(transitions="timed")
        class TestClass:
            @pytest.mark.mockbuild(seed=7)
            def test_both(self, mockbuild):
                assert (mockbuild.settings.transitions, mockbuild.settings.seed) == ("timed", 7)

            @pytest.mark.mockbuild(transitions="stepped")
            def test_the_closest_wins(self, mockbuild, codebuild):
                assert mockbuild.settings.transitions == "stepped"

        def test_none(mockbuild):
            assert mockbuild.settings.transitions == "settled"
    """).assert_outcomes(passed=3)


def test_the_marker_alone_turns_the_mock_on(run) -> None:
    pytest.importorskip("boto3")
    run("""
        import unittest
        import boto3
        import pytest
        from mockbuild.intercept.switch import SWITCH

        @pytest.fixture(autouse=True)
        def early(request):
            assert ("codebuild" in SWITCH.answers) == ("mocked" in request.node.name)
            yield
            assert ("codebuild" in SWITCH.answers) == ("mocked" in request.node.name)

        @pytest.mark.mockbuild
        def test_mocked():
            client = boto3.client("codebuild")
            assert client.list_projects()["projects"] == []
            with pytest.raises(client.exceptions.ClientError):
                boto3.client("imagebuilder").get_component(componentBuildVersionArn="arn:x")

        @pytest.mark.mockbuild(seed=1)
        class TestCase(unittest.TestCase):
            def test_mocked(self):
                assert set(SWITCH.answers) == {"codebuild", "imagebuilder"}

        def test_other():
            assert SWITCH.answers == {}
    """).assert_outcomes(passed=3)


INI = """
mockbuild_runner = local
mockbuild_transitions = timed
mockbuild_clock = virtual
mockbuild_images =
    aws/codebuild/*=debian:12
    mine=me:1
mockbuild_sources = https://github.com/a/*=/src
mockbuild_neighbours = embedded
mockbuild_account_id = 111122223333
mockbuild_seed = 5
"""


def test_ini_options(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKBUILD_TRANSITIONS", "stepped")
    run(
        """
        import pytest
        from mockbuild import mock_codebuild
        from mockbuild.config import Settings

        @pytest.mark.mockbuild(runner="simulated")
        def test_settings(mockbuild):
            assert mockbuild.settings == Settings(
                runner="simulated",
                transitions="timed",
                clock="virtual",
                images={"aws/codebuild/*": "debian:12", "mine": "me:1"},
                sources={"https://github.com/a/*": "/src"},
                neighbours="embedded",
                account_id="111122223333",
                seed=5,
            )

        def test_decorators_know_them_too():
            with mock_codebuild(clock="real") as mb:
                assert (mb.settings.seed, mb.settings.clock) == (5, "real")
        """,
        ini=INI,
    ).assert_outcomes(passed=2)


def test_ini_options_are_gone_afterwards(run) -> None:
    from mockbuild import config

    before = dict(config.ini)
    run("def test(mockbuild): pass", ini="mockbuild_seed = 5").assert_outcomes(passed=1)
    assert config.ini == before


def test_bad_ini_options_are_a_usage_error(run) -> None:
    result = run("def test(): pass", ini="mockbuild_runner = toaster")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: mockbuild: runner is one of *; not 'toaster'"])
    assert "Traceback" not in result.stderr.str()


def test_bad_environment_variables_are_a_usage_error(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKBUILD_SEED", "many")
    result = run("def test(): pass")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: mockbuild: seed is a whole number, not 'many'"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("runner='toaster'", "*runner is one of *; not 'toaster'"),
        ("runer='local'", "*'runer' is not a setting; there are *"),
        ("'docker'", "*takes settings by name, not 'docker'"),
    ],
)
def test_a_bad_marker_fails_its_test_only(run, arguments: str, message: str) -> None:
    result = run(f"""
        import pytest

        @pytest.mark.mockbuild({arguments})
        def test_marked(mockbuild): pass

        def test_other(mockbuild): pass
    """)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([message])
    assert "Traceback" not in result.stdout.str()
    assert "pytest_plugin.py" not in result.stdout.str()


def test_the_mock_ends_when_a_test_fails(run) -> None:
    run("""
        import pytest
        from mockbuild.intercept.switch import SWITCH

        @pytest.fixture
        def broken():
            assert SWITCH.answers
            raise ZeroDivisionError

        @pytest.mark.mockbuild
        def test_error(broken): pass

        def test_failure(mockbuild):
            raise ZeroDivisionError

        def test_after():
            assert SWITCH.answers == {}
    """).assert_outcomes(passed=1, failed=1, errors=1)


def test_under_xdist(run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("xdist")
    result = run(
        """
        import pytest

        @pytest.mark.parametrize("number", range(6))
        def test(number, mockbuild, codebuild):
            assert mockbuild.settings.seed == 5
            assert codebuild.list_projects()["projects"] == []
        """,
        *("-p", "xdist", "-n", "2"),
        ini="mockbuild_seed = 5",
    )
    result.assert_outcomes(passed=6)


def test_cheap_when_unused(run) -> None:
    """What the plugin itself loads, a module of ours at a time."""
    import subprocess
    import sys
    from pathlib import Path

    script = (
        "import sys, mockbuild.pytest_plugin\n"
        "print(sorted(name for name in sys.modules if name.startswith('mockbuild')))\n"
        "print([name for name in ('botocore', 'boto3', 'freezegun') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(Path(__file__).parents[1])},
    )
    assert done.stdout.splitlines() == [
        "['mockbuild', 'mockbuild._version', 'mockbuild.config', 'mockbuild.errors', "
        "'mockbuild.pytest_plugin']",
        "[]",
    ]
