#!/usr/bin/env bash
# Writes everything new since the last run into a file of its own. Run it again after any failure: nothing is lost or doubled.
set -euo pipefail
folder=${1:?the folder to export into}
mkdir -p "$folder"
cursor=$(cat "$folder/cursor" 2>/dev/null || true)

curl --silent --show-error --fail-with-body --dump-header "$folder/headers" --output "$folder/new" \
  --header "Authorization: Bearer $READER_KEY" --header "Accept: application/x-ndjson" \
  "$WORKFLOW_URL/v1/events?after=$cursor"

# Positions have no gap: so many lines lie between the first and the last, or the file is not whole.
position() { sed 's/.*"position": *\([0-9]*\).*/\1/'; }
if [[ -s $folder/new ]]; then
  first=$(head -n 1 "$folder/new" | position) last=$(tail -n 1 "$folder/new" | position)
  [[ $(wc -l < "$folder/new") -eq $((last - first + 1)) ]] || { echo "The export has a gap." >&2; exit 1; }
  mv "$folder/new" "$folder/events-from-$(printf '%012d' "$first").ndjson"
fi
# Last, so that a run that dies before this line is done again under the same file name.
tr -d '\r' < "$folder/headers" | sed -n 's/^[Nn]ext-[Cc]ursor: //p' > "$folder/cursor.new"
mv "$folder/cursor.new" "$folder/cursor"
