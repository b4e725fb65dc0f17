"""A stand-in for SNS: every topic is there, and nobody listens to any."""


class EmbeddedSNS:
    """SNS of one region. See :class:`~mockbuild.neighbours.base.SNS`."""

    def has_topic(self, arn: str) -> bool:  # noqa: ARG002
        """Return true: nobody can make one here, so all are taken to be there."""
        return True

    def publish(self, arn: str, text: str) -> None:
        """Take a message, for nobody."""
