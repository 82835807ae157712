# Takes all of Ronda away from this router, itself last.
/system scheduler remove [/system scheduler find where name="ronda"]
:do {
  # not every router of 6 has netwatch: it comes with a package
  :local clear [:parse "/tool netwatch remove [/tool netwatch find where comment~\"^ronda \"]"]
  [$clear]
} on-error={}
/certificate remove [/certificate find where name~"^ronda-ca"]
/system script environment remove [/system script environment find where name~"^Ronda"]
/system script remove [/system script find where name~"^ronda"]
