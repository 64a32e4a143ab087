"""`python -m infra`: what there is, told in one line each, and a way in to each."""

import re

import pytest

from infra import __main__ as infra


def test_every_command_says_in_a_line_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert infra.main(["--help"]) == 0
    lines = capsys.readouterr().out.splitlines()[1:]
    assert [line.split()[0] for line in lines] == list(infra.there())
    assert all(re.fullmatch(r"  \w+ +\S.{10,100}\.", line) for line in lines)


def test_what_is_no_command_is_answered_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert infra.main(["deplyo", "prod"]) == 2
    assert "  deploy " in capsys.readouterr().err


@pytest.mark.parametrize("name", infra.COMMANDS)
def test_every_command_has_help_of_its_own(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        infra.main([name, "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("usage: python -m infra.")


def test_a_stage_nobody_wrote_is_refused_before_anything_happens(capsys: pytest.CaptureFixture[str]) -> None:
    assert infra.main(["destroy", "nowhere"]) == 2
    assert "there is no stage 'nowhere'" in capsys.readouterr().err
