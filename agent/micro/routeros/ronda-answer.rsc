# Takes answer, number. Is it the centre's own word? What it could not use is told once.
:global RondaState
:local tell [:parse [/system script get ronda-tell source]]
:local wanted ("ok " . $number . "\n")
:local word "strange"
:if ([:pick $answer 0 [:len $wanted]] = $wanted) do={
  :set word "kept"
  :if (($RondaState->"page") != "right") do={ :log info "ronda: the centre takes the reports" }
  :set ($RondaState->"page") "right"
  :local wrong ""
  :local at [:find $answer "\nerror "]
  :if ([:typeof $at] = "num") do={
    :set wrong [:pick $answer ($at + 7) [:len $answer]]
    :set wrong ("the centre cannot use " . [:pick $wrong 0 [:find $wrong "\n"]])
  }
  [$tell about="lines" words=$wrong]
  [$tell about="page" words=""]
} else={
  :set ($RondaState->"page") "wrong"
  [$tell about="page" words="another page answers instead of the centre: a login or billing page"]
}
:return $word
