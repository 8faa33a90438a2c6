#!/usr/bin/env bash
# A worker for pull tasks: one at a time, by a command. Needs curl and jq (Debian packages).
#
# The command finds the payload, JSON, on its standard input, and TASK_ID, TASK_ATTEMPT and
# PROGRESS_FILE in its environment. What it prints is the result: as JSON if it is JSON, else as a
# string. Exit code 0 completes the task, 100 fails it for good, any other one fails the attempt, with
# the end of its standard error as the error. A long command writes its percentage to $PROGRESS_FILE.
#
# A task may come twice: a worker can die after the work and before it told. What must happen only
# once needs a key: TASK_ID, which is the same in all attempts. TASK_ID with TASK_ATTEMPT is the key of
# what belongs to one attempt, such as a temporary file or a call that a later attempt makes anew.
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
third=$(jq -n "${option[lease]} / 3")
files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT
export PROGRESS_FILE=$files/progress
held=() lost=() now=0 # the tasks of the lease, one JSON in each; which are lost; which is at work
deadline="" idle=""   # when all must have ended, once we are to stop; the process to end then
trap 'deadline=${deadline:-$((SECONDS + option[grace]))}; [[ -z $idle ]] || kill "$idle"' TERM INT

# Posts the JSON of standard input; the answer is in $files/answer. Returns 1 when it may do later
# (no server, or a busy one), 2 when it was refused. In the background, for else no signal is heard.
# With setpriv it dies with us: a poll that lives on could be granted tasks that nobody does.
post() { # PATH SECONDS
  local request status
  cat >"$files/body"
  printf 'Authorization: Bearer %s\n' "$(<"${option[token-file]}")" >"$files/token" # not for ps to see
  setpriv --pdeathsig KILL curl --silent --show-error --max-time "$2" --data-binary "@$files/body" \
    --header 'Content-Type: application/json' --header "@$files/token" \
    --output "$files/answer" --write-out '%{http_code}' "${option[url]%/}$1" >"$files/status" &
  request=$!
  if [[ $1 == */lease ]]; then
    idle=$request
    [[ -z $deadline ]] || kill "$idle"
  fi
  while wait "$request"; (($? > 128)) && kill -0 "$request" 2>/dev/null; do :; done # a signal came
  idle=""
  status=$(<"$files/status")
  case $status in
    2??) return 0 ;;
    "" | 000 | 408 | 429 | 5??) return 1 ;;
  esac
  echo "$1: $status: $(head -c 1000 "$files/answer")" >&2
  return 2
}

# 1, 2, 4 ... 30 s, each less up to a half, so that workers do not come back all at once.
pause() { # ROUND
  local most=$(($1 < 5 ? 1000 << $1 : 30000)) seconds
  seconds=$(jq -n "($most / 2 + $((RANDOM % (most / 2)))) / 1000")
  sleep "$seconds" &
  idle=$!
  wait "$idle" 2>/dev/null
  idle=""
}

late() { [[ $deadline ]] && ((SECONDS >= deadline)); }

# Heartbeats for all that we hold, also for what waits: three to a lease, so that one may fail.
beat() {
  local status at=$now
  post /v1/leases/heartbeat 10 < <(printf '%s\n' "${held[@]:now}" |
    jq -cs --arg lease "${option[lease]}s" --rawfile percent "$PROGRESS_FILE" '
      map({task_id, token, lease: $lease})
      | .[0].progress = ($percent | try ([0, tonumber, 100] | sort[1]) catch null)
      | {leases: .}') || return
  for status in $(jq '.results[].status' "$files/answer"); do
    if ((status == 404 || status == 409)); then lost[at]=1; fi
    ((++at))
  done
}

# Says it until the server has heard, which may answer 409: then the task is in other hands.
report() { # ACTION; the body is in $files/news
  local round=0 code
  until [[ -v lost[now] ]]; do
    post "/v1/leases/$1" 10 <"$files/news"
    code=$?
    ((code == 2)) && return 2
    ((code == 0)) && ! jq -e '.results[0].status == 503' "$files/answer" >/dev/null && return
    late && return 1
    pause $((round++))
    beat
  done
}

fail() { # RETRYABLE; the error is standard input
  jq -Rs --argjson task "$ids" --argjson retryable "$1" \
    '{leases: [$task + {error: rtrimstr("\n"), retryable: $retryable}]}' >"$files/news"
  report fail
}

work() { # COMMAND; returns 1 when there was no time to end it
  local job nap code ids
  ids=$(jq -c '{task_id, token}' <<<"${held[now]}")
  jq -c .payload <<<"${held[now]}" >"$files/payload"
  : >"$PROGRESS_FILE"
  TASK_ID=$(jq -r .task_id <<<"${held[now]}") TASK_ATTEMPT=$(jq .attempt <<<"${held[now]}") \
    setsid setpriv --pdeathsig KILL "$@" <"$files/payload" >"$files/out" 2>"$files/err" &
  job=$!
  while kill -0 "$job" 2>/dev/null; do
    if late || [[ -v lost[now] ]]; then
      kill -KILL -- "-$job" # with all that it started: setsid made it a group of its own
      wait "$job" 2>/dev/null
      [[ -v lost[now] ]]
      return
    fi
    sleep "$([[ $deadline ]] && ((option[lease] > 3)) && echo 1 || echo "$third")" &
    nap=$!
    wait -n "$job" "$nap" # a signal ends this too
    kill "$nap" 2>/dev/null && wait "$nap" 2>/dev/null
    if kill -0 "$job" 2>/dev/null; then beat; fi
  done
  wait "$job"
  code=$?
  cat "$files/err" >&2
  if ((code != 0)); then
    [[ -s $files/err ]] || echo "exit code $code" >"$files/err"
    fail "$( ((code == 100)) && echo false || echo true)" < <(tail -c 1000 "$files/err")
    return 0
  fi
  jq -cs 'if length == 1 then .[0] else error("text") end' "$files/out" >"$files/result" 2>/dev/null ||
    jq -Rs 'rtrimstr("\n")' "$files/out" >"$files/result"
  jq -c --slurpfile result "$files/result" '{leases: [. + {result: $result[0]}]}' <<<"$ids" \
    >"$files/news"
  report complete
  (($? != 2)) || fail false <<<"the server refused the result"
  return 0
}

path=/v1/queues/$(jq -rn --arg name "${option[queue]}" '$name | @uri')/lease
round=0
while [[ -z $deadline ]]; do
  if ! post "$path" $((option[wait] + 10)) < <(
    jq -n --argjson max "${option[batch]}" --arg wait "${option[wait]}s" \
      --arg lease "${option[lease]}s" --arg worker "${option[name]}" '$ARGS.named'); then
    [[ $deadline ]] || pause $((round++))
    continue
  fi
  round=0 lost=()
  mapfile -t held < <(jq -c '.tasks[]' "$files/answer")
  for ((now = 0; now < ${#held[@]}; ++now)); do
    if [[ -v lost[now] ]]; then continue; fi
    if [[ -z $deadline ]] && work "$@"; then continue; fi
    # To stop, and this one and the rest are not done: released, they need not wait for their leases.
    post /v1/leases/release 10 < <(
      printf '%s\n' "${held[@]:now}" | jq -cs '{leases: map({task_id, token})}')
    exit 0
  done
done
exit 0
