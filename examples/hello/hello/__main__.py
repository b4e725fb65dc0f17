"""``python3 -m hello NAME`` prints a greeting in the language that HELLO_LANGUAGE names."""

import os
import sys

from hello import greet

print(greet(sys.argv[1], os.environ.get("HELLO_LANGUAGE", "en")))
