# Takes check. Does a page come? Its own words stay here, nothing of it is kept.
:local told ("bad:" . ($check->"why"))
:local tries 2
:while ($tries > 0) do={
  :do {
    :if ($check->"closed") do={
      /tool fetch url=($check->"host") check-certificate=yes-without-crl keep-result=no
    } else={
      /tool fetch url=($check->"host") keep-result=no
    }
    :set told "good"
    :set tries 0
  } on-error={
    :set tries ($tries - 1)
    :if ($tries > 0) do={ :delay 2s }
  }
}
:return $told
