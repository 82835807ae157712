# Takes chosen. The interface of the line to outside: as it was chosen, else as it gets its address.
:local line ($chosen->"wan")
# either may lack with its package
:foreach part in={"ronda-line-dialled";"ronda-line-lent"} do={
  :if ($line = "") do={
    :do {
      :local lineOf [:parse [/system script get $part source]]
      :set line [$lineOf]
    } on-error={}
  }
}
:if ($line = "") do={ :set line "ether1" }
:return $line
