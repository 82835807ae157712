/system scheduler add name="ronda" interval=10s start-time=startup \
  policy=ftp,read,write,policy,test on-event="/system script run ronda"
:put "Ronda is installed. Within some minutes this should show that the centre takes the reports:"
:put "  /log print where message~\"ronda\""
