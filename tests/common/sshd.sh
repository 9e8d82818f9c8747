# An ssh server of our own on 127.0.0.1 with a throw-away key, for the scripts that need a real line. They source this
# after setting PROGRAM, and find BASE (a folder of their own), NOTEBOOK in it, and `connect`.

SSHD=$(command -v sshd || echo /usr/sbin/sshd)
if [ ! -x "$SSHD" ] || ! command -v ssh ssh-keygen >/dev/null; then
    echo "$(basename "$0"): skipped: no sshd here (Debian: openssh-server)"
    exit 0
fi

BASE=$(mktemp -d)
NOTEBOOK=$BASE/notebook
START=$SECONDS
say() { printf '%3ds  %s\n' $((SECONDS - START)) "$*"; }
fail() {
    say "FAILED: $*"
    for log in "$BASE"/*.screen "$BASE/sshd.log"; do
        [ -e "$log" ] && { echo "--- $log"; plain "$log" | tail -n 30; }
    done
    exit 1
}
plain() { sed -e 's/\x1b\[[0-9;?]*[a-zA-Z]/ /g' -e 's/\r//g' "$1"; }
cleanup() {
    exec 3>&- 4>&- || true
    [ -d "$NOTEBOOK" ] && "$PROGRAM" -C "$NOTEBOOK" stop >/dev/null 2>&1 || true
    [ -n "${SSHD_PID:-}" ] && kill "$SSHD_PID" 2>/dev/null || true
    pkill -KILL -f "ssh -F $BASE/ssh_config" 2>/dev/null || true
    # The supervisor ends by itself when its notebook is gone.
    rm -rf "$BASE"
}
trap cleanup EXIT

# Waits up to a minute for a command to succeed.
await() {
    local what=$1
    shift
    for _ in $(seq 600); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    fail "$what did not come"
}

ssh-keygen -q -t ed25519 -N '' -f "$BASE/host_key"
ssh-keygen -q -t ed25519 -N '' -f "$BASE/id"
cp "$BASE/id.pub" "$BASE/authorized_keys"
chmod 700 "$BASE" && chmod 600 "$BASE/authorized_keys"
[ "$(id -u)" != 0 ] || mkdir -p -m 755 /run/sshd
serve() {
    PORT=$((20000 + RANDOM % 20000))
    cat >"$BASE/sshd_config" <<CONF
ListenAddress 127.0.0.1
Port $PORT
HostKey $BASE/host_key
AuthorizedKeysFile $BASE/authorized_keys
PidFile none
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
ClientAliveInterval 1
ClientAliveCountMax 2
CONF
    "$SSHD" -D -e -f "$BASE/sshd_config" 2>"$BASE/sshd.log" &
    SSHD_PID=$!
    printf '[127.0.0.1]:%s %s\n' "$PORT" "$(cut -d' ' -f1,2 "$BASE/host_key.pub")" >"$BASE/known_hosts"
    cat >"$BASE/ssh_config" <<CONF
Host notebook
  HostName 127.0.0.1
  Port $PORT
  User $(id -un)
  IdentityFile $BASE/id
  IdentitiesOnly yes
  UserKnownHostsFile $BASE/known_hosts
  StrictHostKeyChecking yes
  LogLevel ERROR
  ControlPath none
CONF
    for _ in $(seq 50); do
        ssh -F "$BASE/ssh_config" -o ConnectTimeout=2 notebook true 2>/dev/null && return
        kill -0 "$SSHD_PID" 2>/dev/null || return 1
        sleep 0.1
    done
    return 1
}
# A port may be taken: then another one.
serve || serve || serve || fail "sshd does not start"
say "sshd listens on 127.0.0.1:$PORT"

lowland() { "$PROGRAM" -C "$NOTEBOOK" "$@"; }
screens() { pgrep -f "^$PROGRAM -C $NOTEBOOK --ascii\$"; }

# Opens the screen through ssh: keys go into descriptor $2, what is drawn into $1.screen.
connect() {
    mkfifo "$BASE/$1.keys"
    ssh -F "$BASE/ssh_config" -tt notebook \
        "stty rows 24 cols 80; TERM=xterm-256color exec '$PROGRAM' -C '$NOTEBOOK' --ascii" \
        <"$BASE/$1.keys" >"$BASE/$1.screen" 2>&1 &
    SSH_PID=$!
    eval "exec $2>'$BASE/$1.keys'"
}
shows() { plain "$BASE/$1.screen" | grep -q "$2"; }
