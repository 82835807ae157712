# Takes chosen, answer. The day of the site turns by the centre's word alone.
:global RondaState
:local at [:find $answer "\ntime "]
:if ([:typeof $at] = "num") do={
  :local told [:pick $answer ($at + 6) [:len $answer]]
  :local seconds [:tonum [:pick $told 0 [:find $told "\n"]]]
  :if ([:typeof $seconds] = "num") do={
    :local day (($seconds + ($chosen->"ahead")) / 86400)
    # what was spent before any day was known belongs to this one
    :if ((($RondaState->"day") != 0) and (($RondaState->"day") != $day)) do={
      :set ($RondaState->"spent") 0
    }
    :set ($RondaState->"day") $day
  }
}
