#!/usr/bin/env bash
# Receives one webhook: the request on standard input, the answer on standard output. Run it for each
# connection, by a socket unit of systemd (Accept=yes, StandardInput=socket) or by inetd.
#
#   receiver.sh SECRETS STATE COMMAND [ARGUMENT...]
#
# SECRETS is a file with one whsec_... a line, STATE a folder for the ids that are done. The command
# gets the body on standard input and the id in WEBHOOK_ID. When it exits with 0, the delivery is done
# (200); else the sender will try again (500). Needs bash, openssl, coreutils and flock.
set -euo pipefail
export LC_ALL=C

readonly tolerance=300 # seconds between the sender's clock and ours
readonly body_bytes_max=1048576
readonly secrets=$1 state=$2
shift 2

answer() { # STATUS [WHY]
  [[ $# -lt 2 ]] || echo "refused: $2" >&2
  printf 'HTTP/1.1 %s .\r\nContent-Length: 0\r\nConnection: close\r\n\r\n' "$1"
  exit 0
}

# The bytes of the key, each xor $1, padded to a block of SHA-256. On no command line, where others
# could read it.
padded_key() { # BYTE, the key in hexadecimal
  local at out=
  for ((at = 0; at < 64; at++)); do
    printf -v out '%s\\x%02x' "$out" $((16#0${2:2*at:2} ^ $1))
  done
  printf '%b' "$out"
}

hmac() { # the key in hexadecimal; of standard input
  { padded_key 0x5c "$1"; { padded_key 0x36 "$1"; cat; } | openssl dgst -sha256 -binary; } |
    openssl dgst -sha256 -binary | openssl base64 -A
}

# Whether two texts are the same, without telling by the time it takes where they differ.
same() {
  local salt one other
  salt=$(openssl rand -hex 16)
  one=$(printf '%s%s' "$salt" "$1" | openssl dgst -sha256)
  other=$(printf '%s%s' "$salt" "$2" | openssl dgst -sha256)
  [[ $one == "$other" ]]
}

is_signed() { # of the body in $work/body
  local secret key wanted signature found=1
  while read -r secret || [[ $secret ]]; do
    key=$(openssl base64 -d -A <<<"${secret#whsec_}" | od -An -v -tx1 | tr -d ' \n')
    wanted=v1,$({ printf '%s.%s.' "$id" "$stamp"; cat "$work/body"; } | hmac "$key")
    for signature in $given; do
      ! same "$signature" "$wanted" || found=0
    done
  done <"$secrets"
  return $found
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

set -f # signatures are no file names
id='' stamp='' given='' length=''
read -r -t 30 method _
while read -r -t 30 line && line=${line%$'\r'} && [[ $line ]]; do
  name=${line%%:*} value=${line#*:} value=${value#"${value%%[![:space:]]*}"}
  case ${name,,} in
    webhook-id) id=$value ;;
    webhook-timestamp) stamp=$value ;;
    webhook-signature) given=$value ;;
    content-length) length=$value ;;
  esac
done

[[ $method == POST ]] || answer 405
[[ $length =~ ^[0-9]{1,7}$ ]] && ((10#$length <= body_bytes_max)) || answer 413
timeout 30 head -c "$length" >"$work/body" || answer 408
[[ $id =~ ^[A-Za-z0-9_-]{1,100}$ && $stamp =~ ^[0-9]{1,12}$ && $given ]] ||
  answer 401 'a header is missing, or is none of a webhook'
away=$(($(date +%s) - 10#$stamp))
((away <= tolerance && -away <= tolerance)) ||
  answer 401 'the timestamp is more than five minutes away'
is_signed || answer 401 'no signature is right'

exec 9>>"$state/$id"
flock -n 9 || answer 409 # under way: come again, it may fail yet
[[ ! -s $state/$id ]] || answer 200
if WEBHOOK_ID=$id "$@" <"$work/body" >&2 9>&-; then
  echo done >&9
  answer 200
fi
answer 500
