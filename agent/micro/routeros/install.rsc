{
  # without these a report never leaves; only somebody who stands beside the router can allow them
  :local barred ""
  :foreach need in={"fetch=yes";"scheduler=yes";"flagged=no"} do={
    :do {
      :local at [:find $need "="]
      :local ask [:parse (":return [:tostr [/system device-mode get " . [:pick $need 0 $at] . "]]")]
      :local got [$ask]
      :if ($got = "true") do={ :set got "yes" }
      :if ($got = "false") do={ :set got "no" }
      :local wanted [:pick $need ($at + 1) [:len $need]]
      :if ((($got = "yes") or ($got = "no")) and ($got != $wanted)) do={
        :set barred ($barred . " " . $need)
      }
    } on-error={}
  }
  :if ($barred != "") do={
    :put "This router's device-mode bars what Ronda needs. Give this command:"
    :put ("  /system device-mode update" . $barred)
    :put "then within 5 minutes press its reset or mode button once, shortly, or unplug it and plug it"
    :put "in again. It restarts. Then import this file once more."
    :error ("ronda: not installed, device-mode must allow:" . $barred)
  }
}
/system scheduler remove [/system scheduler find where name="ronda"]
:do {
  # not every router of 6 has netwatch: it comes with a package
  :local clear [:parse "/tool netwatch remove [/tool netwatch find where comment~\"^ronda \"]"]
  [$clear]
} on-error={}
/system script remove [/system script find where name~"^ronda" name!="ronda-token"]
