"""The Lua scripts by which replicas agree. Times are the Redis server's own, so that the clocks
of the replicas need not agree; all keys are given as KEYS, as clusters demand."""

# Each script takes what lies under a key for ours only if it is of our kind; else it is deleted.
_OURS = """
local function ours(key, kind)
  local found = redis.call('TYPE', key).ok
  if found ~= kind and found ~= 'none' then redis.call('UNLINK', key) end
end
"""

# A turn of the pace. KEYS: pace, gate, turns, there. ARGV: interval in microseconds, burst, turns
# in a window, window in microseconds, the replica's name, requests of its that left late.
# Gives {microseconds to wait, milliseconds for which the gate is closed, replicas there}.
# The burst is a generic cell rate; the window is kept by the times of its last turns, all of them.
TURN = (
    _OURS
    + """
ours(KEYS[1], 'string') ours(KEYS[3], 'list') ours(KEYS[4], 'zset')
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local most, window = tonumber(ARGV[3]), tonumber(ARGV[4])
-- Who has not taken a turn for two windows, at least a minute, is not there any more.
local absent = math.max(2 * window, 60000000)
redis.call('ZADD', KEYS[4], string.format('%.0f', now), ARGV[5])
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', string.format('%.0f', now - absent))
redis.call('PEXPIRE', KEYS[4], math.ceil(absent / 1000))
local there = redis.call('ZCOUNT', KEYS[4], '-inf', string.format('%.0f', now))
for _ = 1, math.min(tonumber(ARGV[6]), most) do
  redis.call('LPUSH', KEYS[3], string.format('%.0f', now))
end
redis.call('LTRIM', KEYS[3], 0, most - 1)
redis.call('PEXPIRE', KEYS[3], math.ceil(window / 1000) + 1000)
local shut = redis.call('PTTL', KEYS[2])
if shut > 0 then return {0, shut, there} end
local due = tonumber(redis.call('GET', KEYS[1]) or 0) or 0
if not (due > now) then due = now end
-- Turns are given only when they are due, so nobody of ours has put it further than this.
if due > now + burst * interval then due = now end
local wait = due - (burst - 1) * interval - now
local first = redis.call('LINDEX', KEYS[3], most - 1)
if first and not (tonumber(first) and tonumber(first) <= now) then
  -- Nobody of ours has taken a turn that is still to come: the list is not ours.
  redis.call('UNLINK', KEYS[3])
  first = nil
end
if first then
  first = tonumber(first)
  wait = math.max(wait, first + window - now)
end
if wait > 0 then return {math.ceil(wait), 0, there} end
due = due + interval
redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000) + 1000)
redis.call('LPUSH', KEYS[3], string.format('%.0f', now))
redis.call('LTRIM', KEYS[3], 0, most - 1)
redis.call('PEXPIRE', KEYS[3], math.ceil(window / 1000) + 1000)
return {0, 0, there}
"""
)

# KEYS: gate. ARGV: milliseconds. Only ever extends.
SHUT = """
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
end
return 1
"""

# KEYS: budget, a hash of counts per second. ARGV: 'call' or 'retry', window in seconds,
# share, floor. Gives 1 if it was counted.
BUDGET = (
    _OURS
    + """
ours(KEYS[1], 'hash')
local now = tonumber(redis.call('TIME')[1])
local window = tonumber(ARGV[2])
local calls, retries = 0, 0
local seen = redis.call('HGETALL', KEYS[1])
for i = 1, #seen, 2 do
  local kind, second = string.match(seen[i], '^([cr])(%d+)$')
  local count = tonumber(seen[i + 1])
  if not kind or not count or tonumber(second) <= now - window or tonumber(second) > now then
    redis.call('HDEL', KEYS[1], seen[i])
  elseif kind == 'c' then
    calls = calls + count
  else
    retries = retries + count
  end
end
if ARGV[1] == 'retry' and retries + 1 > tonumber(ARGV[3]) * calls + tonumber(ARGV[4]) then
  return 0
end
local kind = ARGV[1] == 'retry' and 'r' or 'c'
redis.call('HINCRBY', KEYS[1], kind .. now, 1)
redis.call('PEXPIRE', KEYS[1], (window + 1) * 1000)
return 1
"""
)

# KEYS: lease. ARGV: token, milliseconds. Gives 1 if it was taken. A lease that lasts for longer
# than any of ours is nobody's.
TAKE = """
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
local left = redis.call('PTTL', KEYS[1])
if left >= 0 and left <= tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""

# KEYS: lease. ARGV: token, milliseconds. Gives 1 while the lease is the token's.
RENEW = (
    _OURS
    + """
ours(KEYS[1], 'string')
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 0
"""
)

# KEYS: lease, note. ARGV: token, note ('' for none), milliseconds to keep the note.
RELEASE = (
    _OURS
    + """
ours(KEYS[1], 'string')
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] ~= '' then redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3]) end
return redis.call('DEL', KEYS[1])
"""
)

# KEYS: a note or a body. ARGV: the most bytes. Gives {0} where there is nothing, {1, content}, or
# {2} where there was what nobody of ours wrote: of another kind, or larger. It is gone then.
READ = """
local found = redis.call('TYPE', KEYS[1]).ok
if found == 'none' then return {0} end
if found ~= 'string' or redis.call('STRLEN', KEYS[1]) > tonumber(ARGV[1]) then
  redis.call('UNLINK', KEYS[1])
  return {2}
end
return {1, redis.call('GET', KEYS[1])}
"""
