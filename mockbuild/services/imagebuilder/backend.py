"""The Image Builder of one account in one region."""

from mockbuild.services.backend import Backend


class ImageBuilder(Backend):
    """The Image Builder of one account in one region."""

    service = "imagebuilder"
