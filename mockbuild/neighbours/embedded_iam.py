"""A stand-in for IAM: every instance profile is there."""


class EmbeddedIAM:
    """IAM of one account. See :class:`~mockbuild.neighbours.base.IAM`."""

    def has_instance_profile(self, name: str) -> bool:  # noqa: ARG002
        """Return true: nobody can make one here, so all are taken to be there."""
        return True
