# Takes chosen. Lets netwatch look at what it can look at; it wakes nothing, we read its word.
:foreach check in=($chosen->"checks") do={
  :local mark ("ronda " . ($check->"name"))
  :local known [:len [/tool netwatch find where comment=$mark]]
  # a kind that this version does not know is a fault of the text, so the text is read here
  :if (($known = 0) and (($check->"watch") != "")) do={
    :do {
      :local add [:parse ($check->"watch")]
      [$add]
    } on-error={}
  }
}
