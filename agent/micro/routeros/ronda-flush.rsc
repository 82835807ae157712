# Takes chosen, fresh. The newest report first, then what waited, oldest first, some in each run.
:global RondaState
:global RondaQueue
:local send [:parse [/system script get ronda-send source]]
:local tell [:parse [/system script get ronda-tell source]]
:local answered false
:local going true
:local size [:len $RondaQueue]
:if ($fresh) do={
  :local word [$send chosen=$chosen record=($RondaQueue->($size - 1)) waited=false]
  :set going ($word = "kept")
  :set answered $going
  :set ($RondaState->"away") (!$going)
  :if ($going) do={
    :set RondaQueue [:pick $RondaQueue 0 ($size - 1)]
    [$tell about="way" words=""]
  }
  :if ($word = "lost") do={
    [$tell about="way" words="the centre is not reached, or refuses; reports wait in memory"]
  }
}
:local left ($chosen->"batch")
# the past may have half of a day's bytes
:if ((($chosen->"most") > 0) and ((($RondaState->"spent") / 500) >= ($chosen->"most"))) do={
  :set left 0
}
:while ($going and ($left > 0) and ([:len $RondaQueue] > 0)) do={
  :local record ($RondaQueue->0)
  :local rest [:pick $RondaQueue 1 [:len $RondaQueue]]
  :set going ([$send chosen=$chosen record=$record waited=true] = "kept")
  :set left ($left - 1)
  :if ($going) do={
    :set RondaQueue $rest
    :set answered true
  } else={
    :set ($RondaState->"away") true
    # when others get through and this one does not, it must not keep them all for ever
    :if ($answered) do={ :set ($record->"tries") (($record->"tries") + 1) }
    :set ($RondaQueue->0) $record
    :if (($record->"tries") >= 5) do={
      :set RondaQueue $rest
      :set ($RondaState->"dropped") (($RondaState->"dropped") + 1)
      :log warning ("ronda: report " . ($record->"seq") . " was refused five times and is given up")
    }
  }
}
