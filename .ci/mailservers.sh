#!/usr/bin/env bash
# .ci/mailservers.sh COMMAND…   runs a command beside real mail servers: postfix with dovecot, and mailpit.
#
# They listen on free ports of 127.0.0.1, know two mailboxes, deliver to each other alone, and carry a
# certificate of an authority made for this run. BAOSONG_TEST_MAIL names a JSON file that tells the command
# how to reach them. Everything lies in a scratch folder and is stopped and removed at the end.
# Needs root: postfix changes to users of its own. The systems' own instances are not touched.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mailpit_version=v1.27.11
unit=unit01@units.example organizer=collect@organizer.example code='s3cret "code" \01'
limit=20971520 # bytes postfix takes

[ "$(id -u)" = 0 ] || { echo "mailservers.sh: needs root" >&2; exit 1; }
s=$(mktemp -d)
chmod 755 "$s"
stop() {
  postfix -c "$s/postfix" stop >/dev/null 2>&1 || true
  [ ! -f "$s/run/master.pid" ] || kill "$(cat "$s/run/master.pid")" || true
  [ -z "${mailpit_pid:-}" ] || kill "$mailpit_pid" || true
  rm -rf "$s"
}
trap stop EXIT

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    if [[ " $taken " != *" $port "* ]] && ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      taken+=" $port"
      printf -v "$1" %s "$port"
      return
    fi
  done
}
taken=''
for name in smtps submission imaps imap pit_smtp pit_http; do free_port $name; done

authority() {
  mkdir "$s/tls"
  (
    cd "$s/tls"
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=Baosong test authority' -keyout ca.key -out ca.pem
    openssl req -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -keyout server.key -out server.csr
    printf 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n' >ext
    openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out server.pem
  ) >"$s/openssl.log" 2>&1 || { cat "$s/openssl.log"; return 1; }
}

postfix_up() {
  mkdir -p "$s/postfix" "$s/spool" "$s/data" "$s/mail"
  chown postfix "$s/data"
  chown mail:mail "$s/mail"
  printf '%s %s/\n' "$unit" unit "$organizer" organizer >"$s/postfix/mailboxes"
  printf '%s %s\n' "$unit" "$unit" "$organizer" "$organizer" >"$s/postfix/logins"
  cat >"$s/postfix/main.cf" <<CF
compatibility_level = 3.6
queue_directory = $s/spool
data_directory = $s/data
maillog_file = $s/postfix.log
maillog_file_prefixes = $s
myhostname = mail.organizer.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
default_transport = error:no mail leaves this machine
relay_transport = error:no mail leaves this machine
alias_maps =
virtual_mailbox_domains = units.example, organizer.example
virtual_mailbox_maps = texthash:$s/postfix/mailboxes
virtual_mailbox_base = $s/mail
virtual_mailbox_limit = 0
virtual_uid_maps = static:$(id -u mail)
virtual_gid_maps = static:$(id -g mail)
virtual_minimum_uid = 1
message_size_limit = $limit
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_sender_login_maps = texthash:$s/postfix/logins
smtpd_client_restrictions = permit_sasl_authenticated, reject
smtpd_sender_restrictions = reject_sender_login_mismatch
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_tls_cert_file = $s/tls/server.pem
smtpd_tls_key_file = $s/tls/server.key
smtpd_tls_auth_only = yes
smtpd_forbid_bare_newline = normalize
CF
  cat >"$s/postfix/master.cf" <<CF
127.0.0.1:$smtps inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
127.0.0.1:$submission inet n - n - - smtpd -o smtpd_tls_security_level=encrypt
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
CF
  postfix -c "$s/postfix" start
}

dovecot_up() {
  printf '%s:{PLAIN}%s\n' "$unit" "$code" "$organizer" "$code" >"$s/users"
  mkdir -p "$s/run"
  cat >"$s/dovecot.conf" <<CF
base_dir = $s/run
log_path = $s/dovecot.log
listen = 127.0.0.1
protocols = imap
ssl = required
ssl_cert = <$s/tls/server.pem
ssl_key = <$s/tls/server.key
auth_mechanisms = plain login
first_valid_uid = 1
mail_location = maildir:~/
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u $s/users
}
userdb {
  driver = static
  args = uid=mail gid=mail home=$s/mail/%{if;%u;eq;$unit;unit;organizer}
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox 垃圾邮件 {
    auto = create
  }
  mailbox 已发送 {
    auto = create
  }
}
service imap-login {
  inet_listener imap {
    port = $imap
  }
  inet_listener imaps {
    port = $imaps
  }
}
service auth {
  unix_listener $s/spool/private/auth {
    mode = 0660
    user = postfix
    group = postfix
  }
}
CF
  dovecot -c "$s/dovecot.conf"
}

mailpit_up() {
  local bin=${XDG_CACHE_HOME:-$HOME/.cache}/baosong-ci/$mailpit_version
  [ -x "$bin/mailpit" ] || CGO_ENABLED=0 GOBIN=$bin GOFLAGS=-modcacherw go install "github.com/axllent/mailpit@$mailpit_version"
  printf '%s:%s\n' "$unit" plain-code >"$s/pit-users"
  "$bin/mailpit" --listen "127.0.0.1:$pit_http" --smtp "127.0.0.1:$pit_smtp" --database "$s/pit.db" \
    --smtp-auth-file "$s/pit-users" --smtp-tls-cert "$s/tls/server.pem" --smtp-tls-key "$s/tls/server.key" \
    --smtp-require-tls --smtp-strict-rfc-headers --smtp-disable-rdns --disable-version-check \
    --smtp-allowed-recipients '^(unit01@units|collect@organizer)\.example$' >"$s/mailpit.log" 2>&1 &
  mailpit_pid=$!
}

wait_for() {
  for _ in $(seq 100); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$2") 2>/dev/null; then return; fi
    sleep 0.1
  done
  echo "$1 did not come up:" >&2
  tail -n 20 "$s"/*.log >&2
  return 1
}

json_code=${code//\\/\\\\}
json_code=${json_code//\"/\\\"}
site() { # NAME SMTP-PORT SECURITY IMAP-PORT SECURITY CODE LIMIT HTTP FROM TO
  cat <<JSON
{"name": "$1", "from": "$9", "to": "${10}", "unknown": "nobody@organizer.example", "code": "$6",
 "smtp": {"host": "127.0.0.1", "port": $2, "security": "$3"}, "imap": {"host": "127.0.0.1", "port": $4, "security": "$5"},
 "limit": $7, "authority": "$s/tls/ca.pem", "http": "$8"}
JSON
}

authority
postfix_up
dovecot_up
mailpit_up
wait_for postfix $smtps
wait_for postfix $submission
wait_for dovecot $imaps
wait_for mailpit $pit_smtp
wait_for mailpit $pit_http
{
  echo '['
  site "postfix and dovecot, TLS" $smtps tls $imaps tls "$json_code" $limit '' $unit $organizer
  echo ,
  site "postfix and dovecot, STARTTLS" $submission starttls $imap starttls "$json_code" $limit '' $organizer $unit
  echo ,
  site mailpit $pit_smtp tls $pit_smtp tls plain-code 0 "http://127.0.0.1:$pit_http" $unit $organizer
  echo ']'
} >"$s/sites.json"
export BAOSONG_TEST_MAIL=$s/sites.json
echo "postfix $(postconf -d -h mail_version), dovecot $(dovecot --version), mailpit $mailpit_version"
state=0
"$@" || state=$?
if [ $state != 0 ]; then
  tail -n 40 "$s/postfix.log" "$s/dovecot.log" "$s/mailpit.log" >&2
fi
exit $state
