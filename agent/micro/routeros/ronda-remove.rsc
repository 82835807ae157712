# Takes all of Ronda away from this router, itself last.
/system scheduler remove [/system scheduler find where name="ronda"]
/tool netwatch remove [/tool netwatch find where comment~"^ronda "]
/certificate remove [/certificate find where name~"^ronda-ca"]
/system script environment remove [/system script environment find where name~"^Ronda"]
/system script remove [/system script find where name~"^ronda"]
