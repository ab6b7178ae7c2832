"""How large a packet a payer takes in one file or one fax."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from schemas.base import Exact, Model
from schemas.provenance import Provenance


class PacketLimits(Model):
    """What one payer takes at once. A limit nobody has read in the payer's instructions is left out."""

    pages: int | None = Field(None, ge=3, le=10_000, description="pages of one file or one fax")
    megabytes: Exact | None = Field(
        None, gt=0, le=10_000, description="size of one file; a megabyte counts as a million bytes"
    )
    provenance: Provenance

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if self.pages is None and self.megabytes is None:
            raise ValueError(
                "expected pages, megabytes or both; a payer without a known limit has no such file"
            )
        return self
