"""Endings and tallies in the few bytes they are kept in."""

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rates import Ending, Tally, pack, unpack

ENDS = ["open", "complete", "partial", "non_contact", "unknown", "not_invited:no_number", "not_sent:too_late"]
names = st.text(st.characters(exclude_characters="\x1f"), max_size=6)
endings = st.builds(
    Ending,
    team=names,
    queue=names,
    language=names,
    channel=st.sampled_from(["sms", "voice", ""]),
    wave=st.sampled_from(["9c1f00aa", "00000000", ""]),
    end=st.sampled_from(ENDS),
    answers=st.text("ynsu-", min_size=3, max_size=3),
    delivered=st.booleans(),
    started=st.booleans(),
)
tallies = st.dictionaries(endings.map(Ending.encode), st.integers(1, 10**6)).map(Counter)


def ending(**fields: Any) -> Ending:
    place = {"team": "north", "queue": "permits", "language": "sv", "channel": "sms", "wave": "9c1f00aa"}
    return Ending(
        **{**place, "end": "complete", "answers": "yyn", "delivered": True, "started": True, **fields}
    )


@given(endings)
def test_an_ending_survives_its_code(one: Ending) -> None:
    assert Ending.decode(one.encode()) == one


def test_a_separator_in_a_name_cannot_move_the_other_fields() -> None:
    assert Ending.decode(ending(team="no\x1frth").encode()) == ending()


@pytest.mark.parametrize("code", [
    "",
    "a\x1fb\x1fsv\x1fsms\x1f\x1fcomplete\x1fyyy",  # one field short
    "a\x1fb\x1fsv\x1fsms\x1f\x1fcomplete\x1fyyy\x1fsd",  # flags have one order
    "a\x1fb\x1fsv\x1fsms\x1f\x1ffinished\x1fyyy\x1fds",
    "a\x1fb\x1fsv\x1fsms\x1f\x1fnot_invited:\x1f---\x1f",  # a reason is owed
    "a\x1fb\x1fsv\x1fsms\x1f\x1fcomplete\x1fyy\x1fds",
])  # fmt: skip
def test_what_is_no_ending_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match=r"not an ending|no such ending|not three"):
        Ending.decode(code)


@given(tallies)
def test_a_tally_survives_packing_and_equal_ones_pack_to_equal_bytes(one: Tally) -> None:
    assert unpack(pack(one)) == one
    assert pack(Counter(dict(reversed(one.items())))) == pack(one)


def test_an_ending_nobody_had_takes_no_room() -> None:
    assert pack(Counter({ending().encode(): 0})) == pack(Counter())


def test_a_busy_day_of_many_teams_and_languages_fits_one_read_unit() -> None:
    chance = random.Random(7)
    ends = {"complete": 312, "partial": 21, "break_off": 47, "non_contact": 538, "unknown": 59, "open": 23}
    wordings = [f"{chance.getrandbits(32):08x}" for _ in range(15)]
    day: Tally = Counter()
    for end in chance.choices([*ends], [*ends.values()], k=1200):
        language = chance.randrange(15)
        day[ending(
            team=f"team {chance.randrange(20)}",
            queue=f"queue {chance.randrange(3)}",
            language=f"x{language}",
            wave=wordings[language],
            end=end,
            answers="".join(chance.choices("yn", k=3)) if end == "complete" else "---",
        ).encode()] += 1  # fmt: skip
    assert len(pack(day)) < 4096
