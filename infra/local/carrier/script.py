"""Following the service's instructions during a call, the way a phone line does: speak, wait for keys, go on.

Speaking takes no time here: whoever shows the call (a browser, a test) takes the time it wants and then says that
keys were pressed or that nobody pressed any. Where we are is on the call itself, so that a restart loses no call.
"""

from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from . import forms, sound, twiml
from .carrier import Carrier
from .model import Call, Line, fresh_sid
from .twiml import Dial, Gather, Hangup, Pause, Redirect, Speak, Text, Verb
from .webhooks import Form

SORRY = Line("say", "We are sorry, an application error has occurred. Goodbye.", "en-US")
MOST_FETCHES = 10  # documents in a row without anybody being asked anything
LETTERS_PER_SECOND = 12
GRACE = (
    60.0  # seconds beyond the time it takes to listen and press, before a forgotten call goes on by itself
)


def fetch(carrier: Carrier, call: Call, url: str, form: Form, fetched: int = 0) -> None:
    """Ask the service for instructions and follow them. What cannot be followed is read aloud as an error."""
    answer = carrier.post("voice", url, form)
    if answer is None or answer.status >= 300 or fetched > MOST_FETCHES:
        _apologise(carrier, call.sid)
        return
    try:
        verbs = twiml.read(answer)
    except twiml.Rejected as error:
        carrier.note(error.code, url, str(error))
        _apologise(carrier, call.sid)
        return
    if not verbs:
        carrier.note(12100, url, "an empty answer: the call ends without a word")
    document = answer.body.decode("utf-8")
    carrier.network.update_call(call.sid, document=document, document_url=url, position=0, waiting=False)
    follow(carrier, call.sid, verbs, fetched)


def follow(carrier: Carrier, sid: str, verbs: list[Verb], fetched: int = 0) -> None:
    """Do what is next until keys are awaited, another document takes over, or nothing is left."""
    call = carrier.network.calls[sid]
    while call.status == "in-progress" and call.position < len(verbs):
        verb = verbs[call.position]
        if isinstance(verb, Gather):
            lines = call.lines + tuple(_heard(carrier, call, line, in_gather=True) for line in verb.prompts)
            carrier.network.update_call(sid, lines=lines, waiting=True, keyed="", turn=call.turn + 1)
            return
        if isinstance(verb, Redirect):
            _go_to(carrier, call, verb.url, forms.voice(carrier.settings, call), fetched)
            return
        if isinstance(verb, Dial):
            _dial(carrier, call, verb, fetched)
            if verb.action:
                return
        if isinstance(verb, Hangup):
            carrier.network.update_call(sid, position=len(verbs))
            return
        if isinstance(verb, Text):
            carrier.note(12200, call.document_url, "<Message> during a call")
        said = _heard(carrier, call, verb.line, in_gather=False) if isinstance(verb, Speak) else None
        call = carrier.network.calls[sid]
        lines = call.lines + (said,) * (verb.loop if isinstance(verb, Speak) else 0) if said else call.lines
        if isinstance(verb, Pause):
            lines += (Line("note", f"(pause, {verb.seconds:g} s)"),)
        call = carrier.network.update_call(sid, lines=lines, position=call.position + 1)


def press(carrier: Carrier, sid: str, digit: str) -> None:
    """One key. It completes the Gather, adds to it, or falls on deaf ears."""
    call = carrier.network.calls[sid]
    gather = awaited(call)
    if gather is None or not gather.keys:
        return
    call = carrier.network.update_call(sid, lines=(*call.lines, Line("keys", digit)))
    if digit in gather.finish:
        _complete(carrier, call, gather, forms.pressed(carrier.settings, call, call.keyed, digit))
        return
    keyed = call.keyed + digit
    call = carrier.network.update_call(sid, keyed=keyed)
    if gather.digits is not None and len(keyed) >= gather.digits:
        _complete(carrier, call, gather, forms.pressed(carrier.settings, call, keyed, ""))


def say(carrier: Carrier, sid: str, words: str) -> None:
    """The caller says something. It completes a Gather that takes speech, or falls on deaf ears."""
    call = carrier.network.calls[sid]
    gather = awaited(call)
    if gather is None or not gather.speech:
        return
    call = carrier.network.update_call(sid, lines=(*call.lines, Line("spoken", words)))
    _complete(carrier, call, gather, forms.spoken(carrier.settings, call, words, gather.speech))


def silence(carrier: Carrier, call: Call) -> None:
    """The Gather's time is up: what was keyed so far counts; nothing at all falls through to what comes next."""
    gather = awaited(call)
    if gather is None:
        return
    if call.keyed or gather.on_empty:
        _complete(carrier, call, gather, forms.pressed(carrier.settings, call, call.keyed, ""))
        return
    call = carrier.network.update_call(call.sid, waiting=False, position=call.position + 1)
    follow(carrier, call.sid, twiml.parse(call.document))


def awaited(call: Call) -> Gather | None:
    """The Gather that waits for keys or words, if one does."""
    if not call.waiting or call.status != "in-progress":
        return None
    verb = twiml.parse(call.document)[call.position]
    return verb if isinstance(verb, Gather) else None


def patience(call: Call) -> float:
    """Seconds a person may take to hear what is being said and to press a key."""
    gather = awaited(call)
    spoken = sum(len(line.text) for line in gather.prompts) if gather else 0
    return spoken / LETTERS_PER_SECOND + (gather.timeout if gather else 0) + GRACE


def _heard(carrier: Carrier, call: Call, line: Line, in_gather: bool) -> Line:
    """The line; of a recording its full address, or a note where there is nothing to play. The call goes on."""
    if line.kind != "play":
        return line
    url = join(call.document_url, line.text)
    if problem := sound.problem(url, in_gather):
        code, words = problem
        carrier.note(code, url, words)
        return Line("note", f"(nothing is heard: {words})")
    return replace(line, text=url)


def _complete(carrier: Carrier, call: Call, gather: Gather, form: Form) -> None:
    carrier.network.update_call(call.sid, waiting=False, keyed="")
    _go_to(carrier, call, gather.action or call.document_url, form, 0)


def _go_to(carrier: Carrier, call: Call, url: str, form: Form, fetched: int) -> None:
    fetch(carrier, call, join(call.document_url, url), form, fetched + 1)


def join(base: str, url: str) -> str:
    """A relative address in full. The base's connection overrides stay behind: each URL carries its own."""
    return urljoin(urlsplit(base)._replace(fragment="").geturl(), url)


def _dial(carrier: Carrier, call: Call, dial: Dial, fetched: int) -> None:
    """Nobody can be reached from here: the call is put through, talked on for a minute, and comes back."""
    call = carrier.network.update_call(
        call.sid, lines=(*call.lines, Line("note", f"(connected with {dial.number})"))
    )
    if dial.action:
        call = replace(call, talked_seconds=call.talked_seconds + 60)
        carrier.network.keep(call)
        form = forms.handed_over(carrier.settings, call, fresh_sid("CA"))
        _go_to(carrier, call, dial.action, form, fetched)


def _apologise(carrier: Carrier, sid: str) -> None:
    """What a caller hears when our instructions cannot be used; then the line is closed."""
    call = carrier.network.calls[sid]
    carrier.network.update_call(
        sid, lines=(*call.lines, SORRY), waiting=False, document="<Response/>", position=0
    )
