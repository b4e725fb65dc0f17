"""Our own complaints to the person who uses mockbuild.

None of these is ever sent to a client: what the mocked service answers is in
:mod:`mockbuild.domain.aws_errors`.
"""


class MockbuildError(Exception):
    """Root of everything mockbuild itself complains about."""


class ConfigurationError(MockbuildError):
    """A setting that makes no sense, or two that do not go together."""
