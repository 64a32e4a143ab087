"""Which language a caller is asked in, and how they change it: digits 5 and 6, or simply a word of their own."""

from pathlib import Path

import pytest

from chalicelib import prompts
from chalicelib.errors import BadRequest
from chalicelib.prompts import drafts, languages
from chalicelib.survey import Survey
from infra.prompts import skeleton
from tests.engine_fixture import Engine
from tests.in_process import Bench, on

CALLER, LANDLINE = "+46701740612", "+46313900601"


@pytest.fixture
def bench(engine: Engine) -> Bench:
    engine.empty()
    bench = on(engine.dynamodb, engine.table)
    languages = {
        "languages": ["sv", "en", "fi", "de", "so"],
        "offered_languages": {"permits": ["en", "fi", "de"]},
    }
    bench.service.api.change_settings(languages, "ops")
    return bench


def survey(bench: Bench, survey_id: str) -> Survey:
    kept = bench.store.survey(survey_id, strong=True)
    assert kept
    return kept


def test_an_assumed_language_offers_the_next_two_of_the_queue(bench: Bench) -> None:
    bench.invited(CALLER, language=None)
    assert bench.carrier.sent[0][1].endswith("English = 5. Suomi = 6")


def test_a_language_the_call_told_is_not_doubted(bench: Bench) -> None:
    bench.invited(CALLER)
    assert "= 5" not in bench.carrier.sent[0][1]


def test_5_goes_on_in_the_language_offered_under_it(bench: Bench) -> None:
    survey_id = bench.invited(CALLER, language=None)
    assert "Did you receive good customer service?" in bench.text(CALLER, "5")
    assert "Did you receive an answer" in bench.text(CALLER, "yes")
    kept = survey(bench, survey_id)
    assert (kept.language, kept.language_from, kept.offers) == ("en", "caller", ())
    assert kept.answers == {"service": "yes"}


def test_5_is_not_understood_where_nothing_was_offered(bench: Bench) -> None:
    survey_id = bench.invited(CALLER)
    assert "Vi förstod inte" in bench.text(CALLER, "5")
    assert survey(bench, survey_id).language == "sv"


def test_a_word_of_another_live_language_changes_the_language_and_is_no_answer(bench: Bench) -> None:
    survey_id = bench.invited(CALLER)
    assert "Saitko" in bench.text(CALLER, "kyllä")
    kept = survey(bench, survey_id)
    assert (kept.language, kept.answers, kept.charged) == ("fi", {}, 0)


def test_a_word_that_is_clear_in_several_languages_changes_nothing(bench: Bench) -> None:
    bench.service.api.change_settings({"languages": ["sv", "da", "nb", "en"], "offered_languages": {}}, "ops")
    survey_id = bench.invited(CALLER, language="en")
    bench.text(CALLER, "nej")
    assert survey(bench, survey_id).language == "en"


def test_the_language_chosen_is_remembered_for_the_next_call(bench: Bench) -> None:
    bench.invited(CALLER, language=None)
    bench.text(CALLER, "5")
    bench.text(CALLER, "yes")
    bench.ahead(days=31)
    bench.service.clockwork.tick()
    second = bench.invited(CALLER, language=None)
    assert (survey(bench, second).language, survey(bench, second).language_from) == ("en", "last")


def test_by_voice_the_offers_are_spoken_and_6_takes_the_second(bench: Bench) -> None:
    survey_id = bench.invited(LANDLINE, language=None)
    phone = bench.service.phone
    opening = phone.call_answered(survey_id, {"CallSid": "CA1", "AnsweredBy": "human"})
    assert "For English, press 5." in opening
    assert 'language="fi-FI"' in opening
    form = {"CallSid": "CA1", "Digits": "6"}
    assert "Soititko" in phone.key_pressed(survey_id, "who-1", form)
    assert survey(bench, survey_id).language == "fi"


def test_a_language_without_a_voice_is_not_spoken(bench: Bench) -> None:
    kept = survey(bench, bench.invited(LANDLINE, language="so"))
    assert (kept.channel, kept.language, kept.language_from) == ("voice", "sv", "default")


def test_speakers_of_a_voice_first_language_are_rung(bench: Bench) -> None:
    bench.service.api.change_settings({"voice_first": ["fi"]}, "ops")
    bench.invited(CALLER, language="fi")
    assert (bench.carrier.rung, bench.carrier.sent) == ([CALLER], [])


def test_callers_at_large_meet_a_draft_only_where_somebody_accepted_it(bench: Bench) -> None:
    change, draft = bench.service.api.change_settings, drafts(languages())[-1]
    before = bench.service.api.settings()
    accepted = [code for code in languages() if code != draft]
    with pytest.raises(BadRequest, match=f"nobody has reviewed {draft}"):
        change({"languages": ["sv", draft], "draft_languages": accepted}, "ops")
    assert bench.service.api.settings() == before
    change({"languages": ["sv", draft], "draft_languages": [*accepted, draft]}, "ops")
    change({"mode": "trial"}, "ops")
    change({"draft_languages": []}, "ops")
    with pytest.raises(BadRequest, match="draft_languages"):
        change({"mode": "live"}, "ops")


def test_a_kill_switch_is_never_refused_for_a_draft(bench: Bench) -> None:
    rules = {"languages": ["sv", "so"], "draft_languages": [], "mode": "live"}
    bench.store.rules.change(lambda _: rules, "an older version", bench.now)
    bench.service.office.forget()
    bench.service.api.change_settings({"killed": ["all"]}, "ops")
    assert bench.service.office.policy().killed == ("all",)


def test_a_language_with_texts_missing_cannot_be_asked_in(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for code in ("sv", "en"):
        (tmp_path / code).symlink_to(prompts.FOLDER / code)
    skeleton.make("yi", tmp_path)
    monkeypatch.setattr(prompts, "FOLDER", tmp_path)
    with pytest.raises(BadRequest, match=r"yi is not complete: sms\."):
        bench.service.api.change_settings({"languages": ["sv", "yi"]}, "ops")
