# Takes chosen, now. What is kept in memory from here to the next restart.
:local line 0
:do {
  :foreach one in=[/interface find] do={ :set line ($line + [/interface get $one rx-byte]) }
} on-error={}
# no two starts are alike in all of these, whatever the clock says
:local boot ([/system clock get date] . "." . [/system clock get time] . "." . $now)
:set boot ($boot . "." . [/system resource get free-memory] . "." . $line)
:local later ($now + ($chosen->"spread"))
:return ({"boot"=$boot;"seq"=0;"due"=$later;"busy"=0;"seen"="";"away"=false;"page"="new"; \
  "dropped"=0;"spent"=0;"day"=0;"pace"=0;"told"=[:toarray ""]})
