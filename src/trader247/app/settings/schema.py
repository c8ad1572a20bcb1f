"""The JSON Schema of a configuration file, for editors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from trader247.app.settings.canonical import written
from trader247.app.settings.layout import Section
from trader247.app.settings.reading import file_model


class _Generator(GenerateJsonSchema):
    """Writes defaults as the file would hold them."""

    def encode_default(self, dft: Any) -> Any:
        return written(dft)


def file_schema(file: str, sections: Sequence[Section]) -> dict[str, Any]:
    """The schema of the file that holds `sections`."""
    _, model = file_model(tuple(sections))
    schema = model.model_json_schema(schema_generator=_Generator)
    return {"$schema": _Generator.schema_dialect, **schema, "title": f"trader247 {file}"}
