"""Runs for the tests of the workbench to start."""

import asyncio

from prefect import flow


@flow
async def finish(case_id: str) -> str:
    return case_id


@flow
async def go_on_for_ever() -> None:
    await asyncio.sleep(600)
