"""``python -m mockbuild`` is the command ``mockbuild``."""

from mockbuild.cli import main

if __name__ == "__main__":
    main(prog_name="mockbuild")
