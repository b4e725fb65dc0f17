"""A greeting in a few languages."""

__version__ = "1.2.0"

GREETINGS = {"de": "Hallo", "en": "Hello", "fr": "Bonjour"}


def greet(name: str, language: str = "en") -> str:
    """Return a greeting for *name*."""
    if language not in GREETINGS:
        raise ValueError(f"no greeting in {language!r}; there are {', '.join(GREETINGS)}")
    return f"{GREETINGS[language]}, {name}!"
