# Takes raw. The same between quotes of a label, whatever a name holds.
:local made ""
:local name [:tostr $raw]
:local size [:len $name]
:local at 0
:while ($at < $size) do={
  :local letter [:pick $name $at ($at + 1)]
  :if (($letter = "\\") or ($letter = "\"")) do={ :set letter ("\\" . $letter) }
  :if (($letter = "\n") or ($letter = "\r") or ($letter = "\t")) do={ :set letter " " }
  :set made ($made . $letter)
  :set at ($at + 1)
}
:return $made
