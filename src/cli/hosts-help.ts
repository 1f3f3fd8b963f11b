/** An ensemble file as a person would write it. */
export const ENSEMBLE_FILE_EXAMPLE = `name: prod
context: prod                          # how clients connect; optional
defaults:                              # a member's own fields win
  host:
    ssh: {user: zk, jump: bastion.example.com, sudo: true}
  service: {systemd: zookeeper}
  files: {config: /etc/zookeeper/conf/zoo.cfg}
members:
  - id: 1
    server: zk1:2888:3888:participant;2181
  - id: 2
    server: zk2:2888:3888:participant;2181
    host: {ssh: zk2.internal}          # else the host of the server line
  - id: 3
    server: zk3:2888:3888:participant;2181
    service: {zkServer: /opt/zookeeper/bin/zkServer.sh}`;

/** The page `zksh help hosts`. */
export const HOSTS_HELP = `AN ENSEMBLE FILE (YAML)
${ENSEMBLE_FILE_EXAMPLE.replace(/^/gm, '  ')}

HOST, how the machine is reached: local, or one of
  local       {sudo}
  ssh         {host, user, port, identity, jump, sudo, knownHosts, hostKeys, config, connectTimeout, silence}
  docker      {container, context, user}
  kubernetes  {pod, namespace, container, context}
  commands    {run, read, write, start, stop, restart, status}

SERVICE, what starts and stops the server: one of (docker and kubernetes bring theirs)
  {systemd: UNIT}
  {zkServer: PATH, config, pidFile}
  {start, stop, restart, status}   status exits with 0 when it runs, 3 when it is stopped, 1 when it died

FILES, absolute paths there: config (zoo.cfg), dataDir, dataLogDir, log
  The directories are read from zoo.cfg when not given.

SSH
  The OpenSSH client with your own configuration; it never asks, so keys are in an agent or without a passphrase. Host keys
  are always checked, those of jump hosts too; hostKeys: accept-new believes a host that was never seen, config: none leaves
  your own configuration out. One connection is kept for all commands; sshd must allow 5 sessions on it (MaxSessions). A host
  that is silent for 15s (silence) counts as lost.

ON THE MACHINE
  A POSIX shell as login shell, with cat, mv, chown, chmod, ls, df, awk, date, sync and readlink; bash, nc, python3 or perl to
  try ports. sudo: true runs everything as root, sudo: NAME as that user, without a password. Files are written whole or not
  at all, and a link stays a link.

COMMANDS
  Command lines for /bin/sh here, in which {id}, {host} and {config} are put in, quoted, and for run {command} (one word) or
  {argv} (its words), for read {path}, for write {path}, {mode} and {owner}. What is not given is done by run.

CONTAINERS AND PODS
  Their files can be reached while they run. A pod is restarted by deleting it, if a StatefulSet owns it, and is not stopped.
  Both were tested with stand-ins for docker and kubectl, not against an engine or a cluster.`;
