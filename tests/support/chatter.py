"""A program that tries to log the words it is given, in every way that comes to mind.

Run as `chatter.py json|console WORD...`; the words must come from outside, for a literal of the
program is allowed in a log.
"""

import asyncio
import gc
import logging
import sys
import threading
import uuid
import warnings

import celery
import sqlalchemy
import structlog
import urllib3

from medvault.observability import logs

log = structlog.get_logger()


class Words(Exception):
    """An error whose text holds what must not be seen."""


def fail(word: str) -> None:
    try:
        raise Words(word)
    except Words as cause:
        raise ExceptionGroup(f"about {word}", [ValueError(word)]) from cause


def own_calls(word: str) -> None:
    log.info("kept event", count=3, patient_id=uuid.UUID(int=7), state="filed")
    log.info(f"formatted {word}")  # noqa: G004 - the mistake is meant
    log.info("interpolated %s", word)
    log.info(word)
    log.info("unknown fields", phone=word, nested={"name": word}, listed=[word])
    log.info("listed fields", reason=f"it was {word}", state=[word], trace=[word], seq={word})
    log.info("odd name", **{f"Name {word}": 1})
    log.bind(caption=word).warning("bound", stack_info=True)
    with structlog.contextvars.bound_contextvars(user=word):
        log.error("in a context", error=Words(word))
    try:
        fail(word)
    except ExceptionGroup:
        log.exception("failed")
        logging.getLogger("botocore").exception("failed too for %s", word)


def records(word: str) -> None:
    for name in ("uvicorn.error", "uvicorn.access", "celery.worker", "pika", "aiohttp.server"):
        logger = logging.getLogger(name)
        logger.error("kept format %s", word, extra={"caption": word}, stack_info=True)
        logger.error(f"put together: {word}")  # noqa: G004 - the mistake is meant
        logger.error("broken %d %d", word)  # noqa: PLE1206 - the mistake is meant
        logger.error(Words(word))
        logger.log(37, "odd level %s", word)
    warnings.warn(f"mind {word}", stacklevel=1)


def libraries(word: str) -> None:
    logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO)
    with sqlalchemy.create_engine("sqlite://").connect() as connection:
        connection.execute(sqlalchemy.text("select :word, 'x'"), {"word": word})
    retry = urllib3.Retry(1, backoff_factor=0)
    try:
        urllib3.PoolManager().request("GET", f"http://127.0.0.1:1/{word[:4]}", retries=retry)
    except urllib3.exceptions.MaxRetryError:
        log.info("as expected")
    app = celery.Celery(broker="memory://", set_as_current=False, task_always_eager=True)
    app.task(fail, name="fail").delay(word)


async def forgets_a_task(word: str) -> None:
    async def fails() -> None:
        fail(word)

    task = asyncio.create_task(fails())
    await asyncio.wait([task])
    del task
    gc.collect()


class Unraisable:
    def __init__(self, word: str) -> None:
        self.word = word

    def __del__(self) -> None:
        fail(self.word)


if __name__ == "__main__":
    logs.configure("chatter", json=sys.argv[1] == "json", level="DEBUG")
    for spoken in sys.argv[2:]:
        own_calls(spoken)
        records(spoken)
        libraries(spoken)
        asyncio.run(forgets_a_task(spoken))
        Unraisable(spoken)
        thread = threading.Thread(target=fail, args=[spoken])
        thread.start()
        thread.join()
    fail(sys.argv[2])
