//! What runs on the server: each script whole, with nothing in between.
//!
//! Under `<name>:<run>:` there are `g`, the number of the generation (0 if it is not there), which a removal of everything
//! raises; `old`, the set of former generations of which something is left; `l:<key>`, a lease. Under
//! `<name>:<run>:<generation>:` there are: `e:<key>`, the entry as [`Stored::encode`](crate::Stored::encode) writes it, which
//! the server lets go when it expires; `k`, a sorted set in which all scores are 0, so that it is ordered by its members,
//! `<key>\1<size> <tag> <tag>…`; `x`, the same members by the moment in which they expire, in milliseconds; `t:<tag>`,
//! the set of the keys that have a tag; `b`, the sum of the sizes. Keys and tags have no control characters, so \1 parts
//! them from what follows, and \2 comes after all that.

/// Finds and drops entries; the head of the other scripts. The index is read from, not the entry: what the server let go
/// by itself is dropped from the index as well.
const HEAD: &str = r"
local root = KEYS[1]
local generation = redis.call('GET', root .. 'g') or '0'
local p = root .. generation .. ':'
local function find(key)
  return redis.call('ZRANGEBYLEX', p .. 'k', '[' .. key .. '\1', '(' .. key .. '\2', 'LIMIT', 0, 1)[1]
end
local function drop(members)
  if #members == 0 then return 0 end
  local names, total, tagged = {}, 0, {}
  for n, member in ipairs(members) do
    local key, size, tags = string.match(member, '^([^\1]*)\1(%d+)(.*)$')
    names[n], total = p .. 'e:' .. key, total + size
    for tag in string.gmatch(tags, '[^ ]+') do
      tagged[tag] = tagged[tag] or {}
      table.insert(tagged[tag], key)
    end
  end
  redis.call('ZREM', p .. 'k', unpack(members))
  redis.call('ZREM', p .. 'x', unpack(members))
  redis.call('DECRBY', p .. 'b', total)
  for tag, keys in pairs(tagged) do redis.call('SREM', p .. 't:' .. tag, unpack(keys)) end
  return redis.call('UNLINK', unpack(names))
end
";

/// Stores an entry. Says whether it did, and how many others it let go for want of space; where too many would have to
/// go at once, it stores nothing and wants to be asked again. Tells the others if it replaced an entry that was made at
/// another moment: bytes 4 to 12 of an entry are that moment.
const PUT: &str = r"
local key, value, size, member = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local life, expires, now, limit = ARGV[5], ARGV[6], ARGV[7], tonumber(ARGV[8])
drop(redis.call('ZRANGEBYSCORE', p .. 'x', '-inf', now, 'LIMIT', 0, 16))
local old = find(key)
if old then
  if redis.call('GETRANGE', p .. 'e:' .. key, 4, 11) ~= string.sub(value, 5, 12) then
    redis.call('PUBLISH', ARGV[9], ARGV[10])
  end
  drop({old})
end
local evicted = 0
while tonumber(redis.call('GET', p .. 'b') or 0) + size > limit do
  local next = redis.call('ZRANGE', p .. 'x', 0, 0)[1]
  if not next then break end
  if evicted == 100 then return {0, evicted} end
  drop({next})
  evicted = evicted + 1
end
redis.call('SET', p .. 'e:' .. key, value, 'PX', life)
redis.call('ZADD', p .. 'k', 0, member)
redis.call('ZADD', p .. 'x', expires, member)
redis.call('INCRBY', p .. 'b', size)
for n = 11, #ARGV do redis.call('SADD', p .. 't:' .. ARGV[n], key) end
return {1, evicted}
";

/// Removes some of what is meant, or everything at once by beginning a new generation. Says how many those were, and
/// whether there is more; tells the others when there is not.
const REMOVE: &str = r"
local kind, text, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
local found, seen = {}, 0
if kind == 'K' then
  found[1] = find(text)
elseif kind == 'T' then
  local keys = redis.call('SRANDMEMBER', p .. 't:' .. text, most)
  seen = #keys
  for _, key in ipairs(keys) do
    local member = find(key)
    if member then found[#found + 1] = member else redis.call('SREM', p .. 't:' .. text, key) end
  end
elseif kind == 'P' then
  found = redis.call('ZRANGEBYLEX', p .. 'k', '[' .. text, '(' .. text .. '\255', 'LIMIT', 0, most)
else
  local all = redis.call('ZCARD', p .. 'k')
  -- A server that is full takes no note of anything, and drops entries one by one.
  local noted = all > 0 and redis.pcall('SADD', root .. 'old', generation)
  if type(noted) == 'number' then
    redis.call('INCR', root .. 'g')
    redis.call('PUBLISH', ARGV[4], ARGV[5])
    return {all, 0}
  end
  found = redis.call('ZRANGE', p .. 'k', 0, most - 1)
end
local removed = drop(found)
if math.max(#found, seen) == most then return {removed, 1} end
if redis.call('EXISTS', p .. 'k') == 0 then redis.call('DEL', p .. 'b') end
redis.call('PUBLISH', ARGV[4], ARGV[5])
return {removed, 0}
";

/// Drops some of what former generations have left, and says whether there is more.
const SWEEP: &str = r"
local most, old = tonumber(ARGV[1]), redis.call('SRANDMEMBER', root .. 'old')
if not old then return 0 end
p = root .. old .. ':'
local found = redis.call('ZRANGE', p .. 'k', 0, most - 1)
drop(found)
if #found < most then
  redis.call('DEL', p .. 'b')
  redis.call('SREM', root .. 'old', old)
end
return redis.call('EXISTS', root .. 'old')
";

/// Ends a lease, if it is still the one that was given.
const RELEASE: &str = r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('UNLINK', KEYS[1])
";

/// The text of each script, in the order of [`Scripts`]'s fields.
pub(super) fn texts() -> [String; 4] {
    [format!("{HEAD}{PUT}"), format!("{HEAD}{REMOVE}"), format!("{HEAD}{SWEEP}"), RELEASE.to_owned()]
}

/// The names under which a server keeps the scripts.
#[derive(Debug)]
pub(super) struct Scripts {
    pub(super) put: String,
    pub(super) remove: String,
    pub(super) sweep: String,
    pub(super) release: String,
}
