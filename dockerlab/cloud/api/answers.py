"""What goes back: values as the XML that botocore's description of the service asks for; errors as
each service words them.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from botocore.model import ListShape, OperationModel, Shape, StructureShape
from werkzeug.wrappers import Response

from dockerlab.cloud.errors import AwsError

_UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML has no way to say, such as the colours of a build's log."""


def answer(operation: OperationModel, result: Mapping[str, Any]) -> Response:
    """``result`` by the names of the operation's output; what is None is left out."""
    space = operation.service_model.metadata["xmlNamespace"]
    top = Element(f"{operation.name}Response", xmlns=space)
    shape = operation.output_shape
    if shape is not None:
        _fill(SubElement(top, shape.serialization["resultWrapper"]), shape, result)
    request = str(uuid.uuid4())
    SubElement(SubElement(top, "ResponseMetadata"), "RequestId").text = request
    return _response(top, 200, request)


def refusal(error: AwsError, service: str) -> Response:
    """An error as ``service`` (s3, iam, elasticbeanstalk …) writes it."""
    request = str(uuid.uuid4())
    top = holder = Element("Error" if service == "s3" else "ErrorResponse")
    if service != "s3":
        holder = SubElement(top, "Error")
        SubElement(holder, "Type").text = "Sender" if error.status < 500 else "Receiver"
    SubElement(holder, "Code").text = error.code
    SubElement(holder, "Message").text = _text(str(error))
    SubElement(top, "RequestId").text = request
    return _response(top, error.status, request)


def _response(top: Element, status: int, request: str) -> Response:
    body = ElementTree.tostring(top, encoding="utf-8", xml_declaration=True)
    headers = {"x-amzn-RequestId": request}
    return Response(body, status, headers, content_type="text/xml; charset=utf-8")


def _fill(element: Element, shape: Shape, value: Any) -> None:
    if isinstance(shape, StructureShape):
        unknown = set(value) - set(shape.members)
        if unknown:
            raise ValueError(f"{shape.name} has no {', '.join(sorted(unknown))}")
        for name, inner in shape.members.items():
            if value.get(name) is not None:
                _fill(SubElement(element, name), inner, value[name])
    elif isinstance(shape, ListShape):
        for one in value:
            _fill(SubElement(element, "member"), shape.member, one)
    else:
        element.text = _scalar(shape, value)


def _scalar(shape: Shape, value: Any) -> str:
    if shape.type_name == "boolean":
        return "true" if value else "false"
    if shape.type_name == "timestamp":
        moment = datetime.fromtimestamp(value, UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return _text(str(value))


def _text(value: str) -> str:
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", value)
