# Every ten seconds: a report when one is due or something changed; never two runs at a time.
:global RondaState
:global RondaQueue
:local settingsOf [:parse [/system script get ronda-settings source]]
:local secondsOf [:parse [/system script get ronda-seconds source]]
:local round [:parse [/system script get ronda-round source]]
:local tell [:parse [/system script get ronda-tell source]]
:local chosen [$settingsOf]
:local now [$secondsOf span=[:tostr [/system resource get uptime]]]
:local known false
# what an earlier release left in memory lacks some of it
:if ([:typeof $RondaState] = "array") do={
  :set known ([:typeof ($RondaState->"pace")] = "num")
}
:if (!$known) do={
  :local startOf [:parse [/system script get ronda-start source]]
  :set RondaState [$startOf chosen=$chosen now=$now]
  :set RondaQueue [:toarray ""]
}
:local since ($RondaState->"busy")
:local left ($now - $since)
# a run that was broken off does not stop those after it for ever
:if (($since = 0) or ($left > 900)) do={
  :set ($RondaState->"busy") $now
  :do {
    :local whole [$round chosen=$chosen now=$now]
    :if ($whole) do={ [$tell about="run" words=""] }
  } on-error={
    [$tell about="run" words="a run broke off in the middle"]
  }
  :set ($RondaState->"busy") 0
}
