# Flattens a JSON document: a line for each value, path and value with a tab between. Keys and
# places are joined by slashes. Ends with 1 where the text is no JSON, or too long for a small device.

{ text = text $0 "\n" }

END {
  if (length(text) > 65536) exit 1
  value("", 0)
  skip()
  exit bad || text != ""
}

function skip() { sub(/^[ \t\r\n]+/, "", text) }

function eat(count) { text = substr(text, count + 1) }

function value(path, depth, first) {
  skip()
  first = substr(text, 1, 1)
  if (bad || depth > 20) bad = 1
  else if (first == "{") members(path, depth)
  else if (first == "[") places(path, depth)
  else if (first == "\"") print path "\t" word()
  else if (match(text, /^(-?[0-9][0-9.eE+-]*|true|false|null)/)) {
    print path "\t" substr(text, 1, RLENGTH)
    eat(RLENGTH)
  } else bad = 1
}

function members(path, depth, key) {
  eat(1)
  skip()
  while (!bad && text !~ /^}/) {
    if (text !~ /^"/) { bad = 1; return }
    key = word()
    skip()
    if (text !~ /^:/) { bad = 1; return }
    eat(1)
    value(path == "" ? key : path "/" key, depth + 1)
    if (!next_one("}")) return
  }
  eat(1)
}

function places(path, depth, at) {
  eat(1)
  skip()
  while (!bad && text !~ /^]/) {
    value(path == "" ? at + 0 : path "/" (at + 0), depth + 1)
    at++
    if (!next_one("]")) return
  }
  eat(1)
}

# 1 while there may be another; the bracket itself is left
function next_one(end) {
  skip()
  if (substr(text, 1, 1) == end) return 1
  if (text !~ /^,/) { bad = 1; return 0 }
  eat(1)
  skip()
  return 1
}

function word(found, code) {
  if (!match(text, /^"([^"\\]|\\.)*"/)) { bad = 1; return "" }
  found = substr(text, 2, RLENGTH - 2)
  eat(RLENGTH)
  if (index(found, "\\")) found = unescaped(found)
  gsub(/[\001-\037\177]/, " ", found)
  return found
}

function unescaped(from, to, at, sign) {
  while (at = index(from, "\\")) {
    to = to substr(from, 1, at - 1)
    sign = substr(from, at + 1, 1)
    if (sign == "u") {
      to = to letter(substr(from, at + 2, 4))
      from = substr(from, at + 6)
      continue
    }
    to = to (index("bfnrt", sign) ? " " : sign)
    from = substr(from, at + 2)
  }
  return to from
}

# what is not ASCII stays a question mark: names of checks and networks come as they are
function letter(hex, i, code) {
  for (i = 1; i <= 4; i++) code = code * 16 + index("0123456789abcdef", tolower(substr(hex, i, 1))) - 1
  return code >= 32 && code < 127 ? sprintf("%c", code) : "?"
}
