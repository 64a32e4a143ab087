"""What a text costs, against what carriers' own calculators publish."""

import json
from pathlib import Path

import pytest

from chalicelib.segments import GSM_PAIRS, segments

VECTORS = Path(__file__).parent / "vectors"
PUBLISHED = json.loads((VECTORS / "segments_published.json").read_text())["published"]
MEASURED = json.loads((VECTORS / "sms_segments.json").read_text())["cases"]


@pytest.mark.parametrize("case", PUBLISHED, ids=lambda case: case["name"])
def test_parts_agree_with_the_published_calculator(case):
    cost = segments(case["body"])
    assert (cost.encoding, cost.segments) == (case["encoding"], case["segments"])
    assert cost.characters == case.get("characters", cost.characters)


@pytest.mark.parametrize("case", MEASURED, ids=lambda case: case["name"])
def test_parts_agree_with_two_independent_counters(case):
    cost = segments(case["text"])
    assert (cost.encoding, cost.segments) == (case["encoding"], case["segments"])


@pytest.mark.parametrize(
    "text, parts",
    [
        ("", 1),
        (
            "a" * 152 + "€" + "b" * 152,
            3,
        ),  # the euro's pair moves whole to part 2, which then has no room for all
        ("a" * 151 + "€" + "b" * 153, 2),
        ("я" * 66 + "😜" + "я" * 66, 3),  # nor are surrogates split
        ("я" * 65 + "😜" + "я" * 67, 2),
    ],
)
def test_a_pair_never_straddles_two_parts(text, parts):
    assert segments(text).segments == parts


@pytest.mark.parametrize("sign", sorted(GSM_PAIRS))
def test_an_extension_sign_counts_twice(sign):
    assert segments("a" * 159 + sign).segments == 2
    assert segments("a" * 158 + sign).characters == 160


@pytest.mark.parametrize("sign", ["’", "“", "–", "…", "\u00a0", "ç", "ê", "ó", "a\u030a"])
def test_a_sign_outside_the_alphabet_turns_the_whole_text_into_ucs_2(sign):
    assert segments("a" * 70 + sign).encoding == "UCS-2"
