"""Documents users write: text in, a typed value or an error with path, line and column out.

``yaml_text`` turns YAML into nodes that know where they stand, ``fields`` reads typed values from
them. On top are grammars: ``buildspec`` is CodeBuild's, ``component`` and ``workflow`` are Image
Builder's, which are strict (``records``); ``kinds`` tells the three apart. ``dockerfile_template``
checks the templates of Image Builder's container recipes, which are no YAML. A document is hostile
input: whatever the bytes are, the only thing that comes out beside a value is a
:class:`DocumentError`.
"""

from mockbuild.documents.errors import DocumentError, Problem

__all__ = ["DocumentError", "Problem"]
