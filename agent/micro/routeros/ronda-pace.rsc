# Takes chosen. Seconds between reports, by what of the day's bytes is left.
:global RondaState
:local every ($chosen->"every")
:local pace $every
:local most ($chosen->"most")
:local spent (($RondaState->"spent") / 1000)
:if (($most > 0) and (($spent * 5) >= ($most * 4))) do={
  :local tell [:parse [/system script get ronda-tell source]]
  :local holds 240
  # the next report still comes while the numbers of this one hold
  :if (($every * 2) > $holds) do={ :set holds ($every * 2) }
  :set pace ($every * 4)
  :if ($pace > $holds) do={ :set pace $holds }
  :if ($spent >= $most) do={ :set pace 1800 }
  :if (($spent * 4) >= ($most * 5)) do={ :set pace 3600 }
  :if ($pace < $every) do={ :set pace $every }
  :if ($pace > 3600) do={ :set pace 3600 }
  [$tell about="bytes" words="bytes of the day: nearly used or over, reports come less often"]
} else={
  :local tell [:parse [/system script get ronda-tell source]]
  [$tell about="bytes" words=""]
}
:set ($RondaState->"pace") $pace
:return $pace
