# Takes part, whole. A number from 0 to 1 with three digits: there are no fractions here.
:local made "1"
:local thousandths (($part * 1000) / $whole)
:if ($thousandths < 1000) do={ :set made ("0." . [:pick [:tostr (1000 + $thousandths)] 1 4]) }
:return $made
