{
  # the centre's own authority; the file is only on its way into the store of certificates
  /certificate remove [/certificate find where name~"^ronda-ca"]
  :local pem @{ca}
  :local file "ronda-ca.pem"
  :do {
    :local add [:parse "/file add name=ronda-ca.pem contents=\$text"]
    [$add text=$pem]
  } on-error={
    # before 7.9 a file is made by printing into it
    :set file "ronda-ca.txt"
    /file print file=ronda-ca
    :delay 2s
    /file set "ronda-ca.txt" contents=$pem
  }
  :delay 1s
  /certificate import file-name=$file passphrase=""
  /file remove [/file find where name=$file]
  :if ([:len [/certificate find where name~"^ronda-ca"]] = 0) do={
    :error "ronda: not installed, the certificate of the centre was not taken"
  }
}
