"""What an ID token says, once all of it holds (OpenID Connect Core 1.0, 3.1.3.7). Pure."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# by keys that everybody may know; `none` and shared secrets are no signature here
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
_KINDS = frozenset({"RSA", "EC", "OKP"})
# clocks of two machines
LEEWAY_S = 60.0
_LONGEST = 16_384
_LONGEST_NAME = 255


class BadToken(Exception):
    """The token does not hold; the words are for the log, never for a page."""


class UnknownKey(BadToken):
    """Signed with a key that is not among those known; they may have changed."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must be of, for and in answer to."""

    issuer: str
    client: str
    nonce: str
    claim: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signed in there; `known_as` is empty where the provider does not vouch for it."""

    subject: str
    known_as: str


def identity(
    token: str, keys: Sequence[Mapping[str, Any]], expected: Expected, now: float
) -> Identity:
    """The person of an ID token; BadToken says what about it does not hold."""
    claims = _signed(token, keys)
    _judge(claims, expected, now)
    subject = _word(claims.get("sub"))
    if not 0 < len(subject) <= _LONGEST_NAME:
        raise BadToken("no subject")
    return Identity(f"{expected.issuer} {subject}", _known_as(claims, expected.claim))


def _signed(token: str, keys: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The claims, if one of the keys signed them."""
    import jwt

    if not isinstance(token, str) or len(token) > _LONGEST:
        raise BadToken("no token, or a very long one")
    try:
        header = jwt.get_unverified_header(token)
        if header.get("alg") not in ALGORITHMS:
            raise BadToken(f"signed by {str(header.get('alg'))[:20]!r}")
        key = jwt.PyJWK(dict(_key(keys, header.get("kid"))), algorithm=header["alg"])
        # times are judged below, by the clock of the request
        unjudged = {f"verify_{name}": False for name in ("exp", "iat", "nbf", "aud", "iss")}
        found: dict[str, Any] = jwt.decode(
            token, key, algorithms=list(ALGORITHMS), options=_options(unjudged)
        )
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadToken(f"{type(error).__name__}: {error}"[:200]) from error
    return found


def _options(unjudged: dict[str, bool]) -> Any:
    return {**unjudged, "verify_signature": True, "require": ["iss", "sub", "aud", "exp", "iat"]}


def _key(keys: Sequence[Mapping[str, Any]], number: object) -> Mapping[str, Any]:
    able = [k for k in keys if k.get("kty") in _KINDS and k.get("use", "sig") == "sig"]
    named = [k for k in able if k.get("kid") == number] if number is not None else able
    if len(named) != 1:
        raise UnknownKey(f"{len(named)} keys of this number")
    return named[0]


def _judge(claims: Mapping[str, Any], expected: Expected, now: float) -> None:
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    wrong = {
        "another issuer": claims["iss"] != expected.issuer,
        "for somebody else": expected.client not in audience,
        "for several, and not given to this one": (
            len(audience) > 1 and claims.get("azp") != expected.client
        ),
        "given to somebody else": claims.get("azp", expected.client) != expected.client,
        "expired": not _number(claims["exp"]) > now - LEEWAY_S,
        "of the future": not _number(claims["iat"]) < now + LEEWAY_S,
        "not good yet": not _number(claims.get("nbf", 0)) < now + LEEWAY_S,
        "another nonce": not _same(claims.get("nonce"), expected.nonce),
    }
    if found := next((words for words, is_so in wrong.items() if is_so), None):
        raise BadToken(found)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadToken("a time that is none")
    return float(value)


def _same(given: object, wanted: str) -> bool:
    return hmac.compare_digest(_word(given).encode(), wanted.encode())


def _known_as(claims: Mapping[str, Any], claim: str) -> str:
    # who may type any address at the provider is not yet the person it belongs to
    if claim == "email" and claims.get("email_verified") is not True:
        return ""
    return _word(claims.get(claim)).strip().lower()


def _word(value: object) -> str:
    """A text that a database takes, too; empty for what is none."""
    return value if isinstance(value, str) and value.isprintable() else ""
