# ruff: noqa: PT009, PT027 - these tests are for plain unittest
import os
import unittest

from hello import GREETINGS, greet


class Greeting(unittest.TestCase):
    def test_english_is_the_default(self):
        self.assertEqual(greet("World"), "Hello, World!")

    def test_each_language_greets_by_name(self):
        for language in GREETINGS:
            with self.subTest(language):
                self.assertTrue(greet("World", language).endswith(", World!"))

    def test_an_unknown_language_is_refused(self):
        with self.assertRaisesRegex(ValueError, "no greeting in 'xx'"):
            greet("World", "xx")

    def test_the_language_we_ship_in_is_there(self):
        self.assertIn(os.environ.get("HELLO_LANGUAGE", "en"), GREETINGS)


if __name__ == "__main__":
    unittest.main()
