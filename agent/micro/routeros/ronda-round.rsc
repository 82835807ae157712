# Takes chosen, now. A report when one is due or something changed; else what still waits.
# True when it was a whole round.
:global RondaState
:global RondaQueue
:local seenOf [:parse [/system script get ronda-seen source]]
:local seen [$seenOf chosen=$chosen]
:local due ($now >= ($RondaState->"due"))
# after a start there is nothing to compare with; the first report comes when it is due
:local before ($RondaState->"seen")
:local paceOf [:parse [/system script get ronda-pace source]]
:local pace [$paceOf chosen=$chosen]
# where a quarter more than the day's bytes is gone, news wait for the hour, too
:if (($before != "") and ($before != $seen) and ($pace < 3600)) do={ :set due true }
:set ($RondaState->"seen") $seen
:if ($due) do={
  :local measure [:parse [/system script get ronda-measure source]]
  :local keep [:parse [/system script get ronda-keep source]]
  :local flush [:parse [/system script get ronda-flush source]]
  # in 6 netwatch is a package of its own
  :do {
    :local watch [:parse [/system script get ronda-watch source]]
    [$watch chosen=$chosen]
  } on-error={}
  :set ($RondaState->"seen") [$seenOf chosen=$chosen]
  # what is looked at between two reports goes on meanwhile
  :set ($RondaState->"spent") (($RondaState->"spent") + \
    ((($chosen->"looks") * $pace) / ($chosen->"every")))
  :set ($RondaState->"due") ($now + $pace)
  [$keep chosen=$chosen lines=[$measure chosen=$chosen]]
  [$flush chosen=$chosen fresh=true]
  # it may be another day by now
  :set ($RondaState->"due") ($now + [$paceOf chosen=$chosen])
} else={
  :if (([:len $RondaQueue] > 0) and (!($RondaState->"away"))) do={
    :local flush [:parse [/system script get ronda-flush source]]
    [$flush chosen=$chosen fresh=false]
  }
}
:return $due
