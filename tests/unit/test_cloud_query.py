"""AWS's Query protocol, as botocore speaks it: it writes what we read, and reads what we write."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.model import ListShape, OperationModel, Shape, StructureShape
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlab.cloud.api.actions.table import ACTIONS
from dockerlab.cloud.api.answers import answer, refusal
from dockerlab.cloud.api.elasticbeanstalk import NAME, service
from dockerlab.cloud.api.query import ValidationError, values
from dockerlab.cloud.errors import AwsError

MODEL = service(NAME)
MOMENT = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


def operation(name: str) -> OperationModel:
    return MODEL.operation_model(name)


def example(shape: Shape, text: str = "a-text") -> Any:
    """Something of this shape, with all its members and two of each list."""
    if isinstance(shape, StructureShape):
        return {name: example(inner, text) for name, inner in shape.members.items()}
    if isinstance(shape, ListShape):
        return [example(shape.member, text), example(shape.member, text)]
    if getattr(shape, "enum", None):
        return shape.enum[0]
    few = {"boolean": True, "integer": 7, "long": 8, "double": 1.5, "timestamp": MOMENT}
    return few.get(shape.type_name, text)


def written(name: str, parameters: dict[str, Any]) -> dict[str, str]:
    """The form that botocore sends."""
    sent = create_serializer("query").serialize_to_request(parameters, operation(name))
    return {key: str(value) for key, value in sent["body"].items()}


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_what_botocore_writes_is_read(name: str) -> None:
    shape = operation(name).input_shape
    parameters = example(shape) if shape else {}
    assert values(shape, written(name, parameters)) == parameters


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=100))
@settings(max_examples=50)
def test_any_text_is_read_as_it_is(text: str) -> None:
    parameters = {"ApplicationName": "shop", "Description": text}
    assert values(operation("CreateApplication").input_shape,
                  written("CreateApplication", parameters)) == parameters  # fmt: skip


def test_an_empty_list() -> None:
    form = written("DescribeApplications", {"ApplicationNames": []})
    assert values(operation("DescribeApplications").input_shape, form) == {"ApplicationNames": []}


@pytest.mark.parametrize(
    ("action", "form", "told"),
    [
        ("CreateApplication", {}, "ApplicationName"),
        ("CreateApplication", {"ApplicationName": ""}, "ApplicationName"),
        ("CreateApplication", {"ApplicationName.member.1": "shop"}, "single value"),
        ("CreateEnvironment", {"OptionSettings": "x"}, "not a single value"),
        ("CreateEnvironment", {"OptionSettings.member.x.Value": "1"}, "numbered from 1"),
        ("CreateEnvironment", {"Tier": "Web", "Tier.Name": "Web"}, "both a value and"),
        ("DescribeEvents", {"MaxRecords": "many"}, "no integer"),
        ("DescribeEvents", {"MaxRecords": "0"}, "MaxRecords"),
        ("DescribeEvents", {"StartTime": "yesterday"}, "no timestamp"),
        ("DescribeEnvironments", {"IncludeDeleted": "perhaps"}, "no boolean"),
    ],
)
def test_what_cannot_be_read_is_told_by_name(action: str, form: dict[str, str], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        values(operation(action).input_shape, form)


def test_what_no_action_knows_is_left_out() -> None:
    form = {"ApplicationName": "shop", "Action": "CreateApplication", "Colour": "red", "A.b.c": "1"}
    assert values(operation("CreateApplication").input_shape, form) == {"ApplicationName": "shop"}


def read(name: str, body: bytes, status: int = 200) -> dict[str, Any]:
    """An answer as botocore reads it."""
    parser = create_parser("query")
    answered = {"status_code": status, "headers": {}, "body": body}
    found: dict[str, Any] = parser.parse(answered, operation(name).output_shape)
    found.pop("ResponseMetadata")
    return found


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_what_is_answered_is_read_by_botocore(name: str) -> None:
    shape = operation(name).output_shape
    expected = example(shape, "a <text> & 글") if shape else {}
    given = _with(expected, MOMENT, MOMENT.timestamp())
    assert read(name, answer(operation(name), given).get_data()) == expected


def _with(value: Any, old: Any, new: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with(one, old, new) for key, one in value.items()}
    if isinstance(value, list):
        return [_with(one, old, new) for one in value]
    return new if value == old else value


def test_what_is_none_is_left_out() -> None:
    body = answer(operation("CreateStorageLocation"), {"S3Bucket": None}).get_data()
    assert read("CreateStorageLocation", body) == {}


def test_a_member_that_aws_has_not_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="Colour"):
        answer(operation("CreateStorageLocation"), {"Colour": "red"})


def test_colours_of_a_log_do_not_break_an_answer() -> None:
    events = {"Events": [{"Message": "\x1b[31mred\x1b[0m\x00 \ud800"}]}
    body = answer(operation("DescribeEvents"), events).get_data()
    assert read("DescribeEvents", body)["Events"][0]["Message"] == "�[31mred�[0m� �"


def test_a_refusal_is_read_by_botocore() -> None:
    error = AwsError("there is <no> such thing", code="NoSuchThing", status=404)
    answered = refusal(error, NAME)
    found = read("CreateApplication", answered.get_data(), answered.status_code)
    assert answered.status_code == 404
    assert found["Error"]["Code"] == "NoSuchThing"
    assert found["Error"]["Message"] == "there is <no> such thing"
    assert found["Error"]["Type"] == "Sender"


_NAMES = st.lists(
    st.sampled_from(
        ["OptionSettings", "Tier", "Tags", "member", "1", "0", "-1", "Value", "Name", ""]
    ),
    min_size=1,
    max_size=5,
).map(".".join)


@given(st.dictionaries(_NAMES, st.text(max_size=5), max_size=8))
def test_no_form_does_more_than_be_refused(form: dict[str, str]) -> None:
    named = {"ApplicationName": "shop", **form}
    try:
        found = values(operation("CreateEnvironment").input_shape, named)
    except ValidationError:
        return
    assert found["ApplicationName"] == "shop"
