# All that netwatch says, as one text to compare.
:local seen ""
:foreach one in=[/tool netwatch find where comment~"^ronda "] do={
  :set seen ($seen . ";" . [/tool netwatch get $one comment] . "=" . [/tool netwatch get $one status])
}
:return $seen
