"""What we answer a webhook with, as TwiML."""

from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import VoiceResponse

from chalicelib.carrier.twilio import RETRY
from chalicelib.recordings import recorded
from chalicelib.wording import Spoken

SILENCE_SECONDS = 8  # long enough to take a cordless phone from the ear and find the key


def messages(texts: list[str]) -> str:
    """The replies to an inbound text; none is an empty answer."""
    response = MessagingResponse()
    for body in texts:
        response.message(body)
    return str(response)


def turn(said: Spoken, public_url: str, survey_id: str) -> str:
    """Say it, and listen for one key or a word, which cut the sentence short. Silence is reported too."""
    response = VoiceResponse()
    if said.answer_to is None:
        _say(response, said, public_url)
        response.hangup()
        return str(response)
    gather = response.gather(
        **_heard(said),
        num_digits=1,
        timeout=SILENCE_SECONDS,
        action_on_empty_result=True,
        action=f"{public_url}/webhooks/twilio/voice/{survey_id}/{said.answer_to}{RETRY}",
        method="POST",
    )
    _say(gather, said, public_url)
    return str(response)


def _heard(said: Spoken) -> dict[str, str]:
    """Speech only where the carrier knows the language. It ends at a pause, as long as no model is chosen (13327)."""
    if not said.speech:
        return {"input": "dtmf"}
    hints = ", ".join(said.prompts.hints)
    return {"input": "dtmf speech", "language": said.speech, "hints": hints, "speech_timeout": "auto"}


def hang_up() -> str:
    response = VoiceResponse()
    response.hangup()
    return str(response)


def _say(verb: VoiceResponse, said: Spoken, public_url: str) -> None:
    for sentence, prompts in said.sentences:
        if recording := recorded(prompts.language).get(sentence):
            verb.play(f"{public_url}{recording.path}")
        else:
            verb.say(sentence, voice=prompts.voice, language=prompts.voice_language)
