"""The Graph API's media endpoints: upload, describe, download, delete."""

from urllib.parse import parse_qs

import orjson
from starlette.types import Receive, Scope, Send

from medvault.simulator import limits, pictures
from medvault.simulator.asgi import chunks, header, respond
from medvault.simulator.errors import GraphError, missing, no_such_object
from medvault.simulator.files import SealedWriter
from medvault.simulator.forms import BrokenForm, Form, FormFile, read_form
from medvault.simulator.simulation import Simulation


class GraphMedia:
    """Handlers behind the bearer token; each raises GraphError for what Meta refuses."""

    def __init__(self, world: Simulation) -> None:
        self._world = world

    async def upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream a multipart upload to disk and answer its media id."""
        self._fault()
        content_type = header(scope, b"content-type").decode("latin-1")
        try:
            form = await read_form(content_type, chunks(receive), self._sink)
        except BrokenForm as error:
            raise GraphError(100, str(error)) from None
        try:
            file, mime_type = _checked(form)
            self._check_colours(file)
        except GraphError:
            form.discard()
            raise
        ttl = self._world.options.uploaded_media_ttl
        media = self._world.media.add(file.written, mime_type, file.filename or None, ttl)
        self._world.keep_media(media)
        await respond(send, 200, orjson.dumps({"id": media.id}))

    async def describe(self, scope: Scope, media_id: str, send: Send) -> None:
        """Answer where a media id can be downloaded for the next minutes."""
        self._fault()
        self._check_number(scope)
        media = self._world.media.alive(media_id)
        base = self._world.options.public_url or _base_url(scope)
        token = self._world.media.new_token(media)
        answer = {
            "messaging_product": "whatsapp",
            "url": f"{base.rstrip('/')}/whatsapp_business/attachments/{token}",
            "mime_type": media.mime_type,
            "sha256": media.sha256,
            "file_size": media.file_size,
            "id": media.id,
        }
        await respond(send, 200, orjson.dumps(answer))

    async def delete(self, scope: Scope, media_id: str, send: Send) -> None:
        """Forget a media id."""
        self._check_number(scope)
        media = self._world.media.alive(media_id)
        self._world.media.delete(media)
        self._world.keep_media(media)
        await respond(send, 200, b'{"success":true}')

    async def download(self, token: str, send: Send) -> None:
        """Stream the bytes behind a download address; 404 when it has run out."""
        self._fault()
        media = self._world.media.at_token(token)
        if media is None:
            await respond(send, 404, no_such_object("attachment").body())
            return
        headers = [
            (b"content-type", media.mime_type.encode("latin-1", "replace")),
            (b"content-length", str(media.file_size).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for chunk in self._world.media.read(media):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    def _sink(self, mime_type: str) -> SealedWriter:
        longest = limits.UPLOAD_BYTES.get(limits.base_type(mime_type), 0)
        return self._world.media.create(longest)

    def _check_colours(self, file: FormFile) -> None:
        base = limits.base_type(file.mime_type)
        if pictures.refused(base, self._world.media.written(file.written)):
            raise GraphError(131053, "An image must have 8 bits a channel, in RGB or RGBA.")

    def _check_number(self, scope: Scope) -> None:
        query = parse_qs(scope["query_string"].decode("latin-1"))
        number = query.get("phone_number_id", [self._world.account.phone_number_id])[0]
        if number != self._world.account.phone_number_id:
            raise no_such_object(number)

    def _fault(self) -> None:
        fault = self._world.dice.error("media")
        if fault is not None:
            raise GraphError(fault.code, "A fault of the simulator.")


def _checked(form: Form) -> tuple[FormFile, str]:
    if form.fields.get("messaging_product") != "whatsapp":
        raise GraphError(100, "The parameter messaging_product is required and must be whatsapp.")
    file = form.file
    if file is None:
        raise missing("file")
    declared = form.fields.get("type")
    if not declared:
        raise missing("type")
    base = limits.base_type(file.mime_type)
    if base not in limits.UPLOAD_BYTES:
        allowed = ", ".join(sorted(limits.UPLOAD_BYTES))
        details = f"Param file must be of one of these types: {allowed}. It is of {base}."
        raise GraphError(100, details)
    if limits.base_type(declared) != base:
        raise GraphError(100, f"Param type is {declared}, the file is of {base}.")
    if file.written.too_large:
        longest = limits.UPLOAD_BYTES[base]
        raise GraphError(131053, f"A file of type {base} may have at most {longest} bytes.")
    if not file.written.size:
        raise GraphError(131053, "The file is empty.")
    return file, file.mime_type


def _base_url(scope: Scope) -> str:
    host = header(scope, b"host").decode("latin-1")
    return f"{scope['scheme']}://{host}"
