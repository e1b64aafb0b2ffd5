# What the benches share: times in seconds, medians, ratios, and an empty registry. Sourced, with $work set.

# timed NAME COMMAND…   adds how long it took to what is known of NAME
timed() {
  local into=$1 from to
  shift
  from=$EPOCHREALTIME
  "$@" >/dev/null 2>>"$work/log" || { cat "$work/log" >&2; exit 1; }
  to=$EPOCHREALTIME
  awk -v a="$from" -v b="$to" 'BEGIN { printf "%.3f\n", b - a }' | tee -a "$work/$into" >&2
}
median() { sort -n "$work/$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

# A free port and the one after it, which nobody takes meanwhile on a machine that only measures.
free_port() { awk 'BEGIN { srand(); print 20000 + 2 * int(rand() * 10000) }'; }
wait_for() {
  for _ in $(seq 100); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then
      return
    fi
    sleep 0.1
  done
  cat "$work/registry.log" >&2
  exit 1
}

registry=
stop_registry() {
  if [ -n "$registry" ]; then
    kill "$registry" 2>/dev/null || true
    wait "$registry" 2>/dev/null || true
    registry=
  fi
}
# start_registry PORT   a docker-registry with nothing in it, in the place of the one before
start_registry() {
  stop_registry
  rm -rf "$work/registry"
  mkdir "$work/registry"
  cat >"$work/registry.yml" <<END
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $work/registry}}
http: {addr: '127.0.0.1:$1'}
END
  docker-registry serve "$work/registry.yml" >"$work/registry.log" 2>&1 &
  registry=$!
  wait_for "$1"
}
