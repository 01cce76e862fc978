"""Requests signed beforehand (AWS Signature Version 4), and the wrk script that plays them."""

import dataclasses
import datetime
import hashlib
import hmac
import json


@dataclasses.dataclass
class Call:
    method: str
    service: str
    region: str
    path: str
    body: str = ""
    content_type: str = ""


def _hmac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def sign(call, host, access_key, secret_key, at):
    """The whole request as it goes on the wire, signed at the instant `at`."""
    stamp, date = at.strftime("%Y%m%dT%H%M%SZ"), at.strftime("%Y%m%d")
    body_hash = hashlib.sha256(call.body.encode()).hexdigest()
    headers = {"host": host, "x-amz-content-sha256": body_hash, "x-amz-date": stamp}
    if call.content_type:
        headers["content-type"] = call.content_type
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    path, _, query = call.path.partition("?")
    canonical = f"{call.method}\n{path}\n{query}\n{lines}\n{names}\n{body_hash}"
    scope = f"{date}/{call.region}/{call.service}/aws4_request"
    key = f"AWS4{secret_key}".encode()
    for part in scope.split("/"):
        key = _hmac(key, part)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    signature = _hmac(key, f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}").hex()
    headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={access_key}/{scope}, SignedHeaders={names}, "
                                f"Signature={signature}")
    if call.body or call.method in ("POST", "PUT"):
        headers["content-length"] = str(len(call.body))
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{call.method} {call.path} HTTP/1.1\r\n{head}\r\n{call.body}"


def sign_all(calls, host, access_key, secret_key):
    """Each call at a second of its own in the last minutes, so that no two signatures are alike."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return [sign(call, host, access_key, secret_key, now - datetime.timedelta(seconds=number % 240))
            for number, call in enumerate(calls)]


def wrk_script(requests):
    """Lua that plays the requests in turn. JSON's escapes of ASCII text are Lua's."""
    texts = ",\n".join(json.dumps(request) for request in requests)
    return f"""local requests = {{
{texts}
}}
local next = 0
request = function()
  next = next % #requests + 1
  return requests[next]
end
"""
