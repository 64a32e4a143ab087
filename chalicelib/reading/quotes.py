"""What in a reply is not the caller's own: our texts quoted by a phone's reaction, mail quotes, signatures.

A thumbs-up arrives as ``Liked “Exempelverket: … No more texts: STOP”`` or ``👍 to “…”``: it must not opt anyone out.
"""

import re
from collections.abc import Iterable

from chalicelib.reading.letters import words

_QUOTED = re.compile(r"[“”„‟\"«»「『]([^“”„‟\"«»「」『』]{10,})[“”‟\"«»」』]")
_LONG = 25  # characters: a quotation as long as this, after a word or two, is a reaction to some text of ours
_LEAD = 6  # words at most before or after it: "Removed a laugh from"
# Mail quotes, what follows "-- ", and a name on a last line of its own: "/Anna". They begin with a line.
_MAIL = re.compile(r"\n\s*>[^\n]*|(?<=.)\n--[ \t]*(?=\n)[\s\S]*|\n(?<=\w\n)\s*/[^\W\d_]+(?: [^\W\d_]+)?\s*\Z")
# In "ja <3" the 3 is no answer, nor the p in "ja :p"; ":p" alone may be a letter.
_FACE = re.compile(
    r"[<:;](?:(?<=<)<*3+(?!\d)|(?<!\w.)(?<!<)'?-?[)(]+(?!\w)|(?<=\w [:;])-?[dp]+(?!\w))", re.IGNORECASE
)


def own_words(text: str, quoted: Iterable[str]) -> tuple[str, bool]:
    """The caller's own part, and whether a quotation was taken out."""
    own = _FACE.sub(" ", _MAIL.sub(" ", f"\n{text}"))
    ours = [" ".join(one.split()) for one in quoted]
    left = _without_copies(own, ours)
    left = _QUOTED.sub(lambda match: " " if _is_ours(match, ours) else match.group(), left)
    return left, left != own


def _without_copies(text: str, ours: list[str]) -> str:
    """Our own texts in full, with or without quotation marks, whatever became of their line feeds."""
    folded = " ".join(text.split())
    found = [one for one in ours if one and one in folded]
    for one in found:
        folded = folded.replace(one, " ")
    return folded if found else text


def _is_ours(quotation: re.Match[str], ours: list[str]) -> bool:
    """A phone may cut a long quotation short, with an ellipsis."""
    inner = " ".join(quotation[1].split()).rstrip("…. ")
    if any(inner in one for one in ours):
        return True
    around = words(quotation.string[: quotation.start()] + quotation.string[quotation.end() :])
    return len(inner) >= _LONG and 0 < len(around) <= _LEAD
