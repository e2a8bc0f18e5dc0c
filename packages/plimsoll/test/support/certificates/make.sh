#!/bin/sh
# Makes the certificates of this folder anew; README.md says what each is for.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
here_names='DNS:localhost,DNS:app.localhost,IP:127.0.0.1,IP:::1'

key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"; }

# By the authority: name, subject, extensions, and the first and last instant, if not the usual ones.
# Dates are fixed: a certificate that begins today is not valid on a machine whose clock is behind.
signed() {
  name=$1 subject=$2 extensions=$3 first=${4:-20240101000000Z} last=${5:-21250101000000Z}
  key "$name"
  printf '%b\n' "$extensions" >"$work/extensions"
  openssl req -new -key "$name.key" -subj "/CN=$subject" -out "$work/request"
  # $by: empty, or how to sign by itself.
  openssl ca -batch -notext -config "$work/ca.conf" -in "$work/request" -out "$name.pem" \
    -extfile "$work/extensions" -startdate "$first" -enddate "$last" ${by:-}
}
by_itself() { by="-selfsign -keyfile $1.key" && signed "$@" && by=; }

cat >"$work/ca.conf" <<CONF
[ca]
default_ca = tests
[tests]
database = $work/index
new_certs_dir = $work
rand_serial = yes
private_key = ca.key
certificate = ca.pem
default_md = sha256
policy = any
[any]
commonName = supplied
CONF
: >"$work/index"
echo 'unique_subject = no' >"$work/index.attr"

by_itself ca 'plimsoll test authority' 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign'
by_itself self-signed localhost "subjectAltName=$here_names"
signed server localhost "subjectAltName=$here_names"
signed wrong-name other.example 'subjectAltName=DNS:other.example'
signed expired localhost "subjectAltName=$here_names" 20200101000000Z 20200102000000Z
signed client 'plimsoll test client' 'extendedKeyUsage=clientAuth'
openssl pkcs8 -topk8 -in client.key -passout pass:plimsoll -out client-encrypted.key
