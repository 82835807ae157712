# Takes chosen. Changes the code for a token; empty while somebody has to approve, or it is void.
:local tell [:parse [/system script get ronda-tell source]]
:local labelOf [:parse [/system script get ronda-label source]]
:local token ""
:local answer ""
:local came false
# a code is for one device: the same script on another one is refused
:local serial ""
:do {
  :local ask [:parse ":return [:tostr [/system routerboard get serial-number]]"]
  :set serial [$ask]
} on-error={}
:local nonce (($chosen->"nonce") . [$labelOf raw=$serial])
:local wish ("{\"code\":\"" . ($chosen->"code") . "\",\"nonce\":\"" . $nonce . \
  "\",\"name\":\"" . [$labelOf raw=[/system identity get name]] . "\"}")
:do {
  :local got [/tool fetch url=(($chosen->"centre") . "/api/v1/enrol") http-method=post \
    http-header-field="Content-Type: application/json" http-data=$wish \
    check-certificate=yes-without-crl output=user as-value]
  :set answer ($got->"data")
  :set came true
} on-error={}
:local at [:find $answer "\"token\":\""]
:if ([:typeof $at] = "num") do={
  :set token [:pick $answer ($at + 9) [:len $answer]]
  :set token [:pick $token 0 [:find $token "\""]]
}
:local words ""
:if ($token = "") do={
  :set words "the centre is not reached, or the code is void: ask for a new script"
  :if ($came) do={ :set words "somebody at the centre has to approve this router" }
}
[$tell about="code" words=$words]
:return $token
