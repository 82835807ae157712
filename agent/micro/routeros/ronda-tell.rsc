# Takes about, words. Writes to the log when it is news; no words: that trouble is over.
:global RondaState
:local told ($RondaState->"told")
:if ([:typeof $told] != "array") do={ :set told [:toarray ""] }
:local before ($told->$about)
:if ([:typeof $before] != "str") do={ :set before "" }
:if ($words != $before) do={
  :if ($words = "") do={
    :log info ("ronda: over: " . $before)
  } else={
    :log warning ("ronda: " . $words)
  }
  :set ($told->$about) $words
  :set ($RondaState->"told") $told
}
