"""A /dev of a device's own: what is written over there, or taken away, is not this machine's."""

# Where nodes may not be made, each is laid over a file of its own, and cannot be replaced at all.
_OWN = """
mount -t tmpfs -o mode=755,size=1m tmpfs {dev}
while read -r name major minor; do
  mknod -m 666 {dev}/$name c $major $minor 2>/dev/null ||
    {{ : >{dev}/$name; mount --bind /dev/$name {dev}/$name; }}
done <<'NODES'
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
NODES
mkdir {dev}/pts {dev}/shm
mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts {dev}/pts
mount {shm} {dev}/shm
ln -s pts/ptmx {dev}/ptmx
ln -s /proc/self/fd {dev}/fd
for each in 0:stdin 1:stdout 2:stderr; do ln -s /proc/self/fd/${{each%:*}} {dev}/${{each#*:}}; done
"""


def own_dev(dev: str, shm: str = "") -> str:
    """The commands that make one at this folder, in a namespace for mounts; `shm`: the folder of
    shared memory in it, where not one of its own."""
    return _OWN.format(dev=dev, shm=f"--bind {shm}" if shm else "-t tmpfs -o mode=1777 tmpfs")
