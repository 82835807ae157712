# Takes span: a time as RouterOS writes it, 1w2d03:04:05. Seconds.
:local left $span
:local days 0
:local at [:find $left "w"]
:if ([:typeof $at] = "num") do={
  :set days (7 * [:tonum [:pick $left 0 $at]])
  :set left [:pick $left ($at + 1) [:len $left]]
}
:set at [:find $left "d"]
:if ([:typeof $at] = "num") do={
  :set days ($days + [:tonum [:pick $left 0 $at]])
  :set left [:pick $left ($at + 1) [:len $left]]
}
# 108 - 100: not every version reads a number that begins with 0 alike
:local hours ([:tonum ("1" . [:pick $left 0 2])] - 100)
:local minutes ([:tonum ("1" . [:pick $left 3 5])] - 100)
:local rest ([:tonum ("1" . [:pick $left 6 8])] - 100)
:return (((((($days * 24) + $hours) * 60) + $minutes) * 60) + $rest)
