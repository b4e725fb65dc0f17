"""Documents users write: text in, a typed value or an error with path, line and column out.

``yaml_text`` turns YAML into nodes that know where they stand, ``fields`` reads typed values
from them, ``buildspec`` is CodeBuild's grammar on top. A document is hostile input: whatever
the bytes are, the only thing that comes out beside a value is a :class:`DocumentError`.
"""

from mockbuild.documents.errors import DocumentError, Problem

__all__ = ["DocumentError", "Problem"]
