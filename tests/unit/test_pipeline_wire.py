"""Records of runs and settings as files, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlab.errors import FormatError
from dockerlab.formats.pipeline import settings as settings_file
from dockerlab.formats.pipeline.run import Finding, JobRun, Run, Status, StepRun
from dockerlab.formats.pipeline.settings import Setting, Settings
from dockerlab.formats.pipeline.wire import dumps, loads

TEXT = st.text(max_size=10)
TIME = st.none() | st.floats(0, 1e10)
STATUS = st.sampled_from(Status)
STEPS = st.builds(
    StepRun, TEXT, TEXT, STATUS, TIME, TIME, st.none() | st.integers(0, 255), TEXT,
    st.lists(TEXT, max_size=3).map(tuple),
)  # fmt: skip
JOBS = st.builds(
    JobRun, TEXT, st.lists(TEXT, max_size=2).map(tuple), STATUS,
    st.lists(STEPS, max_size=3).map(tuple), TEXT,
)  # fmt: skip
RUNS = st.builds(
    Run, st.integers(1), TEXT, TEXT, TEXT, TEXT, STATUS, TIME, TIME,
    st.lists(JOBS, max_size=3).map(tuple),
    st.lists(st.builds(Finding, TEXT, TEXT, st.integers(), TEXT), max_size=2).map(tuple), TEXT,
)  # fmt: skip


@given(RUNS)
def test_a_run_survives_its_file(run: Run) -> None:
    assert loads(dumps(run)) == run


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"status": "odd"}', "1", '"x"'])
def test_what_is_no_record_is_told_so(text: str) -> None:
    with pytest.raises(FormatError):
        loads(text)


def test_settings_survive_their_file() -> None:
    settings = Settings({"A": Setting("x\ny"), "B": Setting("", secret=False)})
    assert settings_file.loads(settings_file.dumps(settings)) == settings
    assert (settings.secrets, settings.plain) == ({"A": "x\ny"}, {"B": ""})
    for text in ("", "[]", '{"A": 1}', '{"A": {"x": 1}}'):
        with pytest.raises(FormatError):
            settings_file.loads(text)
