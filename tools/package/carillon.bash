# Completion of carillon(8) for bash.
# shellcheck shell=bash

_carillon() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words
  local flags='--config --data --listen --public-url --clock --allow-target --log-level --log-format --help'
  case $before in
    --config | --data) mapfile -t COMPREPLY < <(compgen -f -- "$word") && return ;;
    --clock) words='real manual' ;;
    --log-level) words='trace debug info warn error' ;;
    --log-format) words='auto text json' ;;
    -o | --output) words='text json' ;;
    config) words='show' ;;
    *)
      case ${COMP_WORDS[1]-} in
        serve) words=$flags ;;
        config) words="$flags --output" ;;
        check) words='--data --repair --output --help' ;;
        backup | restore) words='--data --help' ;;
        *) words='serve config check backup restore version --version --help' ;;
      esac
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _carillon carillon
