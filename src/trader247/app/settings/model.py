"""The settings model: derived from the dataclasses that decide, so that nothing is written twice.

pydantic walks the structure, collects every problem and draws the JSON Schema. Scalars arrive as
their own text and are read by `scalars`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, field, is_dataclass
from decimal import Decimal
from types import GenericAlias
from typing import Annotated, Any, Protocol, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
    create_model,
)
from pydantic_core import PydanticCustomError

from trader247.app.settings.layout import Branch, Section, Slot, branch_of
from trader247.app.settings.scalars import (
    Unreadable,
    allowed_text,
    is_scalar_kind,
    optional_of,
    read_scalar,
    shown,
)
from trader247.app.settings.secrets import VARIABLE, Secret, expand
from trader247.app.settings.yaml_tree import Scalar
from trader247.core.limits import Bound
from trader247.domain.dataclass import dataclass

UNREADABLE = "unreadable"
"""The type of the errors that carry `found` and `allowed`."""

_STRICT = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading may use beside the file, and where it leaves its remarks: (line, text)."""

    environment: Mapping[str, str]
    remarks: list[tuple[int, str]] = field(default_factory=list)


def model_of(name: str, branch: Branch, *, doc: str = "") -> type[BaseModel]:
    """The model of a file or of a part of it."""
    members: dict[str, Any] = {}
    for key, each in branch.items():
        if isinstance(each, Slot):
            members[key] = (type_of(each.kind, each.metadata, doc=each.doc), _default(each))
        else:
            inner = model_of(f"{name}_{key}", each)
            members[key] = (
                Annotated[inner, BeforeValidator(_empty_if_null(dict))],
                Field(default_factory=inner),
            )
    return create_model(name, __config__=_STRICT, __doc__=doc or None, **members)


def type_of(kind: Any, metadata: Mapping[str, Any], *, doc: str = "") -> Any:
    """The annotation under which the model takes a field of `kind`."""
    origin = get_origin(kind)
    if origin is tuple:
        several: Any = GenericAlias(list, (type_of(get_args(kind)[0], metadata),))
        return Annotated[several, BeforeValidator(_empty_if_null(list)), AfterValidator(_set)]
    if origin is Mapping:
        named: Any = GenericAlias(dict, (str, type_of(get_args(kind)[1], metadata)))
        return Annotated[named, BeforeValidator(_empty_if_null(dict))]
    if not is_scalar_kind(kind):
        assert isinstance(kind, type), f"no way to read {kind}"
        assert is_dataclass(kind), f"no way to read {kind}"
        section = Section((), kind)
        inner = model_of(kind.__name__, branch_of([section]), doc=kind.__doc__ or "")
        return Annotated[inner, AfterValidator(lambda model: instance_of(section, model))]
    return Annotated[
        Any, PlainValidator(_reader(kind, metadata)), WithJsonSchema(_schema(kind, metadata, doc))
    ]


def instance_of(section: Section, model: BaseModel) -> Any:
    """The section's dataclass, filled from the model of its file."""
    values = {}
    for name, slot in section.slots.items():
        at: Any = model
        for part in slot.path:
            at = getattr(at, part)
        values[name] = at
    return section.kind(**values)


class _Reader(Protocol):
    def __call__(self, value: object, info: ValidationInfo) -> object: ...


def _reader(kind: Any, metadata: Mapping[str, Any]) -> _Reader:
    def read(value: object, info: ValidationInfo) -> object:
        try:
            if not isinstance(value, Scalar):
                what = "a list" if isinstance(value, list) else "a mapping"
                raise Unreadable(what, allowed_text(kind, metadata))
            if Secret in (kind, optional_of(kind)):
                assert isinstance(info.context, Reading)
                return _secret(value, info.context)
            return read_scalar(value, kind, metadata)
        except Unreadable as problem:
            raise PydanticCustomError(
                UNREADABLE,
                "{found}",
                {
                    "found": problem.found,
                    "allowed": problem.allowed,
                    "suggestion": problem.suggestion,
                },
            ) from None

    return read


def _secret(scalar: Scalar, reading: Reading) -> Secret | None:
    if scalar.is_null or not scalar.text.strip():
        return None
    names = VARIABLE.findall(scalar.text)
    text, unset = expand(scalar.text, reading.environment)
    if unset:
        reading.remarks.append(
            (scalar.line, f"left out: {', '.join(unset)} is not set in the environment")
        )
        return None
    if "${" in VARIABLE.sub("", scalar.text):
        raise Unreadable(f"{shown(scalar)} has a broken variable", "text or ${VARIABLE}")
    if not names:
        reading.remarks.append((scalar.line, "a secret written into a file; use ${VARIABLE}"))
    return Secret(text, origin=f"from ${{{names[0]}}}" if names else "from the file")


def _empty_if_null(empty: Callable[[], object]) -> Callable[[object], object]:
    def read(value: object) -> object:
        return empty() if isinstance(value, Scalar) and value.is_null else value

    return read


def _set(values: list[object]) -> tuple[object, ...]:
    """The list without what was left out: an unset secret."""
    return tuple(each for each in values if each is not None)


def _default(slot: Slot) -> Any:
    return ... if slot.default is MISSING else Field(default=slot.default)


def _schema(kind: Any, metadata: Mapping[str, Any], doc: str) -> dict[str, Any]:
    inner = optional_of(kind) or kind
    bound: Bound | None = metadata.get("bound")
    unit = f", {bound.unit}" if bound and bound.unit else ""
    schema: dict[str, Any] = {"description": (doc + unit).strip(", ")} if doc or unit else {}
    if inner is bool:
        return {"type": "boolean", **schema}
    if inner is int or bound is not None:
        schema["type"] = ["integer" if inner is int else "number", "string"]
        if bound and bound.at_least is not None:
            schema["minimum"] = _json_number(bound.at_least)
        if bound and bound.at_most is not None:
            schema["maximum"] = _json_number(bound.at_most)
        return schema
    if metadata.get("choices"):
        return {"enum": list(metadata["choices"]), **schema}
    return {"type": ["string", "null"] if optional_of(kind) else "string", **schema}


def _json_number(number: Decimal) -> int | float:
    # JSON has one kind of number; nothing is ever computed with these.
    return int(number) if number == number.to_integral_value() else float(number)
