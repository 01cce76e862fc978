"""Signature Version 4 in the open: every ingredient can be altered between signing and sending, which is what no SDK allows."""
import dataclasses
import datetime
import hashlib
import hmac
import http.client
import socket
import ssl
import urllib.parse

EMPTY = hashlib.sha256(b"").hexdigest()
REGION = "eu-west-1"


@dataclasses.dataclass
class Key:
    id: str
    secret: str
    token: str = ""


@dataclasses.dataclass
class Request:
    """What goes over the wire. `path` and `query` are raw: they are sent as they stand."""
    method: str = "GET"
    path: str = "/"
    query: list = dataclasses.field(default_factory=list)  # of (name, value), not yet encoded
    headers: dict = dataclasses.field(default_factory=dict)
    body: bytes = b""

    @property
    def target(self):
        query = encode_query(self.query)
        return self.path + ("?" + query if query else "")


@dataclasses.dataclass
class Answer:
    status: int
    code: str  # of the error document, or nothing
    body: bytes
    headers: dict = dataclasses.field(default_factory=dict)  # by lower-case name


def encode(text, safe=""):
    return urllib.parse.quote(text, safe=safe + "-_.~")


def encode_query(pairs):
    return "&".join(f"{encode(name)}={encode(value)}" for name, value in pairs)


def utc_now():
    return datetime.datetime.now(datetime.timezone.utc)


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signature(key, moment, scope, canonical):
    _, region, service, _ = scope.split("/")
    signing = b"AWS4" + key.secret.encode()
    for piece in (scope.split("/")[0], region, service, "aws4_request"):
        signing = mac(signing, piece)
    text = "\n".join(["AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    return mac(signing, text).hex()


def canonical_request(request, names, payload_hash):
    # Segment by segment: an encoded slash stays one.
    path = "/".join(encode(urllib.parse.unquote_to_bytes(segment)) for segment in request.path.split("/"))
    query = encode_query(sorted(request.query, key=lambda pair: (encode(pair[0]), encode(pair[1]))))
    headers = "".join(f"{name}:{request.headers[name].strip()}\n" for name in names)
    return "\n".join([request.method, path, query, headers, ";".join(names), payload_hash])


def sign(request, key, host, service="s3", at=None, region=REGION, payload_hash=None):
    """Adds the headers that sign all that is there; `payload_hash` stands for the body's own."""
    now = at or utc_now()
    moment = now.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{moment[:8]}/{region}/{service}/aws4_request"
    payload_hash = payload_hash or hashlib.sha256(request.body).hexdigest()
    request.headers.setdefault("host", host)
    request.headers.update({"x-amz-date": moment, "x-amz-content-sha256": payload_hash})
    if key.token:
        request.headers["x-amz-security-token"] = key.token
    names = sorted(request.headers)
    made = signature(key, moment, scope, canonical_request(request, names, payload_hash))
    request.headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={key.id}/{scope}, SignedHeaders={';'.join(names)}, "
                                        f"Signature={made}")
    return request


def presign(request, key, host, expires=300, at=None, region=REGION, service="s3"):
    """Adds the query that signs method, path, query and the headers that are there."""
    now = at or utc_now()
    moment = now.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{moment[:8]}/{region}/{service}/aws4_request"
    request.headers.setdefault("host", host)
    names = sorted(request.headers)
    request.query += [("X-Amz-Algorithm", "AWS4-HMAC-SHA256"), ("X-Amz-Credential", f"{key.id}/{scope}"),
                      ("X-Amz-Date", moment), ("X-Amz-Expires", str(expires)), ("X-Amz-SignedHeaders", ";".join(names))]
    if key.token:
        request.query.append(("X-Amz-Security-Token", key.token))
    made = signature(key, moment, scope, canonical_request(request, names, "UNSIGNED-PAYLOAD"))
    request.query.append(("X-Amz-Signature", made))
    return request


def error_code(body):
    """The error's name in XML or JSON, wherever the protocol puts it."""
    for before, after in ((b"<Code>", b"</Code>"), (b'"__type":"', b'"')):
        if before in body:
            return body.split(before, 1)[1].split(after, 1)[0].decode().rpartition("#")[2]
    return ""


def send(request, port, tls=None, server_name=None, content_length=None):
    """Writes the request byte for byte, with no client's idea of what a URL may hold, and reads one answer.

    `content_length` is what the request says of its body, where that is not the truth; with "" it says nothing.
    """
    headers = {**request.headers, "connection": "close"}
    if content_length is not None:
        headers.update({"content-length": content_length} if content_length else {})
    elif request.body:
        headers["content-length"] = str(len(request.body))
    elif request.method in ("PUT", "POST"):
        headers["content-length"] = "0"
    head = f"{request.method} {request.target} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items()) + "\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
        connection = ssl.create_default_context(cafile=tls).wrap_socket(plain, server_hostname=server_name) if tls else plain
        connection.sendall(head.encode("latin-1") + request.body)
        if content_length:
            connection.shutdown(socket.SHUT_WR)
        with http.client.HTTPResponse(connection, method=request.method) as response:
            response.begin()
            body = response.read()
            received = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, error_code(body) if response.status >= 400 else "", body, received)
