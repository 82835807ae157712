"""SNMPv3 (USM): who asks is proven and what is asked is hidden, with pysnmp's algorithms.

Nothing is remembered from one conversation to the next: a device that restarted has another
count of boots, and whoever holds on to the old one is refused for ever.
"""

from typing import Any

from pyasn1.codec.ber import encoder
from pyasn1.type.univ import OctetString
from pysnmp.proto.error import ProtocolError, StatusInformation
from pysnmp.proto.mpmod.rfc3412 import ScopedPDU, SNMPv3Message
from pysnmp.proto.secmod.rfc3414 import service

from agent.probes.snmp.message import Ask, Denied, Garbled, Told, decode, pdu, told
from agent.probes.snmp.who import User

_REPORTABLE, _PRIVATE, _AUTHENTIC = 4, 2, 1
_MAX_SIZE = 65507
_STATS = (1, 3, 6, 1, 6, 3, 15, 1, 1)
_OUT_OF_TIME = 2
_REFUSALS = {
    1: "it does not offer this user authentication and privacy",
    3: "it knows no user of this name",
    5: "the password or the algorithm of authentication is wrong",
    6: "the password or the algorithm of privacy is wrong",
}
_SHA2 = service.hmacsha2.HmacSha2
# the package's modules need each other, and can only be had through this one
_SERVICES: dict[str, tuple[int, ...]] = {
    "md5": service.hmacmd5.HmacMd5.SERVICE_ID,
    "sha": service.hmacsha.HmacSha.SERVICE_ID,
    "sha224": _SHA2.SHA224_SERVICE_ID,
    "sha256": _SHA2.SHA256_SERVICE_ID,
    "sha384": _SHA2.SAH384_SERVICE_ID,
    "sha512": _SHA2.SHA512_SERVICE_ID,
}
AUTH: dict[str, Any] = {
    "md5": service.hmacmd5.HmacMd5(),
    "sha": service.hmacsha.HmacSha(),
    **{name: _SHA2(_SERVICES[name]) for name in ("sha224", "sha256", "sha384", "sha512")},
}
PRIV: dict[str, Any] = {
    "des": service.des.Des(),
    "aes": service.aes.Aes(),
    "aes192": service.aes192.AesBlumenthal192(),
    "aes256": service.aes256.AesBlumenthal256(),
}


class Secret:
    """One conversation with one device: learns its engine, then speaks as `user`."""

    def __init__(self, user: User) -> None:
        self._user = user
        self._engine, self._boots, self._time = b"", 0, 0
        self._auth: Any = None
        self._priv: Any = None

    @property
    def introduced(self) -> bool:
        """Does it know the engine it speaks to?"""
        return bool(self._engine)

    def hello(self, request: int) -> bytes:
        """A question that nobody answers except with who he is."""
        return self._wrap(_scoped(b"", "", Ask(()), request), request, "", 0)

    def write(self, ask: Ask, request: int) -> bytes:
        """The datagram of a question."""
        user = self._user
        level = (_AUTHENTIC if user.auth_password else 0) | (_PRIVATE if user.priv_password else 0)
        scoped = _scoped(self._engine, user.context, ask, request)
        return self._wrap(scoped, request, user.name, level)

    def read(self, datagram: bytes) -> Told | None:
        """The answer; None when the device told who he is or what time: ask again."""
        message = decode(datagram, SNMPv3Message())
        header = decode(bytes(message["msgSecurityParameters"]), service.UsmSecurityParameters())
        flags = bytes(message["msgGlobalData"]["msgFlags"])[0]
        if flags & _AUTHENTIC:
            self._verify(datagram, header)
        answer = told(self._scoped(message["msgData"], header, flags)["data"].getComponent())
        if answer.report:
            self._learn(answer, header, bool(flags & _AUTHENTIC))
            return None
        if self._user.auth_password and not flags & _AUTHENTIC:
            raise Garbled("an answer without proof of who gives it")
        return answer

    def _learn(self, report: Told, header: Any, proven: bool) -> None:
        """Takes engine and time from a report; Denied when it says anything else."""
        number = report.rows[0][0][len(_STATS)] if report.rows else 0
        if number in _REFUSALS:
            raise Denied(_REFUSALS[number])
        engine = bytes(header["msgAuthoritativeEngineId"])
        if self.introduced and not (proven and number == _OUT_OF_TIME):
            raise Garbled("a report that nobody asked for")
        if not engine:
            raise Garbled("a report without an engine")
        self._boots = int(header["msgAuthoritativeEngineBoots"])
        self._time = int(header["msgAuthoritativeEngineTime"])
        if engine != self._engine:
            self._engine = engine
            self._make_keys()

    def _make_keys(self) -> None:
        user, engine = self._user, OctetString(self._engine)
        if user.auth_password:
            auth = AUTH[user.auth]
            secret = auth.hash_passphrase(user.auth_password.encode())
            self._auth = auth.localize_key(secret, engine)
        if user.priv_password:
            priv, kind = PRIV[user.priv], _SERVICES[user.auth]
            secret = priv.hash_passphrase(kind, user.priv_password.encode())
            self._priv = priv.localize_key(kind, secret, engine)

    def _wrap(self, scoped: Any, request: int, name: str, level: int) -> bytes:
        message, header = SNMPv3Message(), service.UsmSecurityParameters()
        message["msgVersion"] = 3
        about = message["msgGlobalData"]
        about["msgID"], about["msgMaxSize"], about["msgSecurityModel"] = request, _MAX_SIZE, 3
        about["msgFlags"] = bytes([level | _REPORTABLE])
        salt = b""
        if level & _PRIVATE:
            hidden, salt = PRIV[self._user.priv].encrypt_data(
                self._priv, (self._boots, self._time, None), encoder.encode(scoped)
            )
            message["msgData"]["encryptedPDU"] = hidden
        else:
            message["msgData"]["plaintext"] = scoped
        auth = AUTH[self._user.auth] if level & _AUTHENTIC else None
        header["msgAuthoritativeEngineId"] = self._engine
        header["msgAuthoritativeEngineBoots"] = self._boots
        header["msgAuthoritativeEngineTime"] = self._time
        header["msgUserName"] = name
        header["msgAuthenticationParameters"] = bytes(auth.digest_length if auth else 0)
        header["msgPrivacyParameters"] = salt
        message["msgSecurityParameters"] = encoder.encode(header)
        whole = encoder.encode(message)
        return bytes(auth.authenticate_outgoing_message(self._auth, whole) if auth else whole)

    def _verify(self, datagram: bytes, header: Any) -> None:
        if self._auth is None:
            raise Garbled("an answer of a user we did not ask as")
        try:
            AUTH[self._user.auth].authenticate_incoming_message(
                self._auth, header["msgAuthenticationParameters"], datagram
            )
        except (StatusInformation, ProtocolError) as error:
            raise Garbled("an answer with the wrong signature") from error

    def _scoped(self, data: Any, header: Any, flags: int) -> Any:
        if not flags & _PRIVATE:
            return data["plaintext"]
        if self._priv is None:
            raise Garbled("an answer hidden from us")
        boots = int(header["msgAuthoritativeEngineBoots"])
        time = int(header["msgAuthoritativeEngineTime"])
        moment = (boots, time, header["msgPrivacyParameters"])
        try:
            octets = PRIV[self._user.priv].decrypt_data(self._priv, moment, data["encryptedPDU"])
        except StatusInformation as error:
            raise Garbled("an answer that cannot be decrypted") from error
        return decode(bytes(octets), ScopedPDU())


def _scoped(engine: bytes, context: str, ask: Ask, request: int) -> Any:
    scoped = ScopedPDU()
    scoped["contextEngineId"], scoped["contextName"] = engine, context
    question = pdu(ask, request)
    scoped["data"].setComponentByType(question.tagSet, question)
    return scoped
