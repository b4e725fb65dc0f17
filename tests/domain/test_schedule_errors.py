"""Schedule expressions that are not valid, and what is said of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockbuild.domain.schedules import ScheduleError, parse

INVALID = [
    # Not a schedule at all.
    "", "cron", "cron()", "rate()", "0 0 * * ? *", "at(2024-01-01T00:00:00)", "CRON(0 0 * * ? *)",
    " cron(0 0 * * ? *)", "cron(0 0 * * ? *) ", "cron (0 0 * * ? *)", "cron[0 0 * * ? *]",
    "cron(0 0 * * ? *", "cron(cron(0 0 * * ? *))", "cron(0 0 * * ? *)\n",
    # The number of fields, and the spaces between them.
    "cron(0 0 * * *)", "cron(0 0 * * ?)", "cron(0 10 * * ? * *)", "cron( 0 0 * * ? *)",
    "cron(0 0 * * ? * )", "cron(0\t0 * * ? *)", "cron(0 0 * *\n? *)", "cron(0 0 * *\u00a0? *)",
    # Exactly one '?' for the days, and none elsewhere.
    "cron(0 0 * * * *)", "cron(0 0 ? * ? *)", "cron(0 0 1 * 1 *)", "cron(? 0 * * ? *)",
    "cron(0 ? * * ? *)", "cron(0 0 * ? ? *)", "cron(0 0 * * ? ?)", "cron(0 0 ?,1 * ? *)",
    "cron(0 0 ?/2 * ? *)",
    # Out of bounds.
    "cron(60 0 * * ? *)", "cron(0 24 * * ? *)", "cron(0 0 0 * ? *)", "cron(0 0 32 * ? *)",
    "cron(0 0 * 0 ? *)", "cron(0 0 * 13 ? *)", "cron(0 0 ? * 0 *)", "cron(0 0 ? * 8 *)",
    "cron(0 0 * * ? 1969)", "cron(0 0 * * ? 2200)", "cron(0-60 0 * * ? *)", "cron(0 0 32W * ? *)",
    "cron(0 0 0W * ? *)", "cron(0 0 ? * 8L *)", "cron(0 0 ? * 2#0 *)", "cron(0 0 ? * 2#6 *)",
    "cron(-1 0 * * ? *)", f"cron({'9' * 900} 0 * * ? *)", "cron(0 0 * * ? 2030-2020)",
    # Steps.
    "cron(*/0 0 * * ? *)", "cron(*/-1 0 * * ? *)", "cron(*/ 0 * * ? *)", "cron(/5 0 * * ? *)",
    "cron(1/2/3 0 * * ? *)", f"cron(*/{'9' * 900} 0 * * ? *)", "cron(*/x 0 * * ? *)",
    # Names where there are none, and wildcards where they mean nothing.
    "cron(mon 0 * * ? *)", "cron(0 0 jan * ? *)", "cron(0 0 * mon ? *)", "cron(0 0 ? * jan *)",
    "cron(0 0 ? * monday *)", "cron(0 0 * january ? *)", "cron(L 0 * * ? *)", "cron(0 0 * L ? *)",
    "cron(0 0 * * ? L)", "cron(0 0 ? * W *)", "cron(0 0 ? * 2W *)", "cron(0 0 W * ? *)",
    "cron(0 0 WL * ? *)", "cron(0 0 1#2 * ? *)", "cron(0 0 6L * ? *)", "cron(0 0 ? * #2 *)",
    "cron(0 0 ? * 2# *)", "cron(0 0 ? * 2#2#2 *)", "cron(0 0 ? * *#2 *)", "cron(0 0 ? * *L *)",
    # One expression only with '#'; lists and ranges have both ends.
    "cron(0 0 ? * 3#1,6#3 *)", "cron(0 0 ? * 3#1,6 *)", "cron(0, 0 * * ? *)", "cron(,0 0 * * ? *)",
    "cron(0,,1 0 * * ? *)", "cron(1- 0 * * ? *)", "cron(-5 0 * * ? *)", "cron(1-2-3 0 * * ? *)",
    "cron(*-5 0 * * ? *)", "cron(** 0 * * ? *)", "cron(\u0661 0 * * ? *)",
    # No steps among those of the weekday, says the guide.
    "cron(0 0 ? * */2 *)", "cron(0 0 ? * 2/2 *)", "cron(0 0 ? * mon-fri/2 *)",
    # Rates.
    "rate(1)", "rate(minute)", "rate(0 minutes)", "rate(0 minute)", "rate(00 days)",
    "rate(-1 minutes)", "rate(1.5 hours)", "rate(1 hours)", "rate(5 hour)", "rate(1 minutes)",
    "rate(2 day)", "rate(1 week)", "rate(2 seconds)", "rate(1 Day)", "rate(1 month)",
    "rate(5minutes)",
    "rate( 5 minutes)", "rate(5 minutes )", "rate(5\tminutes)", "rate(five minutes)", "RATE(1 day)",
    f"rate({'9' * 900} days)", "rate(\u0665 minutes)", "rate(+5 minutes)",
]  # fmt: skip


@pytest.mark.docs
@pytest.mark.parametrize("expression", INVALID, ids=[repr(text)[:40] for text in INVALID])
def test_what_is_not_valid(expression):
    with pytest.raises(ScheduleError) as caught:
        parse(expression)
    assert str(caught.value).endswith(".")


# Valid in EventBridge's forebears, or for all that is documented; nobody has tried them.
@pytest.mark.inferred
@pytest.mark.parametrize(
    "fields",
    [
        "0 0 L,15 * ? *",
        "0 0 15W,20W * ? *",
        "0 0 L-3 * ? *",
        "0 0 1-15W * ? *",
        "0 0 ? * 2L,6L *",
        "0 0 ? * L,2 *",
    ],
)
def test_last_days_and_nearest_weekdays_stand_alone(fields):
    with pytest.raises(ScheduleError, match=r"position (4|8), "):
        parse(f"cron({fields})")


@pytest.mark.recorded
@pytest.mark.parametrize("expression", ["cron(0 0 * * *)", "cron(0 1 * * 0)"])
def test_the_message_for_five_fields(expression):
    with pytest.raises(ScheduleError) as caught:
        parse(expression)
    assert str(caught.value) == (
        "Invalid CRON expression: error at position 9, details: Unexpected end of expression."
    )


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("fields", "position", "named"),
    [
        ("0 24 * * ? *", 2, "'24' is not a value of the hour field."),
        ("0 0 *  feb-xyz ? *", 7, "'XYZ' is not a value of the month field."),
        ("0 0 ? * 2-6/2 *", 8, "'2-6/2' is not valid in the day-of-week field."),
        ("0 0 * * mon *", 8, "Exactly one of day-of-month and day-of-week must be '?'."),
        ("0 0 ? * ? *", 8, "Exactly one of day-of-month and day-of-week must be '?'."),
        ("0 0 * * ? 2030-2020", 10, "The range '2030-2020' goes backwards."),
        ("0 0 * * ? * *", 12, "There are more than six fields."),
        ("0/0 0 * * ? *", 0, "A step must be 1 or more."),
        ("0 0 ? * 2#9 *", 8, "'#' must be followed by a number from 1 to 5."),
        ("0 0 * é ? *", 6, "Unexpected character."),
    ],
)
def test_messages_say_where_and_what(fields, position, named):
    with pytest.raises(ScheduleError) as caught:
        parse(f"cron({fields})")
    assert str(caught.value) == (
        f"Invalid CRON expression: error at position {position}, details: {named}"
    )


@pytest.mark.inferred
@settings(deadline=None)
@given(st.text(alphabet="0123456789*?/,-#LW monfriJAN()", max_size=40) | st.text(max_size=20))
def test_nothing_but_a_schedule_error_comes_of_any_text(text):
    for expression in (text, f"cron({text})", f"cron(0 0 {text} * ? *)", f"rate({text})"):
        try:
            schedule = parse(expression)
        except ScheduleError:
            continue
        found = schedule.next_after(1.7e9)
        assert found is None or found > 1.7e9
