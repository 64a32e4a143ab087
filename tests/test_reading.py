"""Reading replies: the published vectors, the traps, and what must hold for any text whatever."""

import json
import random
import re
import string
import unicodedata
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import prompts
from chalicelib.reading import key, normal, phrase, read, speech
from chalicelib.script import Meaning, Reading, Value, Words
from infra.prompts import form

VECTORS = Path(__file__).parent / "vectors"
REPLIES = json.loads((VECTORS / "replies.json").read_text())
OVOS = json.loads((VECTORS / "yesno_ovos.json").read_text())["locales"]
GLIBC = json.loads((VECTORS / "yesno_glibc.json").read_text())["languages"]
CLDR = json.loads((VECTORS / "yesno_cldr.json").read_text())["languages"]
TRAP_SENTENCES = json.loads((VECTORS / "traps.json").read_text())["languages"]
STOP_WORDS = json.loads((VECTORS / "optout_words.json").read_text())["languages"]
KEYWORDS = json.loads((VECTORS / "twilio_optout_keywords.json").read_text())
SEED = 20261122
LANGUAGES = prompts.languages()
STOPS = prompts.stops(LANGUAGES)
YES, NO, SKIPPED = Value.YES, Value.NO, Value.SKIPPED
NOTHING = frozenset[str]()


def words_of(yes=(), no=(), stop=()):
    return Words(frozenset(yes), frozenset(no), NOTHING, frozenset(stop), *(NOTHING,) * 7)


def said(text, language, shown=1, **how):
    """A reading as the vectors write it: "yes", a list of answers, or the meaning."""
    reading = read(text, prompts.load(language).words, shown, **how)
    if reading.meaning is Meaning.ANSWERS:
        return reading.answers[0] if shown == 1 else list(reading.answers)
    return reading.meaning


# --- published cases


@pytest.mark.parametrize("case", REPLIES["cases"], ids=lambda case: f"{case['lang']} {case['text']!r}")
def test_the_replies_of_the_policy_are_read_as_it_says(case):
    listed = {answer: map(normal, forms) for answer, forms in REPLIES["words"][case["lang"]].items()}
    reading = read(case["text"], words_of(listed["yes"], listed["no"], REPLIES["stop"]), case.get("open", 1))
    expected = case["expected"]
    answers = [expected] if expected in ("yes", "no") else expected
    assert (list(reading.answers) if reading.meaning is Meaning.ANSWERS else reading.meaning) == answers


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) & {case["lang"] for case in REPLIES["cases"]}))
def test_our_own_word_lists_read_them_the_same(language):
    for case in (case for case in REPLIES["cases"] if case["lang"] == language):
        assert said(case["text"], language, case.get("open", 1)) == case["expected"], case["text"]


def published(language):
    """(word, "yes" or "no") of every single-word form in the collections we have."""
    collections = [CLDR.get(language, {}), GLIBC.get(language, {})]
    collections += [forms for locale, forms in OVOS.items() if locale.split("-")[0] == language]
    for forms, answer in product(collections, ("yes", "no")):
        yield from ((word, answer) for word in forms.get(answer, ()) if re.fullmatch(r"[^\s()|?*\[]+", word))


@pytest.mark.parametrize("language", LANGUAGES)
def test_published_single_words_for_yes_and_no_are_understood(language):
    missed = [(word, answer) for word, answer in published(language) if said(word, language) != answer]
    assert not missed


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_published_opt_out_keyword_opts_out(language):
    lists = ("default_stop", "twilio_proxy_extra_stop")
    words = [word for name in lists for word in KEYWORDS[name]["words"]]
    words += KEYWORDS["aws_end_user_messaging"] + KEYWORDS["fcc_64_1200_a_10_words"]
    assert {said(f" {word}!", language) for word in words} == {Meaning.OPT_OUT}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_that_senders_print_for_opting_out_do_so_in_any_survey(language):
    words = prompts.load(language).words
    answers = {phrase(entry) for kind in ("yes", "no", "skip") for entry in getattr(words, kind)}
    for word in STOP_WORDS[language]:
        assert said(word, language) == said(f"{word.upper()} !", language, 3) == Meaning.OPT_OUT, word
    for word in {
        word for words in STOP_WORDS.values() for word in words if not re.fullmatch("[A-Z]{1,2}", word)
    } - answers:
        assert said(word, language, stops=STOPS) == Meaning.OPT_OUT, word


@pytest.mark.parametrize("language", LANGUAGES)
def test_three_answers_in_words_are_read_as_three_or_not_at_all(language):
    words = prompts.load(language).words
    single = {
        YES: sorted(entry for entry in words.yes if " " not in entry),
        NO: sorted(entry for entry in words.no if " " not in entry),
    }
    plain = {
        value: next(entry for entry in entries if not entry.endswith("."))
        for value, entries in single.items()
    }
    for value, other in ((YES, NO), (NO, YES)):
        for entry in single[value]:
            text = f"{entry.rstrip('.')}, {entry.rstrip('.')}, {plain[other]}"
            assert said(text, language, 3) in ([value, value, other], Meaning.UNCLEAR), text


@pytest.mark.parametrize(
    "language, text",
    [
        ("fa", "بله، بله، نه"), ("es", "Sí, si, no"), ("fi", "Kyllä, kylla, ei"), ("sv", "ja, visst, nej"),
        ("pl", "tak, jasne, nie"), ("tr", "evet, tabii, hayır"), ("vi", "có, được, không"), ("en", "yes, yeah, no"),
    ],
)  # fmt: skip
def test_three_answers_in_words_fill_three_questions(language, text):
    assert said(text, language, 3) == [YES, YES, NO]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_no_before_it_takes_nothing_from_an_opt_out(language):
    words = prompts.load(language).words
    plain = CLDR.get(language, {"no": ["نەخێر"]})["no"]  # it has no Sorani
    no = next(form for form in plain if len(form) > 1 and said(form, language) == NO)
    listed = {phrase(entry) for entry in words.no | words.unclear}
    stops = {phrase(entry) for entry in words.stop}
    kept = {text for text in stops if phrase(f"{no} {text}") not in listed}
    assert {text: said(f"{no}, {text}", language) for text in kept} == dict.fromkeys(kept, Meaning.OPT_OUT)
    assert not {text for text in kept if said(f"{no} {text}", language) in (YES, NO)}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("shown", [1, 2, 3])
def test_no_sentence_is_read_as_its_opposite(language, shown):
    for text, meant in TRAP_SENTENCES[language]:
        reading = said(text, language, shown, stops=STOPS)
        if meant in ("yes", "no"):
            assert reading in (meant, [meant], Meaning.UNCLEAR), text
        else:
            assert reading == meant or (meant, reading) == ("unclear", Meaning.SKIP), text


# --- words


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_listed_phrase_means_what_its_list_says(language):
    listed = prompts.load(language).words
    meanings = {"yes": YES, "no": NO, "stop": "opt_out", "start": "opt_in"}
    meanings |= {kind: kind for kind in ("skip", "help", "undo", "not_me", "ring", "no_call")}
    for kind, meaning in meanings.items():
        for entry in getattr(listed, kind):
            assert said(entry, language, stops=STOPS) == meaning, entry
            assert said(f"“{entry.upper()}” !!", language, stops=STOPS) == meaning, entry


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_is_never_taken_for_another_language_s_opt_out(language):
    listed = prompts.load(language).words
    assert not {
        p for p in listed.yes | listed.no | listed.skip if said(p, language, stops=STOPS) == Meaning.OPT_OUT
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_anyone_may_opt_out_in_any_language_offered(language):
    answers = {
        phrase(p) for kind in ("yes", "no", "skip") for p in getattr(prompts.load(language).words, kind)
    }
    others = random.Random(f"{SEED} {language}").sample(sorted(STOPS - answers), 600)
    assert {said(p, language, stops=STOPS) for p in others} == {Meaning.OPT_OUT}


def test_an_answer_counts_only_in_the_language_that_was_asked():
    assert said("ja", "en") == Meaning.UNCLEAR
    assert said("yes", "sv") == Meaning.UNCLEAR


def test_yes_is_an_answer_and_never_undoes_an_opt_out():
    assert said("YES", "en") == YES
    assert said("START", "sv") == said("unstop", "sv") == Meaning.OPT_IN


# --- spelling

SPELT_DIFFERENTLY = [
    ("hayır", "HAYIR", "hayir", "Hayır."),
    ("нет", "НЕТ", "Нет!"),
    ("ещё", "еще"),
    ("نَعَم", "نعم", "نعم"),
    ("بله", "بلە"),
    ("لأ", "لا"),
    ("نہیں", "نهين"),
    ("بەڵێ", "به‌لی"),
    ("kyllä", "Kylla", "KYLLA\u0308"),
    ("không", "khong"),
    ("didn't", "didn’t", "DIDNT", "didn`t"),
    ("не-а", "неа"),
    ("ใช่", "ใช่ "),
    ("አዎ", "ኣዎ", "ዓዎ", "ዐዎ"),
    ("ጸሓይ", "ፀሐይ", "ፀሀይ"),
    ("هرګز", "هرگز"),
    ("ja", "jaaaa", "JAAAA"),
]


@pytest.mark.parametrize("spellings", SPELT_DIFFERENTLY, ids=lambda spellings: spellings[0])
def test_one_word_is_understood_in_every_spelling_people_use(spellings):
    for listed in spellings[:1]:
        words = words_of(yes=[normal(listed)])
        assert {read(spelling, words, 1).answers for spelling in spellings} == {(YES,)}


def test_words_that_only_their_marks_tell_apart_need_their_marks():
    words = words_of(yes=[normal("đúng")], stop=[normal("dừng")])
    assert read("Đúng", words, 1).answers == (YES,)
    assert read("dừng", words, 1).meaning is Meaning.OPT_OUT
    assert read("dung", words, 1).meaning is Meaning.UNCLEAR
    assert read("dúng", words, 1).answers == (YES,), "only one of them can have lost marks like that"


OTHER_WORDS = {
    "vi": ["vàng", "vắng", "ồn", "rối", "đã", "cô", "cố", "đá", "tột", "chùa", "kèm", "khống", "sài"],
    "tr": ["öldü", "ölür"],
    "hu": ["még", "ők"],
    "es": ["pasó", "césar"],
    "fr": ["passé", "arrêté", "aidé"],
    "it": ["passò"],
    "sv": ["sånt"],
    "ro": ["râu"],
}


@pytest.mark.parametrize("language", OTHER_WORDS)
def test_a_word_with_other_marks_is_another_word(language):
    """ "Vàng" is gold and "vâng" is yes; Turkish "öldü" is "died", "oldu" is "done"."""
    assert {said(text, language) for text in OTHER_WORDS[language]} == {Meaning.UNCLEAR}


@pytest.mark.parametrize(
    "language, text, expected",
    [
        ("ro", "mulţumită", YES), ("ro", "niciodatã", NO), ("ro", "opriţi mesajele", Meaning.OPT_OUT),
        ("es", "sì", YES), ("hu", "jò volt", YES), ("it", "sí", YES), ("pt", "nâo", NO), ("fr", "trés bien", YES),
    ],
)  # fmt: skip
def test_marks_that_phones_put_for_want_of_the_right_ones_count(language, text, expected):
    assert said(text, language) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_any_marks_may_be_left_out_of_an_answer(language):
    words = prompts.load(language).words
    chance = random.Random(f"{SEED} {language}")
    print(f"seed {SEED}")
    for listed in sorted(words.yes | words.no):
        letters = unicodedata.normalize("NFD", listed)
        text = "".join(sign for sign in letters if not "\u0300" <= sign <= "\u036f" or chance.random() < 0.5)
        assert read(text, words, 1).answers in (read(listed, words, 1).answers, ()), text


TWICE = ["12", "１２", "١٢", "۱۲", "१२", "፩፪", "๑๒", "១២", "①②", "❶❷", "¹²"]


@pytest.mark.parametrize("one, two", [*TWICE, ("1️⃣", "2️⃣")])
def test_digits_of_any_script_answer(one, two):
    assert said(one, "sv") == YES
    assert said(f"{two}.", "sv") == NO
    assert said(f"{one} {two} {one}", "sv", 3) == said(one + two + one, "sv", 3) == [YES, NO, YES]


def test_scripts_without_spaces_may_run_politeness_on():
    thai = Words(frozenset({"ใช่"}), frozenset({"ไม่ใช่"}), *(NOTHING,) * 8, polite=frozenset({"ครับ", "ค่ะ"}))
    assert read("ใช่ครับ", thai, 1).answers == (YES,)
    assert read("ไม่ใช่ค่ะ", thai, 1).answers == (NO,)
    assert read("ใช่ไม่ใช่", thai, 1).meaning is Meaning.UNCLEAR


# --- several answers

ROWS = [
    ("1 2 1", [YES, NO, YES]),
    ("1,2,1", [YES, NO, YES]),
    ("1\n2\n1", [YES, NO, YES]),
    ("1-2-1", [YES, NO, YES]),
    ("1 2 3", [YES, NO, SKIPPED]),
    ("2 1", [NO, YES]),  # fewer than shown
    ("1/2", Meaning.UNCLEAR),  # a half, a date, or two answers
    ("1.2", Meaning.UNCLEAR),
    ("½", Meaning.UNCLEAR),
    ("12", Meaning.UNCLEAR),
    ("1 2 4", Meaning.UNCLEAR),
    ("1 21", Meaning.UNCLEAR),
    ("A1 B2 C1", [YES, NO, YES]),
    ("a) yes\nb) no\nc) not sure", [YES, NO, SKIPPED]),
    ("A: 1, B: 2", [YES, NO]),
    ("C 1", Meaning.UNCLEAR),  # what about the other two?
    ("B1 A2 C1", Meaning.UNCLEAR),
    ("yes no yes please", [YES, NO, YES]),
    ("yes, no, not sure", [YES, NO, SKIPPED]),
    ("yes and no", Meaning.UNCLEAR),
    ("no not yes", Meaning.UNCLEAR),  # "not" answers only on its own
    ("1 yes", [YES]),  # one answer, said twice
    ("1 no", Meaning.UNCLEAR),
    ("1 yes 2 no 1 yes", [YES, NO, YES]),
    ("1. no 2. yes 3. no", [NO, YES, NO]),  # the digits number the questions
    ("1 = yes, 2 = no", Meaning.UNCLEAR),  # our own words, said back
    ("1 = yes 2 = no 3 = not sure", Meaning.UNCLEAR),
    ("1 2 yes", Meaning.UNCLEAR),
    ("3", Meaning.SKIP),
]


@pytest.mark.parametrize("text, expected", ROWS)
def test_several_answers_fill_the_shown_questions_in_order(text, expected):
    assert said(text, "en", 3) == expected


def test_letters_name_the_questions_still_open():
    assert said("B1 C2", "en", 2) == [YES, NO]
    assert said("A1 B2", "en", 2) == Meaning.UNCLEAR  # A is answered already: which two are meant?


@pytest.mark.parametrize(
    "text, expected", [("nej nej nej", NO), ("ja 1", YES), ("1 1", Meaning.UNCLEAR), ("112", Meaning.UNCLEAR)]
)
def test_one_shown_question_takes_one_answer(text, expected):
    assert said(text, "sv") == expected


def test_with_nothing_asked_nothing_is_answered():
    assert said("1", "sv", 0) == said("ja", "sv", 0) == Meaning.UNCLEAR


COMMAS = [
    ("pl", "nie pomogli", NO),
    ("pl", "nie, pomogli", Meaning.UNCLEAR),
    ("pl", "nie, nie pomogli", NO),
    ("es", "no, me ayudaron", Meaning.UNCLEAR),
    ("es", "no, gracias", NO),
    ("bg", "разбира се, че не", NO),
    ("pl", "Nie, proszę pisać", Meaning.UNCLEAR),
    ("pl", "proszę nie pisać", Meaning.OPT_OUT),
]


@pytest.mark.parametrize("language, text, expected", COMMAS)
def test_a_comma_after_an_answer_keeps_it_apart_from_what_follows(language, text, expected):
    assert said(text, language) == expected
    assert said(text, language, 3) in ([expected], expected, Meaning.UNCLEAR)


BORNE_OUT = [
    *(
        ("en", text, YES)
        for text in ("Yes, it was good", "Yes it was good", "1 great service", "no problem, great")
    ),
    *(
        ("en", text, NO)
        for text in ("No! Nobody helped me.", "thanks, nobody helped me", "2. Nobody helped me")
    ),
    *(
        ("en", text, Meaning.UNCLEAR)
        for text in ("ok, it was bad", "not, bad", "Bad? No.", "No, it was good")
    ),
    *(
        ("en", text, Meaning.UNCLEAR)
        for text in ("2 it was good", "1, 1", "no it was bad", "yes, it was good, no")
    ),
    *(("en", text, Meaning.UNCLEAR) for text in ('It was not "awful"', "not... awful", "bad, no")),
    *(("en", text, Meaning.UNCLEAR) for text in ("good, not?", "of course/no", "no, all right", "2 ok")),
    *(
        ("am", "ጥሩ፣ አይደለም?", Meaning.UNCLEAR),
        ("fa", "بد، نبود", Meaning.UNCLEAR),
        ("zh", "不，差", Meaning.UNCLEAR),
    ),
    *(("zh", "不—好", Meaning.UNCLEAR), ("sv", "nej 😡", NO), ("sv", "ja 😡", Meaning.UNCLEAR)),
    *(("sv", "nej, det var dåligt", NO), ("hu", "nem, rossz volt", NO), ("hu", "nem rossz", YES)),
    *(("zh", "不是，很差", NO), ("sr", "да, помогли су ми", YES), ("ro", "nu nemulțumit", Meaning.UNCLEAR)),
]


@pytest.mark.parametrize("language, text, expected", BORNE_OUT)
def test_an_answer_and_what_bears_it_out_are_one_answer(language, text, expected):
    assert said(text, language) == expected


APART = [
    *(("vi", text) for text in ("không / có", "không/có", "không - có", "không – có")),
    *(("en", text) for text in ("no - problem", "not / bad", "no/problem", "yes | no", "1/2", "yes/no")),
]


@pytest.mark.parametrize("language, text", APART)
def test_a_dash_or_stroke_keeps_words_apart_like_a_comma(language, text):
    assert said(text, language) == Meaning.UNCLEAR


@pytest.mark.parametrize("text", ["1/2/1", "1 / 2 / 1", "1 - 2 - 1", "yes/no/yes", "yes - no - yes", "1|2|1"])
def test_what_stands_between_answers_in_a_row_does_not_matter(text):
    assert said(text, "en", 3) == [YES, NO, YES]


IN_A_ROW = [
    ("sv", "ja, nej", [YES, NO]),
    ("sv", "ja nej", Meaning.UNCLEAR),
    ("sv", "jo nej", Meaning.UNCLEAR),
    ("sv", "ja nej ja", [YES, NO, YES]),
    ("sv", "nej. nej. ja", [NO, NO, YES]),
    ("sv", "ja nej, ja", Meaning.UNCLEAR),
    ("ru", "да нет", Meaning.UNCLEAR),
    ("fi", "ei kyllä", Meaning.UNCLEAR),
    ("fi", "ei, kyllä", [NO, YES]),
    ("fa", "بله، نه، بله", [YES, NO, YES]),
    ("pl", "tak tak nie", [YES, YES, NO]),
    ("da", "nej nej nej", [NO, NO, NO]),
    ("zh", "有，没有，有", [YES, NO, YES]),
    ("de", "ja, na klar", Meaning.UNCLEAR),
    ("ru", "нет, конечно", Meaning.UNCLEAR),
    ("bg", "не, не, помогнаха", Meaning.UNCLEAR),
    ("sr", "nije da nije", Meaning.UNCLEAR),
    ("sv", "nej tack, det fick jag inte", [NO]),
    ("vi", "A có ạ", [YES]),
    ("vi", "A có ạ, B không ạ", [YES, NO]),
]


@pytest.mark.parametrize("language, text, expected", IN_A_ROW)
def test_answers_in_words_are_a_row_where_commas_or_their_number_show_it(language, text, expected):
    assert said(text, language, 3) == expected


NOT_STOPPING = [
    *(
        ("es", text)
        for text in ("no pare", "no paren de escribir", "por favor, no paren", "no quiero darme de baja")
    ),
    *(("pt", "não parem"), ("ro", "nu opriți mesajele"), ("vi", "không dừng lại"), ("so", "ha joojin")),
    *(
        ("bg", "не искам да спрете"),
        ("et", "ei lõpetage"),
        ("hr", "ne želim se odjaviti"),
        ("pl", "nie rezygnuję"),
    ),
]
STOPPING = [
    *(
        ("es", text)
        for text in ("no, paren", "no stop", "No! Paren", "no no me escriban", "no por favor paren")
    ),
    *(("sv", "nej sluta"), ("en", "no stop"), ("pt", "não. parem"), ("ro", "nu nu-mi mai scrieți")),
    *(("vi", "không, dừng lại"), ("pl", "nie przestańcie pisać"), ("hr", "ne prestanite slati")),
]


@pytest.mark.parametrize("language, text", NOT_STOPPING)
def test_whoever_writes_do_not_stop_is_not_opted_out(language, text):
    assert said(text, language, stops=STOPS) == Meaning.UNCLEAR


@pytest.mark.parametrize("language, text", STOPPING)
def test_whoever_writes_no_stop_is_opted_out(language, text):
    assert said(text, language, stops=STOPS) == Meaning.OPT_OUT


COMPLAINTS = [
    ("en", "I do not want to receive a letter in English"),
    ("en", "please stop the deportation of my family"),
    ("sv", "jag vill slippa vänta så länge"),
    ("sv", "låt mig vara tydlig"),
    ("de", "Stoppen Sie die Abschiebung meiner Familie"),
    ("fr", "arrêtez de faire attendre les gens"),
    ("es", "dejen de hacer esperar a la gente"),
    ("ar", "لا أريد تلقي رسالة بالإنجليزية"),
]


@pytest.mark.parametrize("language, text", COMPLAINTS)
def test_a_complaint_that_begins_like_an_opt_out_is_none(language, text):
    assert said(text, language, stops=STOPS) == Meaning.UNCLEAR


# --- decoration and doubt


DECORATED = [
    *(
        "Ja tack!",
        "tack, JA",
        "\u200fja\u200f",
        "“ja”",
        "ja 👍🏽",
        "1)",
        "*1*",
        "Svar: 1",
        "ja <3",
        "1\n/Anna",
    ),
    *("1\n-- \nAnna Ek\nEkgatan 2", "> Fick du bra service?\n1", "Hej! Ja. Mvh", "ok 1"),
]


@pytest.mark.parametrize("text", DECORATED)
def test_decoration_changes_nothing(text):
    assert said(text, "sv") == YES


TRAPS = [
    *(
        "I said no, not yes!",
        "not yes",
        "not no",
        "yes but no",
        "no problem? yes!",
        "1 or 2",
        "either",
        "maybe",
        "not, sure",
    ),
    *("yes 👎", "no 👍", "yes 🙄", "👍", "1 of 3", "I have 2 questions", "10", "No one answered yes"),
    *("neither yes nor no", "nobody said no", "can't say no", "no i mean yes", "yes I mean no"),
]


@pytest.mark.parametrize("text", TRAPS)
@pytest.mark.parametrize("shown", [1, 3])
def test_doubt_is_unclear(text, shown):
    assert said(text, "en", shown) == Meaning.UNCLEAR


def test_a_long_text_is_told_that_it_will_be_read():
    assert read(
        "NEJ!!! Jag har väntat i fjorton månader och jag orkar inte mer", prompts.load("sv").words, 1
    ).long
    assert not read("kanske", prompts.load("sv").words, 1).long


@pytest.mark.parametrize("text", ["", "  \n", "...", "\u200f", "?!"])
def test_nothing_to_read_is_empty(text):
    assert said(text, "sv") == Meaning.EMPTY


# --- phones quote us

OURS = """Exempelverket: tack för samtalet. Fick du bra service?
1 = ja
2 = nej
Fråga 1 av 3. Slippa frågor: svara STOPP"""
REACTIONS = [
    *("Liked “{}”", "Gillade ”{}”", "👍 to “ {} ”", "Reacted ❤️ to “{}”", 'Emphasized "{}"', "👍 till ”{}”"),
    *("Removed a like from “{}”", "\u200eLoved “{}”", "A aimé « {} »", "Hat „{}“ mit „Gefällt mir“ markiert"),
]


@pytest.mark.parametrize("reaction", REACTIONS)
def test_a_reaction_that_quotes_our_text_is_empty(reaction):
    shortened = OURS.replace("\n", " ")[:60] + "…"
    for text in (OURS, OURS.replace("\n", " "), shortened):
        assert said(reaction.format(text), "sv", quoted=(OURS,), stops=STOPS) == Meaning.EMPTY


@pytest.mark.parametrize("reaction", REACTIONS[:5])
def test_even_when_we_do_not_know_the_text_any_more(reaction):
    assert said(reaction.format(OURS), "sv", stops=STOPS) == Meaning.EMPTY


def test_what_is_written_beside_a_quotation_counts():
    assert said(f"{OURS}\n1", "sv", quoted=(OURS,)) == YES
    assert said(f"”{OURS}” nej", "sv", quoted=(OURS,)) == NO
    assert said(OURS, "sv", quoted=(OURS,)) == Meaning.EMPTY


# --- opting out

EXAMPLES = {language: form.table(language, "examples.toml") for language in LANGUAGES}
SAID = [
    (language, kind, text)
    for language, of in EXAMPLES.items()
    for kind, texts in of.items()
    for text in texts
]


@pytest.mark.parametrize("language, kind, text", SAID)
def test_what_people_would_write_is_read_as_they_mean_it(language, kind, text):
    assert said(text, language, stops=STOPS) == kind
    assert said(f"  {text.upper()} ", language, stops=STOPS) == kind
    if kind == "opt_out":
        assert said(text, language, 3, stops=STOPS) == said(text, language, 0, stops=STOPS) == Meaning.OPT_OUT


# --- the rest


OTHERS = {
    "undo": ["ändra", "Fel!"],
    "not_me": ["Fel nummer!", "nej, fel nummer"],
    "ring": ["RING", "call", "kan ni ringa mig?"],
    "no_call": ["Ring inte!", "nej, ring inte tack"],
    "help": ["HELP", "hjälp tack"],
}


@pytest.mark.parametrize(
    "text, meaning", [(text, meaning) for meaning, texts in OTHERS.items() for text in texts]
)
def test_what_is_not_an_answer_is_understood_too(text, meaning):
    assert said(text, "sv") == meaning


def test_offered_languages_are_chosen_by_digit():
    words = prompts.load("sv").words
    assert read("5", words, 1, offers=2) == Reading(Meaning.LANGUAGE, offer=1)
    assert read("٦", words, 1, offers=2) == Reading(Meaning.LANGUAGE, offer=2)
    assert read("6", words, 1, offers=1).meaning is read("5", words, 1).meaning is Meaning.UNCLEAR


def test_keys_mean_the_same_on_every_call():
    keys = {digit: key(digit, offers=1) for digit in ("1", "2", "3", "9", "0", "5", "6", "4", "*", "")}
    assert [keys["1"].answers, keys["2"].answers, keys["3"].meaning] == [(YES,), (NO,), Meaning.SKIP]
    assert [keys["9"].meaning, keys["0"].meaning, keys[""].meaning] == [
        Meaning.REPEAT,
        Meaning.END,
        Meaning.EMPTY,
    ]
    assert keys["5"] == Reading(Meaning.LANGUAGE, offer=1)
    assert {keys["6"].meaning, keys["4"].meaning, keys["*"].meaning} == {Meaning.UNCLEAR}


def test_a_spoken_answer_is_read_like_a_written_one():
    assert speech("Ja, tack.", prompts.load("sv").words).answers == (YES,)


# --- whatever anyone may write

# But "<3" is a heart, and ">" begins a quotation.
SIGNS = (
    string.punctuation.replace("'", "").replace("`", "").replace(">", "").replace("<", "") + "“”«»…—¡¿؟،。！"
)


def scraps(language):
    """Pieces that random replies are made of: the language's own words, digits, and noise."""
    listed = prompts.load(language).words
    kinds = ("yes", "no", "skip", "stop", "start", "help", "undo", "not_me", "ring", "no_call", "polite")
    own = [phrase.rstrip(".") for kind in kinds for phrase in sorted(getattr(listed, kind))]
    noise = [*"123", "12", "121", *"Ab👍🙄\n,“”/05９٢\u200fé", "xyz", "...", "don't"]
    return own, noise + [chr(code) for code in range(0x20, 0x250, 7)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_ten_thousand_random_replies_never_fail_nor_answer_more_than_was_shown(language):
    print(f"seed {SEED}")
    chance = random.Random(f"{SEED} {language}")
    own, noise = scraps(language)
    words = prompts.load(language).words
    for _ in range(10_000):
        text = chance.choice(["", " "]).join(
            chance.choice(chance.choice([own, noise])) for _ in range(chance.randrange(7))
        )
        shown = chance.randrange(4)
        reading = read(text, words, shown, offers=chance.randrange(3), stops=STOPS)
        assert len(reading.answers) <= shown, text
        assert bool(reading.answers) == (reading.meaning in (Meaning.ANSWERS, Meaning.SKIP)), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_case_and_what_surrounds_a_reply_change_nothing(language):
    print(f"seed {SEED}")
    chance = random.Random(f"{SEED} {language}")
    own, _ = scraps(language)
    words = prompts.load(language).words
    for _ in range(400):
        text = " ".join(chance.choice([*own, "1", "2", "3", "xyz"]) for _ in range(chance.randrange(1, 4)))
        around = ["".join(chance.choices(SIGNS + "  \n", k=chance.randrange(4))) for _ in range(2)]
        shown = chance.choice((1, 3))
        reading = read(text, words, shown, stops=STOPS)
        for same in (text.upper(), text.title(), f"  {text}\n", around[0] + text + around[1]):
            again = read(same, words, shown, stops=STOPS)
            assert (again.meaning, again.answers) == (reading.meaning, reading.answers), (text, same)


@given(st.text(max_size=200), st.integers(0, 3))
def test_no_text_at_all_raises(text, shown):
    for quoted in ((), (text, "Exempelverket: tack")):
        assert len(read(text, prompts.load("sv").words, shown, quoted, 2, STOPS).answers) <= shown


@given(st.text())
def test_spelling_is_settled_in_one_go(text):
    assert normal(normal(text)) == normal(text)


def test_a_request_to_stop_is_found_anywhere_in_a_very_long_text():
    complaint = "Jag har ringt er i flera veckor nu och ingen svarar. " * 15
    for text in (
        f"Sluta skicka sms. {complaint}",
        f"{complaint}Sluta skicka sms.",
        f"{complaint}Stopp! {complaint}",
    ):
        assert said(text, "sv") == Meaning.OPT_OUT
    assert said(complaint * 2, "sv") == Meaning.UNCLEAR


@pytest.mark.parametrize("text", ["can please you", "could thanks you", "now please just"])
def test_politeness_around_politeness_says_nothing(text: str) -> None:
    assert read(text, prompts.load("en").words, 1).meaning in (Meaning.UNCLEAR, Meaning.EMPTY)


def test_dashes_before_everything_sign_nothing():
    assert said("--\nsluta skicka sms", "sv") == Meaning.OPT_OUT
    assert read("ja\n-- \nAnna, STOP AB", prompts.load("sv").words, 1).answers == (YES,)


DENIED = [
    ("ro", "nu sunt nemulțumit"),
    ("pl", "nie jestem niezadowolony"),
    ("hu", "nem rossz volt"),
    ("ro", "nu, e bine"),
    ("cs", "ne, moc dobře"),
    ("pl", "nie, bardzo dobrze"),
    ("lt", "ne, labai gerai"),
    ("es", "no, me dieron respuesta"),
    ("pt", "não, me ajudaram"),
    ("ur", "نہیں، ٹھیک ہے"),
    ("th", "ไม่ แย่มาก"),
    ("bg", "не благодаря беше добре"),
    ("ru", "не спасибо хорошо"),
    ("prs", "نه خوب است"),
    ("ro", "nu a durat mult"),
    ("lv", "ne slikti"),
    ("cs", "dobře, ne?"),
    ("de", "ok, ne?"),
    ("it", "va bene, no?"),
    ("nl", "ok helaas?"),
]


@pytest.mark.parametrize("language, text", DENIED)
def test_a_denial_denied_and_a_no_before_praise_are_no_no(language, text):
    assert read(text, prompts.load(language).words, 1, stops=STOPS).answers != (NO,)


@pytest.mark.parametrize("text", ["please cancel", "cancel please", "no, end", "end end", "no! unsubscribe."])
def test_a_stop_word_may_have_politeness_or_a_no_beside_it(text):
    assert said(text, "en") == Meaning.OPT_OUT
