# How the router itself does.
:local secondsOf [:parse [/system script get ronda-seconds source]]
:local ratioOf [:parse [/system script get ronda-ratio source]]
:local up [$secondsOf span=[:tostr [/system resource get uptime]]]
:local load [/system resource get cpu-load]
:local whole [/system resource get total-memory]
:local used ($whole - [/system resource get free-memory])
:return ("ronda_device_up{device=\"router\"}=1\n" . \
  "ronda_device_uptime_seconds{device=\"router\"}=" . $up . "\n" . \
  "ronda_device_cpu_ratio{device=\"router\"}=" . [$ratioOf part=$load whole=100] . "\n" . \
  "ronda_device_memory_used_ratio{device=\"router\"}=" . [$ratioOf part=$used whole=$whole] . "\n")
