# Takes chosen. All that is worth a report at once, as one text to compare.
:local lineOf [:parse [/system script get ronda-line source]]
:local line [$lineOf chosen=$chosen]
:local seen ""
:foreach one in=[/interface find where name=$line] do={
  :set seen ($line . "=" . [:tostr [/interface get $one running]])
}
:do {
  :local watchedOf [:parse [/system script get ronda-watched source]]
  :set seen ($seen . [$watchedOf])
} on-error={}
:return $seen
