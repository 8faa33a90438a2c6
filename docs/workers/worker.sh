#!/usr/bin/env bash
# A worker for pull tasks: one at a time, by a command. Needs curl and jq (Debian packages).
#
# The command finds the payload, JSON, on its standard input, and TASK_ID, TASK_ATTEMPT and
# PROGRESS_FILE in its environment. What it prints is the result: as JSON if it is JSON, else as a
# string. Exit code 0 completes the task, 100 fails it for good, any other one fails the attempt,
# with the end of its standard error as the error. A long command writes how far it is, a whole
# number from 0 to 100, to $PROGRESS_FILE. It is killed when the task is lost.
#
# A task may come twice: a worker can die after the work and before it told. What must happen only
# once needs a key: TASK_ID, which is the same in all attempts. TASK_ID with TASK_ATTEMPT is the key
# of what belongs to one attempt, such as a temporary file or a call that a later one makes anew.
#
# jq 1.6 rounds integers over 2^53. Send such numbers as strings.
set -uo pipefail

usage="Does the pull tasks of a queue.

worker.sh --token-file FILE --queue NAME [options] -- COMMAND [ARGUMENT...]
  --url URL      of the server (http://127.0.0.1:8080)
  --batch N      tasks in one lease (1)
  --lease S      whole seconds (60)
  --wait S       seconds of a poll, at most 60 (30)
  --grace S      seconds for the command to end in after SIGTERM (25)
  --name NAME    of this worker (host and process)"
declare -A option=([url]=http://127.0.0.1:8080 [batch]=1 [lease]=60 [wait]=30 [grace]=25
  [name]="$HOSTNAME-$$" [queue]="" [token-file]="")
while (($#)); do
  case $1 in
    --help) echo "$usage" && exit ;;
    --) shift && break ;;
    *) [[ $1 == --* && -v option[${1#--}] && $# -gt 1 ]] || { echo "$usage" >&2 && exit 2; }
       option[${1#--}]=$2 && shift 2 ;;
  esac
done
[[ $# -gt 0 && ${option[queue]} && ${option[token-file]} ]] || { echo "$usage" >&2 && exit 2; }
path=/v1/queues/$(jq -rn --arg name "${option[queue]}" '$name | @uri')/lease
ask=$(jq -cn --argjson max "${option[batch]}" --arg wait "${option[wait]}s" \
  --arg lease "${option[lease]}s" --arg worker "${option[name]}" '$ARGS.named') || exit 2
files=$(mktemp -d)
trap '[[ $BASHPID != "$$" ]] || rm -rf "$files"' EXIT # not by a child that a signal hits too early
export PROGRESS_FILE=$files/progress
held=() lost=() now=0 # the tasks of the lease (id, token, attempt, payload); those lost; our place
deadline="" idle=""   # when all must have ended, once we are to stop; the process to end then
beat_at=0             # when the next heartbeat is due, in milliseconds
# shellcheck disable=SC2317 # called by the trap
stop() {
  deadline=${deadline:-$((SECONDS + option[grace]))}
  [[ -z $idle ]] || kill -KILL "$idle" 2>/dev/null # a child just born may not hear other signals
}
trap stop TERM INT

# Posts a body, the answer is in $answer. Returns 1 when it may do later (no server, or a busy one),
# 2 when it was refused. In the background, for else no signal is heard. With setpriv it dies with
# us: a poll that lives on could be granted tasks that nobody does.
post() { # PATH SECONDS BODY
  local request status
  printf '%s' "$3" >"$files/body"
  printf 'Authorization: Bearer %s\n' "$(<"${option[token-file]}")" >"$files/token" # hidden from ps
  setpriv --pdeathsig KILL curl --silent --show-error --max-time "$2" --data-binary "@$files/body" \
    --header 'Content-Type: application/json' --header "@$files/token" \
    --write-out '\n%{http_code}' "${option[url]%/}$1" >"$files/answer" &
  request=$!
  if [[ $1 == */lease ]]; then
    idle=$request
    [[ -z $deadline ]] || kill -KILL "$idle"
  fi
  while wait "$request" 2>/dev/null; (($? > 128)) && kill -0 "$request" 2>/dev/null; do
    : # a signal came
  done
  idle=""
  answer=$(<"$files/answer")
  status=${answer##*$'\n'} answer=${answer%$'\n'*}
  case $status in
    2??) return 0 ;;
    "" | 000 | 408 | 429 | 5??) return 1 ;;
  esac
  echo "$1: $status: ${answer:0:1000}" >&2
  return 2
}

clock() { ms=$((${EPOCHREALTIME/[.,]/} / 1000)); }
seconds() { printf %d.%03d $(($1 / 1000)) $(($1 % 1000)); } # MILLISECONDS

# 1, 2, 4 ... 30 s, each less up to a half, so that workers do not come back all at once.
pause() { # ROUND
  local wait=$(($1 < 5 ? 1000 << $1 : 30000))
  wait=$((wait / 2 + RANDOM % (wait / 2)))
  sleep "$(seconds $wait)" &
  idle=$!
  wait "$idle" 2>/dev/null
  idle=""
}

# What a request says of the held tasks from our place on, so many or all of them.
entries() { # FIELDS OF THE FIRST, FIELDS OF ALL, COUNT
  local id token first=$1 list=""
  while read -r id token _; do
    list+=",{\"task_id\":\"$id\",\"token\":\"$token\"$first$2}" first=""
  done < <(printf '%s\n' "${held[@]:now:${3:-${#held[@]}}}")
  printf '{"leases":[%s]}' "${list:1}"
}

# Heartbeats for all that we hold, also for what waits: three to a lease, so that one may fail.
beat() {
  local status progress="" at=$now
  clock
  beat_at=$((ms + option[lease] * 1000 / 3))
  read -r progress <"$PROGRESS_FILE"
  [[ $progress =~ ^([1-9]?[0-9]|100)$ ]] && progress=",\"progress\":$progress" || progress=""
  post /v1/leases/heartbeat 10 "$(entries "$progress" ",\"lease\":\"${option[lease]}s\"")" || return
  while read -r status; do
    case $status in *:404 | *:409) lost[at]=1 ;; esac
    ((++at))
  done < <(grep -o '"status":[0-9]*' <<<"$answer")
}

late() { [[ $deadline ]] && ((SECONDS >= deadline)); }

# Says it until the server has heard, which may answer 409: then the task is in other hands.
report() { # ACTION FIELDS
  local round=0 code
  until [[ -v lost[now] ]]; do
    post "/v1/leases/$1" 10 "$(entries "$2" "" 1)"
    code=$?
    ((code == 2)) && return 2
    ((code == 0)) && [[ $answer != *'"status":503'* ]] && return
    late && return
    pause $((round++))
    beat
  done
}

work() { # COMMAND; returns 1 when there was no time to end it
  local job nap code id attempt payload
  : >"$PROGRESS_FILE"
  clock
  ((ms < beat_at)) || beat # many short tasks of a batch are a long one
  [[ ! -v lost[now] ]] || return 0
  read -r id _ attempt payload <<<"${held[now]}"
  TASK_ID=$id TASK_ATTEMPT=$attempt \
    setsid setpriv --pdeathsig KILL "$@" <<<"$payload" >"$files/out" 2>"$files/err" &
  job=$!
  while kill -0 "$job" 2>/dev/null; do
    if late || [[ -v lost[now] ]]; then
      kill -KILL -- "-$job" # with all that it started: setsid made it a group of its own
      wait "$job" 2>/dev/null
      [[ -v lost[now] ]]
      return
    fi
    clock
    if ((ms >= beat_at)); then beat && continue; fi
    nap=$((beat_at > ms ? beat_at - ms : 1000))
    sleep "$(seconds $((deadline && nap > 1000 ? 1000 : nap)))" &
    nap=$!
    wait -n "$job" "$nap" # a signal ends this too
    kill -KILL "$nap" 2>/dev/null && wait "$nap" 2>/dev/null
  done
  wait "$job"
  code=$?
  cat "$files/err" >&2
  if ((code == 0)); then
    jq -cs 'if length == 1 then .[0] else error end' "$files/out" >"$files/json" 2>/dev/null ||
      jq -Rs 'rtrimstr("\n")' "$files/out" >"$files/json"
    report complete ",\"result\":$(<"$files/json")"
    (($? == 2)) || return 0
    echo "the server refused the result" >"$files/err"
    code=100
  fi
  [[ -s $files/err ]] || echo "exit code $code" >"$files/err"
  report fail ",\"error\":$(tail -c 1000 "$files/err" | jq -Rs 'rtrimstr("\n")'),\"retryable\":$(
    ((code == 100)) && echo false || echo true)"
  return 0
}

round=0
while [[ -z $deadline ]]; do
  if ! post "$path" $((option[wait] + 10)) "$ask"; then
    [[ $deadline ]] || pause $((round++))
    continue
  fi
  clock
  round=0 lost=() beat_at=$((ms + option[lease] * 1000 / 3))
  mapfile -t held < <(
    jq -r '.tasks[] | "\(.task_id) \(.token) \(.attempt) \(.payload | tojson)"' <<<"$answer")
  for ((now = 0; now < ${#held[@]}; ++now)); do
    if [[ -z $deadline ]] && work "$@"; then continue; fi
    # We are to stop. This task and the rest are released, so that nobody waits for their leases.
    post /v1/leases/release 10 "$(entries "" "")"
    exit 0
  done
done
exit 0
