# Takes mark. What netwatch says of the check with this mark; none where it does not look.
:local status "none"
:foreach one in=[/tool netwatch find where comment=$mark] do={
  :set status [:tostr [/tool netwatch get $one status]]
}
:return $status
