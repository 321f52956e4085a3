"""A mail server for tests: greylists, refuses, hangs up, and says what it took as Python's own parser reads it."""

import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

seen = set()
connections = 0


def say(kind, **what):
    print(json.dumps({"kind": kind, **what}), flush=True)


class Handler:
    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        first = address not in seen
        seen.add(address)
        if address.startswith("grey@") and first:
            return "451 4.7.1 greylisted, come back later"
        if address.startswith("gone@"):
            return "550 no such user here"
        if address.startswith("cut@") and first:
            server.transport.abort()
            return "421 closing"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = {part.get_content_type(): part.get_content() for part in message.walk() if not part.is_multipart()}
        fields = {name.lower(): str(value) for name, value in message.items()}
        defects = [str(defect) for part in message.walk() for defect in part.defects]
        say("letter", fields=fields, parts=parts, sender=envelope.mail_from, to=envelope.rcpt_tos,
            tls=session.ssl is not None, greeting=session.host_name, connections=connections, defects=defects)
        return "250 2.0.0 taken"


def authenticate(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"desk@example.org", b"opensesame"))


def factory(options):
    global connections
    connections += 1
    return SMTP(Handler(), loop=asyncio.get_running_loop(), hostname="mail.example.org", **options)


async def serve():
    options = {}
    if len(sys.argv) > 1:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*sys.argv[1:3])
        options = {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": authenticate}
    server = await asyncio.get_running_loop().create_server(lambda: factory(options), "127.0.0.1", 0)
    say("port", port=server.sockets[0].getsockname()[1])
    await server.serve_forever()


asyncio.run(serve())
